package page_test

import (
	"fmt"
	"net/url"
	"slices"
	"time"

	"carillon/internal/access"
	"carillon/internal/audit"
	"carillon/internal/i18n"
	"carillon/internal/job"
	"carillon/views/layout"
	"carillon/views/page"
)

// now is the moment in which all fixtures live.
func now() time.Time { return time.Date(2026, 3, 10, 14, 30, 12, 0, time.UTC) }

func berlin() *time.Location {
	zone, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		panic(err)
	}
	return zone
}

// shell is that of an administrator.
func shell(title string, section layout.Section) layout.Shell {
	return layout.Shell{
		Title: i18n.M(title), Section: section, Now: now(), Zone: berlin(), Version: "v0.1.0", Path: "/jobs",
		User:  access.User{ID: "u1", Name: "ada", Role: access.Admin},
		Can:   func(access.Permission) bool { return true },
		Asset: func(name string) string { return "/static/" + name },
	}
}

// as narrows a shell to some permissions.
func as(s layout.Shell, granted ...access.Permission) layout.Shell {
	s.Can = func(p access.Permission) bool {
		return slices.Contains(granted, p)
	}
	return s
}

func kinds() []job.KindSpec {
	return []job.KindSpec{
		{Name: "Shell", Icon: "terminal", Params: []job.Param{
			{Name: "command", Type: job.ParamText, Placeholder: "df -h /"},
			{Name: "script", Type: job.ParamCode},
			{Name: "interpreter", Type: job.ParamChoice, Options: []string{"sh", "bash", "python3"}, Default: "sh"},
			{Name: "environment", Type: job.ParamMap, Advanced: true},
			{Name: "workingDirectory", Type: job.ParamText, Advanced: true},
		}},
		{Name: "HttpRequest", Icon: "globe", Params: []job.Param{
			{Name: "url", Type: job.ParamURL, Required: true, Placeholder: "https://example.com/health"},
			{Name: "headers", Type: job.ParamMap},
			{Name: "timeout", Type: job.ParamNumber, Default: 30},
		}},
		{Name: "Sleep", Icon: "moon", Params: []job.Param{{Name: "delay", Type: job.ParamNumber, Default: 20000}}},
		{Name: "Console", Icon: "message", Params: []job.Param{{Name: "message", Type: job.ParamText, Required: true}}},
	}
}

func cron(text, zone string) job.Schedule {
	return job.Schedule{Type: job.Cron, Cron: text, Zone: zone}
}

// row is one job of the list with a history in which every nth run failed.
func row(n int, group, name, kind string, s job.Schedule, state job.State, last job.RunState, failEach int) page.JobRow {
	id := job.ID(fmt.Sprintf("019cd8a0-0000-7000-8000-%012d", n))
	j := job.Job{
		ID: id, State: state, Source: job.SourceUser, Revision: 3, LastOutcome: last, TriggerCount: int64(n) * 37,
		CreatedAt: now().Add(-90 * 24 * time.Hour),
		Definition: job.Definition{
			Group: group, Name: name, Kind: kind, Schedule: s, Owner: "ops", Overlap: job.OverlapSkip,
			Misfire: job.MisfireRunOnce, Priority: job.Normal, Timeout: 600, Retry: job.Retry{Limit: 3, Delay: 30, Factor: 2},
			Args: job.Args{"command": "df -h / | tail -1"},
		},
	}
	r := page.JobRow{Job: j, Zone: berlin()}
	if last != "" {
		r.Job.LastRunAt = now().Add(-time.Duration(n*n*73) * time.Second)
		for i := range 30 {
			started := r.Job.LastRunAt.Add(-time.Duration(i) * 15 * time.Minute)
			took := time.Duration(800+((i*7919+n*131)%13)*900) * time.Millisecond
			b := job.Bar{RunID: job.RunID(fmt.Sprintf("019cd8b%04x-7000-8000-%012d", n, i)), State: job.RunSucceeded, StartedAt: started, FinishedAt: started.Add(took), CreatedAt: started}
			if failEach > 0 && i%failEach == failEach-1 {
				b.State = job.RunFailed
			}
			if i == 0 {
				b.State = last
			}
			r.Bars = append(r.Bars, b)
		}
	}
	if state == job.Active {
		r.Job.NextRunAt = now().Add(time.Duration(n*n*n*11+8) * time.Second)
	}
	return r
}

func rows() []page.JobRow {
	list := []page.JobRow{
		row(1, "backup", "Nightly database dump", "Shell", cron("0 3 * * *", "Europe/Berlin"), job.Active, job.RunSucceeded, 0),
		row(2, "backup", "Off-site copy", "Shell", cron("30 4 * * 1-5", "Europe/Berlin"), job.Active, job.RunFailed, 6),
		row(3, "backup", "Restore drill", "Shell", cron("0 9 1 * *", "Europe/Berlin"), job.Paused, job.RunSucceeded, 11),
		row(4, "billing", "Close the month", "HttpRequest", cron("0 2 L * *", "America/New_York"), job.Active, job.RunSucceeded, 0),
		row(5, "billing", "Send reminders", "HttpRequest", cron("*/15 8-17 * * 1-5", "Europe/Berlin"), job.Active, job.RunTimedOut, 9),
		row(6, "health", "Probe api.example.com", "HttpRequest", job.Schedule{Type: job.Interval, Every: 10}, job.Active, job.RunSucceeded, 14),
		row(7, "health", "Disk space", "Shell", cron("*/5 * * * *", ""), job.Active, job.RunSucceeded, 0),
		row(8, "health", "Certificate expiry", "Shell", cron("15 */6 * * *", ""), job.Stopped, job.RunFailed, 2),
		row(9, "reports", "Weekly numbers", "Shell", cron("0 7 * * 1", "Asia/Shanghai"), job.Active, "", 0),
		row(10, "reports", "Year-end archive", "Shell", job.Schedule{Type: job.Once, BeginAt: now().Add(-48 * time.Hour)}, job.Completed, job.RunSucceeded, 0),
	}
	list[0].Job.Tags = []string{"postgres", "critical"}
	list[5].Live = job.Live{Running: 1}
	list[4].Live = job.Live{Waiting: 1}
	list[2].Job.PausedUntil, list[2].Job.PauseReason = now().Add(70*time.Hour), "storage is being moved"
	list[7].Job.Abandoned, list[7].Job.TryCount = true, 5
	list[1].LastActor, list[1].LastTrigger = job.By{ID: "u2", Name: "olga"}, job.TriggerManual
	return list
}

func runs() []job.Run {
	states := []job.RunState{
		job.RunRunning, job.RunQueued, job.RunFailed, job.RunSucceeded, job.RunTimedOut, job.RunSucceeded,
		job.RunLost, job.RunCancelled, job.RunSkipped, job.RunMissed,
	}
	all := rows()
	var list []job.Run
	for i, s := range states {
		j := all[i%len(all)].Job
		r := job.Run{
			ID: job.RunID(fmt.Sprintf("019cd8c0-0000-7000-8000-%012d", i)), JobID: j.ID, JobRevision: 3, Group: j.Group, Name: j.Name, Kind: j.Kind,
			Attempt: 1, Trigger: job.TriggerSchedule, Priority: job.Normal, State: s, Occurrences: 1,
		}
		r.ScheduledAt = now().Add(-time.Duration(i*i*40+20) * time.Second)
		r.CreatedAt, r.AvailableAt = r.ScheduledAt.Add(4*time.Millisecond), r.ScheduledAt
		if s != job.RunQueued && s != job.RunSkipped && s != job.RunMissed {
			r.StartedAt, r.NodeID = r.CreatedAt.Add(90*time.Millisecond), "web-1"
			if s != job.RunRunning {
				r.FinishedAt = r.StartedAt.Add(time.Duration(i*2417+310) * time.Millisecond)
			}
		}
		list = append(list, r)
	}
	three := 3
	list[2].ExitCode, list[2].Reason = &three, job.ReasonExit
	list[2].Error, list[2].Attempt, list[2].Trigger = "rsync: connection unexpectedly closed (0 bytes received so far) [sender]\nrsync error: error in rsync protocol data stream (code 12)", 2, job.TriggerRetry
	list[3].Result = "/dev/vda1  40G  18G  20G  48% /"
	list[4].Reason, list[4].Error = job.ReasonTimeout, "timed out after 30s"
	list[5].Trigger, list[5].Actor, list[5].Result = job.TriggerManual, job.By{ID: "u2", Name: "olga"}, "200 OK"
	list[6].Reason = job.ReasonNodeDied
	list[7].Reason, list[7].CancelActor = job.ReasonUser, job.By{ID: "u1", Name: "ada"}
	list[8].Reason = job.ReasonOverlap
	list[9].Reason, list[9].Occurrences = job.ReasonMisfire, 14
	return list
}

func jobList() page.JobListModel {
	return page.JobListModel{
		Shell: shell("ui.nav.jobs", layout.SectionJobs), Query: url.Values{}, Rows: rows(), Sort: job.SortGroupName, Total: 10, TotalLimit: 1000, Next: "cursor",
		Groups: []job.GroupCount{{Group: "backup", Jobs: 3}, {Group: "billing", Jobs: 2}, {Group: "health", Jobs: 3}, {Group: "reports", Jobs: 2}}, Kinds: kinds(),
	}
}

func occurrences() []page.Occurrence {
	var list []page.Occurrence
	for i := range 10 {
		list = append(list, page.Occurrence{At: time.Date(2026, 3, 24+i, 2, 30, 0, 0, time.UTC).Add(-time.Hour)})
	}
	list[5].Remark = i18n.M("schedule.note.moved", "wall", "02:30")
	return list
}

// history is a row of runs of one job, the newest first, with failures and one edit.
func history(n int) []job.Run {
	var list []job.Run
	for i := range n {
		r := runs()[5]
		r.ID = job.RunID(fmt.Sprintf("019cd8c1-0000-7000-8000-%012d", i))
		r.StartedAt = now().Add(-time.Duration(i) * time.Hour)
		r.FinishedAt = r.StartedAt.Add(time.Duration(30+(i*37)%50) * time.Second)
		if i%13 == 4 {
			r.State = job.RunFailed
		}
		if i > 22 {
			r.JobRevision = 2
		}
		list = append(list, r)
	}
	return list
}

func jobShow() page.JobShowModel {
	failed := runs()[2]
	m := page.JobShowModel{
		Shell: shell("Off-site copy", layout.SectionJobs), JobRow: rows()[1], Kind: kinds()[0], Summary: "rsync -a --delete /srv/dumps/ backup@vault:/srv/dumps/",
		Stats: job.Stats{Total: 412, Succeeded: 398, Failed: 14, P50: 42 * time.Second, P95: 131 * time.Second}, Next: occurrences(), Runs: runs(), Failure: &failed,
	}
	m.History = history(60)
	m.Job.Description = "Copies the night's dumps to the vault in Falkenstein. If it fails twice, call the storage people."
	for i := range 3 {
		m.Revisions = append(m.Revisions, job.Revision{
			JobID: m.Job.ID, Revision: int64(3 - i), At: now().Add(-time.Duration(i*i*50+2) * time.Hour), By: job.By{ID: "u1", Name: "ada"},
			Note: []string{"Wait longer between retries", "", "First version"}[i], Definition: m.Job.Definition,
		})
	}
	return m
}

func form(mode page.FormMode) page.JobFormModel {
	m := page.JobFormModel{
		Shell: shell("ui.form."+string(mode), layout.SectionJobs), Mode: mode, Kinds: kinds(), Groups: []string{"backup", "billing"}, ServerZone: "Europe/Berlin",
		Zones: []string{"Europe/Berlin", "Asia/Shanghai", "UTC"},
		Form: page.Form{Values: url.Values{
			"kind": {"Shell"}, "schedule.type": {"cron"}, "schedule.cron": {"0 3 * * *"}, "priority": {"15"}, "overlap": {"skip"}, "misfire": {"run_once"},
			"args.command": {"pg_dump shop | zstd > /srv/dumps/shop.zst"}, "timeout": {"30m"}, "name": {"Nightly database dump"}, "group": {"backup"},
		}},
		Preview: page.PreviewModel{Schedule: cron("0 3 * * *", ""), Zone: berlin(), Now: now(), Next: occurrences()[:5]},
	}
	if mode != page.FormNew {
		m.Job = rows()[0].Job
	}
	return m
}

// faulty is a form as it comes back with everything wrong.
func faulty() page.JobFormModel {
	m := form(page.FormEdit)
	m.Values.Set("schedule.cron", "0 0 30 2 *")
	m.Values.Set("retry.limit", "many")
	m.Faults = map[string]i18n.Msg{
		"schedule.cron": i18n.M("This never comes due: there is no such day."), "retry.limit": i18n.M("This must be a whole number."), "name": i18n.M("A job of this name exists in the group."),
	}
	m.Preview = page.PreviewModel{Fault: i18n.M("This never comes due: there is no such day.")}
	m.Stale = &page.StaleForm{By: job.By{Name: "olga"}, At: now().Add(-time.Minute), Changes: []page.Change{{Field: "schedule.cron", Mine: "0 0 30 2 *", Theirs: "0 4 * * *"}}}
	return m
}

func runShow(i int) page.RunShowModel {
	r := runs()[i]
	r.OutputBytes = 48_213
	j := rows()[1].Job
	m := page.RunShowModel{
		Shell: shell(r.Name, layout.SectionRuns), Run: r, Job: &j, Kind: kinds()[0], Args: job.Args{"command": "rsync -a --delete /srv/dumps/ backup@vault:/srv/dumps/", "environment": map[string]any{"RSYNC_RSH": "ssh -i /etc/vault.key"}},
		Summary: "rsync -a --delete /srv/dumps/ backup@vault:/srv/dumps/", JobZone: berlin(),
		Output: page.Output{Live: r.State == job.RunRunning, Parts: []page.OutputPart{
			{HTML: "<span class=\"term-fg32\">sending incremental file list</span>\nshop.zst\n     12,582,912  34%   11.98MB/s    0:00:01\n"},
			{Dropped: 18342},
			{Stderr: true, HTML: "rsync: connection unexpectedly closed (0 bytes received so far) [sender]\nrsync error: error in rsync protocol data stream (code 12) at io.c(228)\n"},
			{HTML: "giving up\n"},
		}},
	}
	switch r.State {
	case job.RunFailed:
		good := runs()[3]
		good.JobRevision, good.OutputBytes = 2, 90_000
		m.Diff = &page.RunDiff{Good: good, Params: []page.FieldChange{{Field: "args.command", Old: "rsync -a /srv/dumps/ vault:", New: m.Summary}}}
	case job.RunTimedOut:
		m.Diff = &page.RunDiff{}
	}
	if r.Attempt > 1 {
		first := r
		first.ID, first.Attempt, first.State = "019cd8c0-0000-7000-8000-0000000000ff", 1, job.RunFailed
		m.Attempts = []job.Run{first, r}
	}
	return m
}

func home() page.HomeModel {
	all, r := rows(), runs()
	return page.HomeModel{
		Strip: strip(),
		Shell: shell("ui.nav.home", layout.SectionHome), Kinds: kinds(),
		Attention: []page.Attention{{Job: all[1].Job, Run: &r[2], Since: now().Add(-9 * time.Minute)}, {Job: all[4].Job, Run: &r[4], Since: now().Add(-50 * time.Minute)}, {Job: all[7].Job, Since: now().Add(-31 * time.Hour)},
			{Job: all[5].Job, Run: &r[0], Since: now().Add(-5 * time.Minute), Trouble: page.TroubleOverrun, Usual: 41 * time.Second},
			{Job: all[6].Job, Since: now().Add(-3 * time.Minute), Trouble: page.TroubleLate},
			{Job: all[3].Job, Run: &r[1], Since: now().Add(-2 * time.Minute), Trouble: page.TroubleWaiting},
			{Job: all[0].Job, Run: &r[9], Since: now().Add(-2 * time.Hour), Trouble: page.TroubleMissed}},
		Quiet:    []page.Attention{{Job: all[6].Job, Since: now().Add(-26 * time.Hour), Trouble: page.TroubleQuiet}},
		Running:  []page.RunningItem{{Run: r[0], Usual: 41 * time.Second}, {Run: r[1]}},
		NextHour: []page.NextItem{{Job: all[0].Job, Zone: berlin()}, {Job: all[5].Job, Zone: berlin()}, {Job: all[4].Job, Zone: berlin()}, {Job: all[6].Job, Zone: berlin()}},
	}
}

func fresh() page.HomeModel {
	j := rows()[6].Job
	return page.HomeModel{Shell: shell("ui.nav.home", layout.SectionHome), Fresh: true, FirstJob: &j, Kinds: kinds()}
}

func auditModel() page.AuditModel {
	m := page.AuditModel{Shell: shell("ui.nav.audit", layout.SectionAudit), Query: url.Values{}, Actions: []audit.Action{audit.JobCreate, audit.JobPause}, Next: "x"}
	for i, a := range []audit.Action{audit.JobPause, audit.JobUpdate, audit.JobTrigger, audit.SignIn, audit.RunCancel, audit.TokenCreate} {
		m.Entries = append(m.Entries, audit.Entry{
			ID: fmt.Sprint(i), At: now().Add(-time.Duration(i*i*900+40) * time.Second), ActorID: "u1", ActorName: "ada", Via: "session", Address: "10.1.4.7", Action: a,
			Subject: "job", SubjectID: "019cd8a0-0000-7000-8000-000000000003", SubjectName: "backup/Restore drill", Note: []string{"storage is being moved", "", "", "", "", ""}[i],
		})
	}
	return m
}

func users() page.UsersModel {
	return page.UsersModel{Shell: shell("ui.nav.users", layout.SectionUsers), Form: page.Form{Values: url.Values{}}, Users: []access.User{
		{ID: "u1", Name: "ada", Role: access.Admin, LastSeenAt: now().Add(-time.Second)}, {ID: "u2", Name: "olga", Role: access.Operator, LastSeenAt: now().Add(-26 * time.Hour)},
		{ID: "u3", Name: "vic", Role: access.Viewer, Disabled: true},
	}, FormFor: "u2", RowForm: page.Form{Faults: map[string]i18n.Msg{"password": i18n.M("Too short.")}}}
}

func settings() page.SettingsModel {
	return page.SettingsModel{
		Shell: shell("ui.nav.settings", layout.SectionSettings), Zones: []string{"Europe/Berlin"}, Current: "h1", Secret: "crl_7Hq0kY2m1vN8sDx4",
		Sessions: []access.Session{{IDHash: "h1", LastSeenAt: now(), Address: "10.1.4.7", UserAgent: "Mozilla/5.0 Firefox/140.0"}, {IDHash: "h2", LastSeenAt: now().Add(-5 * time.Hour), Address: "10.1.4.9", UserAgent: "Mozilla/5.0 Chrome/140.0 Safari/537"}},
		Tokens:   []access.Token{{ID: "t1", Name: "deploy pipeline", LastUsedAt: now().Add(-3 * time.Minute), ExpiresAt: now().Add(2000 * time.Hour)}},
	}
}

func system() page.SystemModel {
	return page.SystemModel{
		Shell: shell("ui.nav.system", layout.SectionSystem), Started: now().Add(-53 * time.Hour), Node: "web-1", Database: "SQLite", DatabaseBytes: 83_200_113, OutputBytes: 912_331_220,
		LastTick: now(), DatabaseOK: true, Workers: 16, Queued: 2, Running: 5, ServerZone: "Europe/Berlin", GoVersion: "go1.26.8", MemoryBytes: 48_000_000,
		Duties: []page.Duty{{Name: "retention", Last: now().Add(-20 * time.Minute), Next: now().Add(40 * time.Minute)}},
	}
}

// strip is a day with a quiet night, a failure and a slot with more runs than are counted.
func strip() page.Strip {
	s := page.Strip{Width: 15 * time.Minute, Limit: 500}
	for i := range 96 {
		slot := job.Slot{From: now().Truncate(s.Width).Add(time.Duration(i-95) * s.Width), Runs: map[job.RunState]int{}}
		if i > 20 {
			slot.Runs[job.RunSucceeded] = 20 + (i*31)%40
		}
		if i%17 == 5 {
			slot.Runs[job.RunFailed] = 2
		}
		s.Slots = append(s.Slots, slot)
	}
	s.Slots[40].Runs[job.RunSucceeded] = 501
	s.Slots[90].Runs[job.RunMissed], s.Slots[90].Runs[job.RunSkipped] = 3, 4
	return s
}

// revised is a revision that changed short and long fields.
func revised() page.RevisionModel {
	return page.RevisionModel{
		Shell: shell("x", layout.SectionJobs), Job: rows()[0].Job, Revision: jobShow().Revisions[1], Kind: kinds()[0], Against: 1,
		Changes: []page.FieldChange{
			{Field: "args.script", Old: "set -e\ncd /srv\npg_dump shop\n", New: "set -eu\ncd /srv\npg_dump shop | zstd\n"},
			{Field: "args.environment", HiddenOnly: true}, {Field: "overlap", Old: "skip", New: "queue"},
			{Field: "schedule.cron", Old: "0 3 * * *", New: "30 4 * * *"}, {Field: "owner", New: "ops"},
		},
	}
}

// sheetOf is the form of a verb that takes more than a click, with a fault.
func sheetOf(verb string) page.SheetModel {
	return page.SheetModel{
		Shell: shell("x", layout.SectionJobs), Verb: verb, Job: rows()[0].Job, Kind: kinds()[0],
		Form: page.Form{
			Values: url.Values{"kind": {"Shell"}, "args.command": {"df -h"}, "until": {"2026-03-01T08:00"}},
			Faults: map[string]i18n.Msg{"until": i18n.M("This lies in the past."), "args.command": i18n.M("This is required.")},
		},
	}
}
