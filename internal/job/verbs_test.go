package job_test

import (
	"strings"
	"testing"
	"time"

	"carillon/internal/apperr"
	"carillon/internal/job"
)

func TestVerbsAreRefusedInTheWrongState(t *testing.T) {
	t.Parallel()
	now := at("2026-03-01T12:00:30Z")
	verbs := map[string]func(job.Job) error{
		"pause":   func(j job.Job) error { _, err := job.Pause(j, time.Time{}, "", now); return err },
		"resume":  func(j job.Job) error { _, err := job.Resume(j, now, time.UTC); return err },
		"start":   func(j job.Job) error { _, err := job.Start(j, now, time.UTC); return err },
		"stop":    func(j job.Job) error { _, err := job.Stop(j); return err },
		"trigger": func(j job.Job) error { _, _, err := job.RunNow(j, job.Cause{}, now); return err },
		"delete":  job.CanDelete,
	}
	want := map[string]map[job.State]string{
		"pause":   {job.Paused: "already_paused", job.Stopped: "not_active", job.Completed: "not_active"},
		"resume":  {job.Active: "already_active", job.Completed: "not_paused"},
		"start":   {job.Active: "already_active"},
		"stop":    {job.Stopped: "already_stopped"},
		"trigger": {job.Stopped: "job_stopped"},
		"delete":  {job.Active: "not_stopped", job.Paused: "not_stopped"},
	}
	for name, verb := range verbs {
		for _, state := range job.States() {
			err := verb(minutely(func(j *job.Job) { j.State = state }))
			if got := apperr.CodeOf(err); got != want[name][state] || err != nil && !apperr.Is(err, apperr.Conflict) {
				t.Errorf("%s when %s: %v, want code %q", name, state, err, want[name][state])
			}
		}
	}
}

func TestPauseAndResumeReplayNothing(t *testing.T) {
	t.Parallel()
	now := at("2026-03-01T12:00:30Z")
	j := minutely(func(j *job.Job) { j.TryCount = 3 })
	p, err := job.Pause(j, now.Add(time.Hour), "release "+strings.Repeat("x", 300), now)
	if err != nil || p.State != job.Paused || !p.NextRunAt.IsZero() || len(p.PauseReason) != job.MaxDescription {
		t.Fatalf("paused: %+v, %v", p, err)
	}
	if q, err := job.Pause(p, time.Time{}, "longer", now); err != nil || !q.PausedUntil.IsZero() || q.PauseReason != "longer" {
		t.Errorf("paused again: %+v, %v", q, err)
	}
	if _, err := job.Pause(j, now, "", now); fault(err, "until") == "" {
		t.Errorf("paused until now: %v", err)
	}
	r, err := job.Resume(p, at("2026-03-01T15:00:00Z"), time.UTC)
	if err != nil || r.State != job.Active || !r.NextRunAt.Equal(at("2026-03-01T15:01:00Z")) {
		t.Errorf("resumed: %s, next %v, %v", r.State, r.NextRunAt, err)
	}
	if r.TryCount != 0 || r.PauseReason != "" || !r.PausedUntil.IsZero() {
		t.Errorf("resumed: %+v", r)
	}
}

func TestStartForgetsThatItWasAbandoned(t *testing.T) {
	t.Parallel()
	j := minutely(func(j *job.Job) { j.State, j.Abandoned, j.TryCount, j.NextRunAt = job.Stopped, true, 9, time.Time{} })
	s, err := job.Start(j, at("2026-03-01T12:00:00Z"), time.UTC)
	if err != nil || s.State != job.Active || s.Abandoned || s.TryCount != 0 || !s.NextRunAt.Equal(at("2026-03-01T12:01:00Z")) {
		t.Errorf("started: %+v, %v", s, err)
	}
	j.Schedule.EndAt = at("2026-03-01T12:00:00Z")
	if s, err := job.Start(j, at("2026-03-01T12:00:00Z"), time.UTC); err != nil || s.State != job.Completed {
		t.Errorf("started after its end: %s, %v", s.State, err)
	}
	j.State = job.Completed
	if _, err := job.Start(j, at("2026-03-01T12:00:00Z"), time.UTC); apperr.CodeOf(err) != "nothing_left" {
		t.Errorf("a completed one started after its end: %v", err)
	}
	j.State, j.Schedule.Zone = job.Stopped, "No/Where"
	if s, err := job.Start(j, time.Time{}, time.UTC); err == nil || s.State != job.Stopped {
		t.Errorf("started with a bad zone: %s, %v", s.State, err)
	}
}

func TestOnceRunsAtOnceOnlyIfItNeverRan(t *testing.T) {
	t.Parallel()
	now := at("2026-03-01T12:00:30Z").Add(300 * time.Millisecond)
	def := job.Defaults()
	def.Schedule = job.Schedule{Type: job.Once, BeginAt: at("2026-02-01T00:00:00Z")}
	j, err := job.New(def, job.SourceUser, job.By{}, now, time.UTC, true)
	if err != nil || !j.NextRunAt.Equal(now.Truncate(time.Second)) {
		t.Fatalf("created with a past time: next %v, %v", j.NextRunAt, err)
	}
	d := due(t, j, now, job.Live{})
	if len(d.Runs) != 1 || d.Runs[0].State != job.RunQueued || !d.Job.NextRunAt.IsZero() {
		t.Errorf("rows %v, next %v", show(d.Runs), d.Job.NextRunAt)
	}
	for count, want := range map[int64]job.State{0: job.Active, 1: job.Completed} {
		j.State, j.TriggerCount = job.Paused, count
		r, err := job.Resume(j, now, time.UTC)
		if err != nil || r.State != want || r.NextRunAt.IsZero() == (want == job.Active) {
			t.Errorf("resumed after %d runs: %s, next %v, %v", count, r.State, r.NextRunAt, err)
		}
	}
}

func TestRunNowCounts(t *testing.T) {
	t.Parallel()
	now := at("2026-03-01T12:00:30Z")
	j := minutely(func(j *job.Job) { j.MaxCount, j.TriggerCount = 2, 0 })
	cause := job.Cause{Trigger: job.TriggerAPI, Actor: job.By{Name: "ann"}, Args: job.Args{"a": 1}}
	r, j, err := job.RunNow(j, cause, now)
	if err != nil || r.Trigger != job.TriggerAPI || r.Actor.Name != "ann" || r.Args["a"] != 1 || !r.ScheduledAt.IsZero() || !r.AvailableAt.Equal(now) {
		t.Errorf("run %+v, %v", r, err)
	}
	if j.TriggerCount != 1 || j.NextRunAt.IsZero() {
		t.Errorf("after the first: %d, next %v", j.TriggerCount, j.NextRunAt)
	}
	if _, j, _ = job.RunNow(j, cause, now); j.TriggerCount != 2 || !j.NextRunAt.IsZero() || j.State != job.Active {
		t.Errorf("after the last: %d, next %v, %s", j.TriggerCount, j.NextRunAt, j.State)
	}
}
