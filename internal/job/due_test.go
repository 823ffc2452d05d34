package job_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"carillon/internal/job"
)

// minutely is a job that is due each minute, next at 12:00 on 1 March 2026.
func minutely(change func(*job.Job)) job.Job {
	j := job.Job{ID: "j1", State: job.Active, Revision: 3, NextRunAt: at("2026-03-01T12:00:00Z")}
	j.Definition = job.Defaults()
	j.Group, j.Name, j.Kind, j.Node = "ops", "check", "Shell", "db-1"
	j.Schedule = cronIn("* * * * *", "UTC")
	if change != nil {
		change(&j)
	}
	return j
}

// show writes rows as "state/reason trigger scheduled" with "×n" for what a missed row stands for.
func show(runs []job.Run) []string {
	list := []string{}
	for _, r := range runs {
		s := strings.TrimSuffix(string(r.State)+"/"+string(r.Reason), "/") + " " + string(r.Trigger) + " " + r.ScheduledAt.Format("15:04:05")
		if r.State == job.RunMissed {
			s += fmt.Sprintf(" ×%d", r.Occurrences)
		}
		list = append(list, s)
	}
	return list
}

func due(t *testing.T, j job.Job, now time.Time, live job.Live) job.Dispatch {
	t.Helper()
	d, err := job.Due(j, now, live, time.UTC)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func TestDue(t *testing.T) {
	t.Parallel()
	policy := func(o job.Overlap, m job.Misfire) func(*job.Job) {
		return func(j *job.Job) { j.Overlap, j.Misfire, j.MisfireCap = o, m, 3 }
	}
	tests := []struct {
		name    string
		change  func(*job.Job)
		now     string
		live    job.Live
		want    string
		next    string
		replace bool
	}{
		{"on time", nil, "12:00:00", job.Live{}, "queued schedule 12:00:00", "12:01:00", false},
		{"a little late", nil, "12:00:59", job.Live{}, "queued schedule 12:00:00", "12:01:00", false},
		{"two within grace", nil, "12:01:00", job.Live{}, "queued schedule 12:00:00|skipped/overlap schedule 12:01:00", "12:02:00", false},
		{"skip while running", nil, "12:00:01", job.Live{Running: 1}, "skipped/overlap schedule 12:00:00", "12:01:00", false},
		{"skip while a retry waits", nil, "12:00:01", job.Live{Waiting: 1}, "skipped/overlap schedule 12:00:00", "12:01:00", false},
		{"queue while running", policy(job.OverlapQueue, job.MisfireRunOnce), "12:01:00", job.Live{Running: 1}, "queued schedule 12:00:00|skipped/overlap schedule 12:01:00", "12:02:00", false},
		{"queue behind a waiting one", policy(job.OverlapQueue, job.MisfireRunOnce), "12:00:00", job.Live{Running: 1, Queued: 1}, "skipped/overlap schedule 12:00:00", "12:01:00", false},
		{"parallel", policy(job.OverlapParallel, job.MisfireRunOnce), "12:01:00", job.Live{Running: 9}, "queued schedule 12:00:00|queued schedule 12:01:00", "12:02:00", false},
		{"replace", policy(job.OverlapReplace, job.MisfireRunOnce), "12:01:00", job.Live{Running: 1}, "skipped/overlap schedule 12:00:00|queued schedule 12:01:00", "12:02:00", true},
		{"replace nothing", policy(job.OverlapReplace, job.MisfireRunOnce), "12:00:00", job.Live{}, "queued schedule 12:00:00", "12:01:00", false},

		{"misfire skip", policy(job.OverlapSkip, job.MisfireSkip), "12:10:00", job.Live{}, "missed/misfire schedule 12:00:00 ×9|queued schedule 12:09:00|skipped/overlap schedule 12:10:00", "12:11:00", false},
		{"misfire once, one on time", nil, "12:10:30", job.Live{}, "missed/coalesced schedule 12:00:00 ×10|queued schedule 12:10:00", "12:11:00", false},
		{"misfire once, nothing on time", func(j *job.Job) { j.Schedule.Cron = "0 * * * *" }, "15:30:00", job.Live{}, "missed/coalesced schedule 12:00:00 ×3|queued catch_up 15:00:00", "16:00:00", false},
		{"misfire once, a single one", func(j *job.Job) { j.Schedule.Cron = "0 * * * *" }, "12:01:01", job.Live{}, "queued catch_up 12:00:00", "13:00:00", false},
		{"misfire once while running", func(j *job.Job) { j.Schedule.Cron = "0 * * * *" }, "12:30:00", job.Live{Running: 1}, "skipped/overlap catch_up 12:00:00", "13:00:00", false},
		{"misfire all", policy(job.OverlapSkip, job.MisfireRunAll), "12:10:30", job.Live{}, "missed/misfire schedule 12:00:00 ×7|queued catch_up 12:07:00|queued catch_up 12:08:00|queued catch_up 12:09:00|queued schedule 12:10:00", "12:11:00", false},
		{"misfire all while running", policy(job.OverlapSkip, job.MisfireRunAll), "12:02:30", job.Live{Running: 1}, "queued catch_up 12:00:00|queued catch_up 12:01:00|skipped/overlap schedule 12:02:00", "12:03:00", false},
		{"misfire all, replace", policy(job.OverlapReplace, job.MisfireRunAll), "12:02:30", job.Live{Queued: 1}, "skipped/overlap catch_up 12:00:00|skipped/overlap catch_up 12:01:00|queued schedule 12:02:00", "12:03:00", true},
		{"down 59 s", func(j *job.Job) { j.Schedule.Cron = "0 12 * * *" }, "12:00:59", job.Live{}, "queued schedule 12:00:00", "12:00:00+1", false},
		{"down 61 s", func(j *job.Job) { j.Schedule.Cron, j.Misfire = "0 12 * * *", job.MisfireSkip }, "12:01:01", job.Live{}, "missed/misfire schedule 12:00:00 ×1", "12:00:00+1", false},

		{"max count ends it", func(j *job.Job) { j.MaxCount, j.TriggerCount = 5, 4 }, "12:01:00", job.Live{}, "queued schedule 12:00:00", "", false},
		{"max count reached by hand", func(j *job.Job) { j.MaxCount, j.TriggerCount = 5, 5 }, "12:00:00", job.Live{Running: 1}, "", "", false},
		{"max count with parallel", func(j *job.Job) { j.MaxCount, j.Overlap = 1, job.OverlapParallel }, "12:01:00", job.Live{}, "queued schedule 12:00:00", "", false},
		{"not yet due", nil, "11:59:59", job.Live{}, "", "12:00:00", false},
		{"paused", func(j *job.Job) { j.State = job.Paused }, "12:00:00", job.Live{}, "", "12:00:00", false},
		{"an occurrence the plan does not know", func(j *job.Job) { j.Schedule.Cron = "30 * * * *" }, "12:00:10", job.Live{}, "queued schedule 12:00:00", "12:30:00", false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			d := due(t, minutely(tt.change), at("2026-03-01T"+tt.now+"Z"), tt.live)
			if got := strings.Join(show(d.Runs), "|"); got != tt.want {
				t.Errorf("rows\n%s\nwant\n%s", got, tt.want)
			}
			next := ""
			if !d.Job.NextRunAt.IsZero() {
				next = d.Job.NextRunAt.Format("15:04:05")
				if d.Job.NextRunAt.Day() == 2 {
					next += "+1"
				}
			}
			if next != tt.next || d.Replace != tt.replace {
				t.Errorf("next %q, replace %v; want %q, %v", next, d.Replace, tt.next, tt.replace)
			}
		})
	}
}

func TestDueFillsInTheRun(t *testing.T) {
	t.Parallel()
	j := minutely(func(j *job.Job) { j.Priority, j.Schedule.Jitter = job.High, 10 })
	d := due(t, j, at("2026-03-01T12:00:05Z"), job.Live{})
	r := d.Runs[0]
	if r.JobID != "j1" || r.JobRevision != 3 || r.Group != "ops" || r.Name != "check" || r.Kind != "Shell" ||
		r.Attempt != 1 || r.Priority != job.High || r.NodeWanted != "db-1" || r.Occurrences != 1 {
		t.Errorf("run %+v", r)
	}
	delay := r.AvailableAt.Sub(r.ScheduledAt)
	if delay < 0 || delay > 10*time.Second {
		t.Errorf("jitter of %v", delay)
	}
	again := due(t, d.Job, at("2026-03-01T12:01:00Z"), job.Live{}).Runs[0]
	if got := again.AvailableAt.Sub(again.ScheduledAt); got != delay {
		t.Errorf("jitter was %v, then %v", delay, got)
	}
	if d.Job.TriggerCount != 1 {
		t.Errorf("trigger count %d", d.Job.TriggerCount)
	}
	late := due(t, minutely(func(j *job.Job) { j.Schedule.Cron = "0 12 * * *" }), at("2026-03-01T13:00:00Z"), job.Live{}).Runs[0]
	if !late.AvailableAt.Equal(at("2026-03-01T13:00:00Z")) {
		t.Errorf("a catch-up run is available at %v", late.AvailableAt)
	}
	missed := due(t, minutely(func(j *job.Job) { j.Misfire = job.MisfireSkip }), at("2026-03-01T13:00:00Z"), job.Live{}).Runs[0]
	if missed.FinishedAt.IsZero() || !missed.StartedAt.IsZero() {
		t.Errorf("a missed row started %v, finished %v", missed.StartedAt, missed.FinishedAt)
	}
}

func TestJitterSpreadsJobs(t *testing.T) {
	t.Parallel()
	seen := map[time.Duration]bool{}
	for i := range 200 {
		j := minutely(func(j *job.Job) { j.ID, j.Schedule.Jitter = job.ID(fmt.Sprint("job-", i)), 9 })
		r := due(t, j, j.NextRunAt, job.Live{}).Runs[0]
		seen[r.AvailableAt.Sub(r.ScheduledAt)] = true
	}
	if len(seen) != 10 {
		t.Errorf("200 jobs with jitter 9 use %d of 10 delays", len(seen))
	}
}

func TestDueCompletesAJobWithNothingLeft(t *testing.T) {
	t.Parallel()
	once := minutely(func(j *job.Job) { j.Schedule = job.Schedule{Type: job.Once, BeginAt: j.NextRunAt} })
	d := due(t, once, once.NextRunAt, job.Live{})
	if d.Job.State != job.Active || !d.Job.NextRunAt.IsZero() || len(d.Runs) != 1 {
		t.Errorf("after its only run was queued: %v, next %v, %d rows", d.Job.State, d.Job.NextRunAt, len(d.Runs))
	}
	once.Misfire = job.MisfireSkip
	if d := due(t, once, once.NextRunAt.Add(time.Hour), job.Live{}); d.Job.State != job.Completed || len(d.Runs) != 1 {
		t.Errorf("after its only run was missed: %v, rows %v", d.Job.State, show(d.Runs))
	}
	if d := due(t, once, once.NextRunAt.Add(time.Hour), job.Live{Running: 1}); d.Job.State != job.Active {
		t.Errorf("with a run in flight: %v", d.Job.State)
	}
	ended := minutely(func(j *job.Job) { j.Schedule.EndAt = j.NextRunAt })
	if d := due(t, ended, ended.NextRunAt, job.Live{}); !d.Job.NextRunAt.IsZero() || len(d.Runs) != 1 {
		t.Errorf("at its end: next %v, rows %v", d.Job.NextRunAt, show(d.Runs))
	}
}

func TestDueIsBoundedHoweverFarBehind(t *testing.T) {
	t.Parallel()
	year := at("2027-03-01T12:00:00Z")
	second := minutely(func(j *job.Job) {
		j.Schedule = job.Schedule{Type: job.Interval, Every: 1, BeginAt: j.NextRunAt}
	})
	for _, m := range job.Misfires() {
		second.Misfire = m
		d := due(t, second, year, job.Live{})
		if len(d.Runs) > 100 || d.Saturated {
			t.Errorf("%s: %d rows, saturated %v", m, len(d.Runs), d.Saturated)
		}
		if got, want := occurrences(d.Runs), int64(365*24*3600+1); got != want {
			t.Errorf("%s: rows stand for %d occurrences, want %d", m, got, want)
		}
	}
	cron := minutely(func(j *job.Job) { j.Schedule.Cron = "* * * * * *" })
	d := due(t, cron, year, job.Live{})
	if !d.Saturated || occurrences(d.Runs) != job.MaxWalked {
		t.Errorf("cron: saturated %v, rows stand for %d", d.Saturated, occurrences(d.Runs))
	}
	if want := year.Add(time.Second); !d.Job.NextRunAt.Equal(want) {
		t.Errorf("cron: next %v, want %v", d.Job.NextRunAt, want)
	}
	if !slices.IsSortedFunc(d.Runs, func(a, b job.Run) int { return a.ScheduledAt.Compare(b.ScheduledAt) }) {
		t.Error("rows are not in order")
	}
}

func occurrences(runs []job.Run) (n int64) {
	for _, r := range runs {
		n += r.Occurrences
	}
	return n
}

func TestDueReportsAScheduleItCannotRead(t *testing.T) {
	t.Parallel()
	j := minutely(func(j *job.Job) { j.Schedule.Zone = "Atlantis/Capital" })
	if _, err := job.Due(j, j.NextRunAt, job.Live{}, time.UTC); fault(err, "schedule.zone") == "" {
		t.Errorf("error %v", err)
	}
}
