package job_test

import (
	"math"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"pgregory.net/rapid"

	"carillon/internal/job"
)

func running(change func(*job.Job)) (job.Job, job.Run, time.Time) {
	j := minutely(change)
	now := at("2026-03-01T12:00:30Z")
	r := job.NewRun(j, job.TriggerSchedule)
	r.ID, r.RootID, r.State = "r1", "r1", job.RunRunning
	r.ScheduledAt, r.StartedAt = at("2026-03-01T12:00:00Z"), at("2026-03-01T12:00:01Z")
	r.Actor, r.Args = job.By{Name: "ann"}, job.Args{"n": 1.0}
	return j, r, now
}

func TestDecideCountsFailuresInARow(t *testing.T) {
	t.Parallel()
	tests := []struct {
		outcome job.RunState
		was     int64
		want    int64
	}{
		{job.RunSucceeded, 4, 0}, {job.RunFailed, 4, 5}, {job.RunTimedOut, 0, 1}, {job.RunLost, 1, 2}, {job.RunCancelled, 4, 4},
	}
	for _, tt := range tests {
		j, r, now := running(func(j *job.Job) { j.TryCount = tt.was })
		d := job.Decide(j, r, job.Outcome{State: tt.outcome}, now, job.Live{})
		if d.Job.TryCount != tt.want || d.Run.State != tt.outcome || !d.Run.FinishedAt.Equal(now) {
			t.Errorf("%s: %d failures in a row, run %s at %v", tt.outcome, d.Job.TryCount, d.Run.State, d.Run.FinishedAt)
		}
		if !d.Job.LastRunAt.Equal(r.StartedAt) || d.Job.LastRunID != "r1" || d.Job.LastOutcome != tt.outcome {
			t.Errorf("%s: last run %v %s %s", tt.outcome, d.Job.LastRunAt, d.Job.LastRunID, d.Job.LastOutcome)
		}
		if d.Job.State != job.Active || d.Retry != nil || d.Abandon {
			t.Errorf("%s: job %s, retry %v, abandon %v", tt.outcome, d.Job.State, d.Retry, d.Abandon)
		}
	}
}

func TestDecideRetries(t *testing.T) {
	t.Parallel()
	policy := job.Retry{Limit: 2, Delay: 10, Factor: 3, MaxDelay: 25}
	tests := []struct {
		name    string
		change  func(*job.Job)
		attempt int
		outcome job.RunState
		delay   time.Duration // -1: no retry
	}{
		{"first", nil, 1, job.RunFailed, 10 * time.Second},
		{"second, bounded", nil, 2, job.RunTimedOut, 25 * time.Second},
		{"limit", nil, 3, job.RunFailed, -1},
		{"without limit", func(j *job.Job) { j.Retry.Limit = -1 }, 1000, job.RunLost, 25 * time.Second},
		{"none", func(j *job.Job) { j.Retry.Limit = 0 }, 1, job.RunFailed, -1},
		{"success", nil, 1, job.RunSucceeded, -1},
		{"cancelled", nil, 1, job.RunCancelled, -1},
		{"paused", func(j *job.Job) { j.State = job.Paused }, 1, job.RunFailed, -1},
		{"stopped", func(j *job.Job) { j.State = job.Stopped }, 1, job.RunFailed, -1},
		{"completed", func(j *job.Job) { j.State = job.Completed }, 1, job.RunFailed, -1},
		{"nothing planned", func(j *job.Job) { j.NextRunAt = time.Time{} }, 1, job.RunFailed, 10 * time.Second},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			j, r, now := running(func(j *job.Job) {
				j.Retry = policy
				if tt.change != nil {
					tt.change(j)
				}
			})
			r.Attempt = tt.attempt
			j.Revision, j.Group = 7, "new group"
			d := job.Decide(j, r, job.Outcome{State: tt.outcome}, now, job.Live{})
			if (d.Retry != nil) != (tt.delay >= 0) {
				t.Fatalf("retry %+v", d.Retry)
			}
			if d.Retry == nil {
				return
			}
			n := d.Retry
			if n.AvailableAt.Sub(now) != tt.delay || n.Attempt != tt.attempt+1 || n.Trigger != job.TriggerRetry || n.State != job.RunQueued {
				t.Errorf("retry %+v", n)
			}
			if n.RootID != "r1" || !n.ScheduledAt.Equal(r.ScheduledAt) || n.Actor != r.Actor || n.Args["n"] != 1.0 || n.JobRevision != 7 || n.Group != "new group" {
				t.Errorf("retry %+v", n)
			}
			if d.Job.State != job.Active {
				t.Errorf("job %s while a retry waits", d.Job.State)
			}
		})
	}
}

func TestDecideAbandons(t *testing.T) {
	t.Parallel()
	j, r, now := running(func(j *job.Job) { j.MaxTries, j.TryCount, j.Retry.Limit = 3, 2, -1 })
	d := job.Decide(j, r, job.Outcome{State: job.RunFailed}, now, job.Live{Queued: 1})
	if d.Job.State != job.Stopped || !d.Job.Abandoned || !d.Job.NextRunAt.IsZero() || d.Retry != nil || !d.Abandon {
		t.Errorf("decision %+v", d)
	}
	j.TryCount = 1
	if d := job.Decide(j, r, job.Outcome{State: job.RunFailed}, now, job.Live{}); d.Abandon || d.Retry == nil {
		t.Errorf("one failure too early: %+v", d)
	}
	j.TryCount = 2
	if d := job.Decide(j, r, job.Outcome{State: job.RunCancelled}, now, job.Live{}); d.Abandon || d.Job.Abandoned {
		t.Errorf("abandoned by a cancelled run: %+v", d)
	}
	j.State = job.Completed
	if d := job.Decide(j, r, job.Outcome{State: job.RunFailed}, now, job.Live{}); d.Abandon || d.Job.State != job.Completed {
		t.Errorf("a completed job: %+v", d.Job.State)
	}
}

func TestDecideCompletes(t *testing.T) {
	t.Parallel()
	j, r, now := running(func(j *job.Job) { j.NextRunAt = time.Time{} })
	for _, state := range []job.RunState{job.RunSucceeded, job.RunFailed, job.RunCancelled} {
		if d := job.Decide(j, r, job.Outcome{State: state}, now, job.Live{}); d.Job.State != job.Completed {
			t.Errorf("%s: %s", state, d.Job.State)
		}
		if d := job.Decide(j, r, job.Outcome{State: state}, now, job.Live{Waiting: 1}); d.Job.State != job.Active {
			t.Errorf("%s with another run in flight: %s", state, d.Job.State)
		}
	}
}

func TestDecideNeverLeavesAFinalState(t *testing.T) {
	t.Parallel()
	j, r, now := running(func(j *job.Job) { j.Retry.Limit = 5 })
	for _, from := range append(job.RunStates(), "") {
		for _, to := range append(job.RunStates(), "", "nonsense") {
			r.State = from
			d := job.Decide(j, r, job.Outcome{State: to}, now, job.Live{})
			switch {
			case from == job.RunRunning:
				if !d.Run.State.Final() || !from.CanGo(d.Run.State) {
					t.Errorf("running with outcome %q became %q", to, d.Run.State)
				}
			case from == job.RunQueued && to == job.RunCancelled:
				if d.Run.State != job.RunCancelled || !d.Job.LastRunAt.IsZero() == r.StartedAt.IsZero() {
					t.Errorf("queued became %q, last run %v", d.Run.State, d.Job.LastRunAt)
				}
			case d.Run.State != from || d.Retry != nil || d.Job.TryCount != 0:
				t.Errorf("%q with outcome %q became %q", from, to, d.Run.State)
			}
		}
	}
}

func TestDecideKeepsTextsStorable(t *testing.T) {
	t.Parallel()
	j, r, now := running(nil)
	code := 3
	o := job.Outcome{
		State: job.RunFailed, Reason: job.ReasonExit, ExitCode: &code, OutputBytes: 42,
		Result: strings.Repeat("界", job.MaxResult+1), Error: "a\x00b\xff" + strings.Repeat("x", job.MaxError),
	}
	got := job.Decide(j, r, o, now, job.Live{}).Run
	if utf8.RuneCountInString(got.Result) != job.MaxResult || utf8.RuneCountInString(got.Error) != job.MaxError {
		t.Errorf("lengths %d, %d", utf8.RuneCountInString(got.Result), utf8.RuneCountInString(got.Error))
	}
	if !strings.HasPrefix(got.Error, "ab\uFFFDx") || !utf8.ValidString(got.Result) {
		t.Errorf("error %.10q", got.Error)
	}
	if *got.ExitCode != 3 || got.OutputBytes != 42 || got.Reason != job.ReasonExit {
		t.Errorf("run %+v", got)
	}
}

func TestRetryDelayStaysWithinItsBound(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		r := job.Retry{
			Delay:    job.Seconds(rapid.Int64Range(-10, int64(job.MaxSpan)).Draw(t, "delay")),
			Factor:   rapid.OneOf(rapid.Float64(), rapid.SampledFrom([]float64{math.NaN(), math.Inf(1), 0, 1, 2})).Draw(t, "factor"),
			MaxDelay: job.Seconds(rapid.Int64Range(-10, int64(job.MaxSpan)).Draw(t, "bound")),
		}
		bound := r.MaxDelay
		if bound <= 0 {
			bound = job.DefaultMaxRetryDelay
		}
		last := job.Seconds(0)
		for attempt := range 70 {
			d := r.DelayAfter(attempt)
			if d < last || d > bound || d < min(max(0, r.Delay), bound) {
				t.Fatalf("%+v: delay after attempt %d is %d, before %d", r, attempt, d, last)
			}
			last = d
		}
	})
}
