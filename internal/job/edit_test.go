package job_test

import (
	"testing"
	"time"

	"carillon/internal/job"
)

func TestNewPlansTheFirstOccurrence(t *testing.T) {
	t.Parallel()
	now := at("2026-03-01T12:00:30Z")
	def := job.Defaults()
	def.Schedule = job.Schedule{Type: job.Interval, Every: 90}
	j, err := job.New(def, job.SourceImport, job.By{Name: "ann"}, now, time.UTC, true)
	if err != nil || j.State != job.Active || !j.NextRunAt.Equal(now.Add(90*time.Second)) || !j.Schedule.BeginAt.Equal(j.NextRunAt) {
		t.Errorf("interval: %+v, %v", j, err)
	}
	if j.Revision != 1 || j.Source != job.SourceImport || j.CreatedBy.Name != "ann" || !j.UpdatedAt.Equal(now) {
		t.Errorf("identity: %+v", j)
	}
	if j, err := job.New(def, job.SourceUser, job.By{}, now, time.UTC, false); err != nil || j.State != job.Stopped || !j.NextRunAt.IsZero() {
		t.Errorf("disabled: %+v, %v", j, err)
	}
	def.Schedule = cronIn("* * * * *", "UTC")
	def.Schedule.EndAt = now
	if _, err := job.New(def, job.SourceUser, job.By{}, now, time.UTC, true); fault(err, "schedule.end_at") != "error.job.end_past" {
		t.Errorf("ended: %v", err)
	}
	def.Schedule = cronIn("0 0 0 1 1 ? 2020", "UTC")
	if _, err := job.New(def, job.SourceUser, job.By{}, now, time.UTC, true); fault(err, "schedule.cron") != "error.job.no_future" {
		t.Errorf("a past year: %v", err)
	}
}

func TestEditPlansAnewOnlyIfTheTimesChanged(t *testing.T) {
	t.Parallel()
	now := at("2026-03-01T12:05:30Z") // the occurrence of 12:00 is overdue
	tests := []struct {
		name   string
		change func(*job.Definition)
		next   string
	}{
		{"name", func(d *job.Definition) { d.Name = "other" }, "2026-03-01T12:00:00Z"},
		{"jitter", func(d *job.Definition) { d.Schedule.Jitter = 5 }, "2026-03-01T12:00:00Z"},
		{"overlap", func(d *job.Definition) { d.Overlap = job.OverlapQueue }, "2026-03-01T12:00:00Z"},
		{"cron", func(d *job.Definition) { d.Schedule.Cron = "30 * * * *" }, "2026-03-01T12:30:00Z"},
		{"zone", func(d *job.Definition) { d.Schedule.Zone = "Asia/Tokyo" }, "2026-03-01T12:06:00Z"},
		{"end", func(d *job.Definition) { d.Schedule.EndAt = now.Add(time.Hour) }, "2026-03-01T12:06:00Z"},
		{"max count", func(d *job.Definition) { d.MaxCount = 9 }, "2026-03-01T12:06:00Z"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			j := minutely(nil)
			def := j.Clone()
			tt.change(&def)
			e, err := job.Edit(j, def, job.By{Name: "bob"}, now, time.UTC)
			if err != nil || !e.NextRunAt.Equal(at(tt.next)) || e.State != job.Active {
				t.Errorf("next %v, %s, %v; want %s", e.NextRunAt, e.State, err, tt.next)
			}
			if e.Revision != 4 || e.UpdatedBy.Name != "bob" || !e.UpdatedAt.Equal(now) {
				t.Errorf("edited: %+v", e)
			}
		})
	}
}

func TestEditKeepsTheAnchorOfAnInterval(t *testing.T) {
	t.Parallel()
	created, now := at("2026-03-01T12:00:00Z"), at("2026-03-01T13:00:07Z")
	def := job.Defaults()
	def.Schedule = job.Schedule{Type: job.Interval, Every: 60}
	j, err := job.New(def, job.SourceUser, job.By{}, created, time.UTC, true)
	if err != nil {
		t.Fatal(err)
	}
	same, err := job.Edit(j, def, job.By{}, now, time.UTC)
	if err != nil || !same.Schedule.BeginAt.Equal(j.Schedule.BeginAt) || !same.NextRunAt.Equal(j.NextRunAt) {
		t.Errorf("unchanged: begin %v, next %v, %v", same.Schedule.BeginAt, same.NextRunAt, err)
	}
	def.Schedule.Every = 120
	other, err := job.Edit(j, def, job.By{}, now, time.UTC)
	if err != nil || !other.NextRunAt.Equal(now.Add(2*time.Minute)) {
		t.Errorf("changed: next %v, %v", other.NextRunAt, err)
	}
}

func TestEditMovesBetweenActiveAndCompleted(t *testing.T) {
	t.Parallel()
	now := at("2026-03-01T12:05:30Z")
	j := minutely(func(j *job.Job) { j.State, j.NextRunAt = job.Completed, time.Time{} })
	def := j.Clone()
	def.Description = "x"
	if e, err := job.Edit(j, def, job.By{}, now, time.UTC); err != nil || e.State != job.Completed {
		t.Errorf("an edit of the description: %s, %v", e.State, err)
	}
	def.Schedule.Cron = "0 * * * *"
	e, err := job.Edit(j, def, job.By{}, now, time.UTC)
	if err != nil || e.State != job.Active || e.NextRunAt.IsZero() {
		t.Errorf("a new schedule: %s, %v", e.State, err)
	}
	def.Schedule.EndAt = now.Add(-time.Hour)
	if e, err := job.Edit(e, def, job.By{}, now, time.UTC); err != nil || e.State != job.Completed || !e.NextRunAt.IsZero() {
		t.Errorf("an end that has passed: %s, %v", e.State, err)
	}
	for _, state := range []job.State{job.Paused, job.Stopped} {
		j.State = state
		if e, err := job.Edit(j, def, job.By{}, now, time.UTC); err != nil || e.State != state || !e.NextRunAt.IsZero() {
			t.Errorf("%s became %s, next %v, %v", state, e.State, e.NextRunAt, err)
		}
	}
	def.Schedule.Cron = "never"
	if e, err := job.Edit(j, def, job.By{}, now, time.UTC); fault(err, "schedule.cron") == "" || e.Revision != j.Revision {
		t.Errorf("a bad schedule: revision %d, %v", e.Revision, err)
	}
}

func TestReplanFollowsTheServersZone(t *testing.T) {
	t.Parallel()
	tokyo, err := job.LoadZone("Asia/Tokyo", nil)
	if err != nil {
		t.Fatal(err)
	}
	now := at("2026-03-01T12:05:30Z")
	j := minutely(func(j *job.Job) { j.Schedule, j.NextRunAt = cronIn("0 0 * * *", ""), at("2026-03-02T00:00:00Z") })
	r, err := job.Replan(j, now, tokyo)
	if err != nil || !r.NextRunAt.Equal(at("2026-03-01T15:00:00Z")) {
		t.Errorf("next %v, %v", r.NextRunAt, err)
	}
	j.NextRunAt = now
	if r, err := job.Replan(j, now, tokyo); err != nil || !r.NextRunAt.Equal(now) {
		t.Errorf("a due occurrence moved to %v, %v", r.NextRunAt, err)
	}
}
