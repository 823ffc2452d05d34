package job

import (
	"math"
	"time"
)

// Outcome is how a run ended, as its runner saw it.
type Outcome struct {
	State       RunState // succeeded, failed, timed_out, cancelled or lost
	Reason      Reason
	Result      string
	Error       string
	ExitCode    *int
	OutputBytes int64
}

// Decision is what follows from a run's outcome.
type Decision struct {
	Run Run // the run in its final state
	// Retry is the next attempt to insert, nil if there is none. The caller fills in ID and CreatedAt.
	Retry *Run
	Job   Job
	// Abandon asks to cancel what is queued, with ReasonAbandoned: the job has just been given up.
	Abandon bool
}

// Decide says what becomes of a run and its job. live counts the job's other runs in
// flight. It is pure and total: a run that is over, or was never running and is not
// cancelled, is returned unchanged with its job, and an outcome that makes no sense
// for a running one counts as failed.
func Decide(j Job, r Run, o Outcome, now time.Time, live Live) Decision {
	if !r.State.CanGo(o.State) || !o.State.Final() {
		if r.State != RunRunning {
			return Decision{Run: r, Job: j}
		}
		o.State, o.Reason = RunFailed, ReasonError
	}
	d := Decision{Run: finish(r, o, now), Job: j}
	d.count()
	if j.MaxTries > 0 && o.State.Bad() && d.Job.TryCount >= int64(j.MaxTries) && (j.State == Active || j.State == Paused) {
		d.abandon()
		return d
	}
	if o.State.Bad() && j.State == Active {
		d.Retry = nextAttempt(j, r, now)
	}
	if d.Retry == nil {
		d.Job = Settle(d.Job, live)
	}
	return d
}

// Settle completes an active job that has nothing planned and nothing in flight. It
// belongs after everything that takes a run away: an end, a cancelled queued run.
func Settle(j Job, live Live) Job {
	if j.State == Active && j.NextRunAt.IsZero() && !live.Any() {
		j.State = Completed
	}
	return j
}

func finish(r Run, o Outcome, now time.Time) Run {
	r.State, r.Reason, r.FinishedAt = o.State, o.Reason, now
	r.Result, r.Error = clip(o.Result, MaxResult), clip(o.Error, MaxError)
	r.ExitCode, r.OutputBytes = o.ExitCode, max(0, o.OutputBytes)
	return r
}

// count brings the job's counters up to date with its run.
func (d *Decision) count() {
	switch {
	case d.Run.State.Good():
		d.Job.TryCount = 0
	case d.Run.State.Bad():
		d.Job.TryCount++
	}
	if !d.Run.StartedAt.IsZero() {
		d.Job.LastRunAt, d.Job.LastRunID, d.Job.LastOutcome = d.Run.StartedAt, d.Run.ID, d.Run.State
	}
}

func (d *Decision) abandon() {
	d.Job = halt(d.Job, Stopped)
	d.Job.Abandoned = true
	d.Abandon = true
}

// nextAttempt returns the attempt after r, or nil if the policy allows no more.
func nextAttempt(j Job, r Run, now time.Time) *Run {
	if j.Retry.Limit >= 0 && r.Attempt > j.Retry.Limit {
		return nil
	}
	next := NewRun(j, TriggerRetry)
	next.ScheduledAt, next.RootID, next.Actor, next.Args = r.ScheduledAt, r.RootID, r.Actor, r.Args
	if next.RootID == "" {
		next.RootID = r.ID
	}
	next.Priority = r.Priority
	next.Attempt = r.Attempt + 1
	next.AvailableAt = now.Add(j.Retry.DelayAfter(r.Attempt).Duration())
	return &next
}

// DelayAfter returns the wait before the attempt that follows the given one (from 1).
// It never exceeds MaxDelay, or [DefaultMaxRetryDelay] if there is none.
func (r Retry) DelayAfter(attempt int) Seconds {
	bound := r.MaxDelay
	if bound <= 0 {
		bound = DefaultMaxRetryDelay
	}
	if r.Delay <= 0 {
		return 0
	}
	factor := r.Factor
	if !(factor >= 1) { // also not a number
		factor = 1
	}
	delay := float64(r.Delay) * math.Pow(factor, float64(max(0, attempt-1)))
	if delay >= float64(bound) { // also infinite
		return bound
	}
	return Seconds(delay)
}
