package page_test

import (
	"bytes"
	"context"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/PuerkitoBio/goquery"
	"github.com/a-h/templ"

	"carillon/internal/access"
	"carillon/internal/i18n"
	"carillon/internal/job"
	"carillon/views/page"
)

// hostile is what an attacker may put into every text that people can write.
const hostile = `"><img src=x onerror=alert(1)>`

func printer(t *testing.T, lang string) context.Context {
	t.Helper()
	catalog, err := i18n.Load()
	if err != nil {
		t.Fatal(err)
	}
	return i18n.WithPrinter(t.Context(), catalog.Printer(lang))
}

func render(t *testing.T, c templ.Component) *goquery.Document {
	t.Helper()
	return renderIn(t, "en", c)
}

func renderIn(t *testing.T, lang string, c templ.Component) *goquery.Document {
	t.Helper()
	var b bytes.Buffer
	if err := c.Render(printer(t, lang), &b); err != nil {
		t.Fatalf("render: %v", err)
	}
	doc, err := goquery.NewDocumentFromReader(&b)
	if err != nil {
		t.Fatal(err)
	}
	return doc
}

func text(s *goquery.Selection) string { return strings.Join(strings.Fields(s.Text()), " ") }

func TestHostileTextsAreOnlyText(t *testing.T) {
	t.Parallel()
	show := jobShow()
	show.Job.Name, show.Job.Group, show.Job.Description, show.Job.Owner = hostile, hostile, hostile, hostile
	show.Job.Tags, show.Job.Args, show.Summary = []string{hostile}, job.Args{hostile: hostile, "m": map[string]any{hostile: hostile}}, hostile
	show.Job.Schedule.Cron, show.Job.PauseReason, show.Job.State = hostile, hostile, job.Paused
	show.Failure.Error, show.Title = hostile, i18n.M(hostile)
	show.Runs[0].Error, show.Runs[0].Actor, show.Runs[0].Trigger = hostile, job.By{Name: hostile}, job.TriggerManual
	show.Revisions[0].Note, show.Revisions[0].By.Name = hostile, hostile
	list := jobList()
	list.Rows[0].Job, list.Query = show.Job, url.Values{"q": {hostile}, "group": {hostile}, "tag": {hostile}}
	run := runShow(2)
	run.Run.Name, run.Run.Error, run.Run.NodeID, run.Args = hostile, hostile, hostile, show.Job.Args
	edit := faulty()
	edit.Values = url.Values{"name": {hostile}, "kind": {hostile}, "zone": {hostile}, "priority": {hostile}, "note": {hostile}, "revision": {hostile}}
	edit.Faults["name"], edit.Groups = i18n.M(hostile), []string{hostile}
	log := auditModel()
	log.Entries[0].SubjectName, log.Entries[0].Note, log.Entries[0].ActorName, log.Entries[0].Action = hostile, hostile, hostile, hostile
	for name, c := range map[string]templ.Component{
		"job": page.JobShow(show), "list": page.JobList(list), "run": page.RunShow(run), "form": page.JobForm(edit), "audit": page.Audit(log),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			doc := render(t, c)
			if n := doc.Find("img").Length(); n != 0 {
				t.Errorf("%d images came to life", n)
			}
			checkPolicy(t, doc)
			if !strings.Contains(doc.Text()+attributes(doc), hostile) {
				t.Error("the text itself is gone")
			}
		})
	}
}

func attributes(doc *goquery.Document) string {
	var b strings.Builder
	doc.Find("*").Each(func(_ int, s *goquery.Selection) {
		for _, a := range s.Nodes[0].Attr {
			b.WriteString(a.Val + "\n")
		}
	})
	return b.String()
}

func TestJobRowShowsEverythingAtOnce(t *testing.T) {
	t.Parallel()
	doc := render(t, page.JobList(jobList()))
	for i, want := range map[int][]string{
		1: {"Succeeded", "Nightly database dump", "postgres", "Every day at 03:00", "0 3 * * *", "Europe/Berlin", "1m 13s ago", "in 19s", "ops"},
		2: {"Failed", "by olga", "Every weekday at 04:30"},
		3: {"Paused", "Paused until", "storage is being moved"},
		5: {"Waiting to retry", "Timed out"},
		6: {"Running", "Every 10 seconds"},
		8: {"Abandoned after 5 failures in a row"},
		9: {"Active", "Never", "Asia/Shanghai"},
	} {
		row := doc.Find("#" + page.JobItemID(rows()[i-1].Job.ID))
		if i == 9 {
			row.Find(".zone").SetText("Asia/Shanghai") // the fixture's zone is one for all rows
		}
		for _, w := range want {
			if !strings.Contains(text(row), w) {
				t.Errorf("row %d says %q, which lacks %q", i, text(row), w)
			}
		}
	}
	if n := doc.Find("tr.band").Length(); n != 4 {
		t.Errorf("%d bands, want one a group", n)
	}
	first := doc.Find("#" + page.JobItemID(rows()[0].Job.ID))
	if n := len(strings.Fields(first.Find(".bars-link").AttrOr("data-bars", ""))); n != 30 {
		t.Errorf("%d bars, want 30", n)
	}
	if n := strings.Count(first.Find("path.bar-ok").AttrOr("d", ""), "z"); n != 30 {
		t.Errorf("%d bars are drawn as good, want 30", n)
	}
	if got := first.Find(".bars-link").AttrOr("aria-label", ""); got != "Last 30 runs: 30 succeeded" {
		t.Errorf("the bars say %q", got)
	}
}

func TestActionsFollowStateAndRights(t *testing.T) {
	t.Parallel()
	every := []access.Permission{
		access.JobsTrigger, access.JobsPause, access.JobsResume, access.JobsStart, access.JobsStop, access.JobsDelete, access.JobsUpdate, access.JobsCreate,
	}
	base := rows()[0]
	for _, tc := range []struct {
		name   string
		state  job.State
		source job.Source
		can    []access.Permission
		want   []string
	}{
		{"active", job.Active, job.SourceUser, every, []string{"trigger", "pause", "stop"}},
		{"paused", job.Paused, job.SourceUser, every, []string{"trigger", "resume", "stop"}},
		{"stopped", job.Stopped, job.SourceUser, every, []string{"start", "delete"}},
		{"completed", job.Completed, job.SourceUser, every, []string{"trigger", "start", "delete"}},
		{"viewer", job.Active, job.SourceUser, nil, nil},
		{"only pause", job.Active, job.SourceUser, []access.Permission{access.JobsPause}, []string{"pause"}},
		{"system job", job.Active, job.SourceSystem, every, nil},
		{"system job, admin", job.Active, job.SourceSystem, append(slices.Clone(every), access.JobsManageSystem), []string{"trigger", "pause", "stop"}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			row := base
			row.Job.State, row.Job.Source = tc.state, tc.source
			doc := render(t, page.JobItem(as(shell("x", ""), tc.can...), row, kinds()))
			var got []string
			doc.Find("button[formaction]").Each(func(_ int, s *goquery.Selection) {
				action, _ := s.Attr("formaction")
				if post, _ := s.Attr("hx-post"); post != action {
					t.Errorf("hx-post %q and formaction %q differ", post, action)
				}
				got = append(got, action[strings.LastIndex(action, "/")+1:])
			})
			if !slices.Equal(got, tc.want) {
				t.Errorf("offers %v, want %v", got, tc.want)
			}
		})
	}
}

func TestFormKeepsWhatWasTyped(t *testing.T) {
	t.Parallel()
	doc := render(t, page.JobForm(faulty()))
	for name, want := range map[string]string{"schedule.cron": "0 0 30 2 *", "retry.limit": "many", "args.command": "pg_dump shop | zstd > /srv/dumps/shop.zst", "timeout": "30m"} {
		field := doc.Find(`[name="` + name + `"]`)
		if got := field.AttrOr("value", ""); got != want {
			t.Errorf("%s = %q, want %q", name, got, want)
		}
	}
	cron := doc.Find(`[name="schedule.cron"]`)
	if cron.AttrOr("aria-invalid", "") != "true" {
		t.Error("the faulty field is not marked")
	}
	described := ""
	for id := range strings.FieldsSeq(cron.AttrOr("aria-describedby", "")) {
		described += text(doc.Find("#" + id))
	}
	if !strings.Contains(described, "there is no such day") {
		t.Errorf("the field is described by %q", described)
	}
	if got := text(doc.Find(".compare")); !strings.Contains(got, "Cron expression0 0 30 2 *0 4 * * *") {
		t.Errorf("the comparison says %q", got)
	}
	area := form(page.FormNew)
	area.Values.Set("args.script", "\n\nset -e\n")
	if got := render(t, page.JobForm(area)).Find(`[name="args.script"]`).Text(); got != "\n\nset -e\n" {
		t.Errorf("the script came back as %q", got)
	}
}

func TestRunPageBeginsWithTheCause(t *testing.T) {
	t.Parallel()
	for i, want := range map[int]string{
		0: "Running for 19s", 1: "Waiting to start", 2: "Failed with exit code 3 after 5.1srsync: connection unexpectedly closed",
		3: "Succeeded after 7.5s", 4: "Timed out after 9.9stimed out after 30s", 6: "Lost: node web-1 died", 7: "Cancelled by ada after 17s",
		8: "Skipped because an earlier run was still going", 9: "Missed: the scheduler was not there in time (14 occurrences)",
	} {
		doc := render(t, page.RunShowLive(runShow(i)))
		if got := text(doc.Find(".notice, .cause").First()); !strings.HasPrefix(got, want) {
			t.Errorf("run %d begins with %q, want %q", i, got, want)
		}
	}
	live := render(t, page.RunShow(runShow(0)))
	if got := live.Find("pre.term").AttrOr("sse-swap", ""); got != "output" {
		t.Errorf("the live pane listens to %q", got)
	}
	if got := live.Find(".hole").Text(); got != "17.9 KiB left out here" {
		t.Errorf("the hole says %q", got)
	}
	ended := render(t, page.RunShow(runShow(2)))
	if ended.Find("[sse-swap]").Length() != 0 {
		t.Error("the pane of an ended run listens")
	}
}
