package job

import (
	"time"

	"carillon/internal/apperr"
)

// The verbs are pure: they return the job as it shall be, or an apperr Conflict whose
// code is stable:
//
//	already_active, already_paused, already_stopped   nothing to change
//	not_active      only an active job can be paused
//	not_paused      only a paused or stopped job can be resumed
//	nothing_left    a completed job has no occurrence left to start for
//	job_stopped     a stopped job cannot be triggered
//	not_stopped     only a stopped or completed job can be deleted
//
// The caller supplies ids, keeps revisions and cancels runs.

func conflict(code string) error {
	return apperr.New(apperr.Conflict, code, "error.job."+code)
}

// Pause keeps an active job from firing; runs in flight go on. A zero until means
// until somebody resumes it; otherwise until must lie ahead (apperr Invalid). A paused
// job may be given another until and reason.
func Pause(j Job, until time.Time, reason string, now time.Time) (Job, error) {
	reason = clip(reason, MaxDescription)
	switch {
	case !until.IsZero() && !until.After(now):
		return j, scheduleFault("until", "error.job.until_past", nil, nil)
	case j.State == Paused && until.Equal(j.PausedUntil) && reason == j.PauseReason:
		return j, conflict("already_paused")
	case j.State != Active && j.State != Paused:
		return j, conflict("not_active")
	}
	j = halt(j, Paused)
	j.PausedUntil, j.PauseReason = until, reason
	return j, nil
}

// Resume lets a paused or stopped job fire again, from its next occurrence after now
// on: what was due meanwhile is not replayed. The failures in a row are forgotten. A
// job without any further occurrence becomes Completed.
func Resume(j Job, now time.Time, zone *time.Location) (Job, error) {
	switch j.State {
	case Active:
		return j, conflict("already_active")
	case Completed:
		return j, conflict("not_paused")
	}
	return revive(j, now, zone)
}

// Start is Resume for every job that is not active, so also for a completed one,
// which must have an occurrence left.
func Start(j Job, now time.Time, zone *time.Location) (Job, error) {
	if j.State == Active {
		return j, conflict("already_active")
	}
	started, err := revive(j, now, zone)
	if err == nil && j.State == Completed && started.State == Completed {
		return j, conflict("nothing_left")
	}
	return started, err
}

// Stop ends all firing. The caller cancels the runs that are queued or running.
func Stop(j Job) (Job, error) {
	if j.State == Stopped {
		return j, conflict("already_stopped")
	}
	return halt(j, Stopped), nil
}

// RunNow begins one run outside the schedule, at once: it returns the run and the job
// that counts it. An error says that the job is stopped. The caller has checked args.
func RunNow(j Job, cause Cause, now time.Time) (Run, Job, error) {
	if err := CanTrigger(j); err != nil {
		return Run{}, j, err
	}
	r := NewRun(j, cause.Trigger)
	r.Actor, r.Args, r.CreatedAt, r.AvailableAt = cause.Actor, cause.Args, now, now
	j.TriggerCount++
	if maxLeft(j) == 0 {
		j.NextRunAt = time.Time{} // Decide completes the job after the run
	}
	return r, j, nil
}

// Cause says who or what begins a run outside the schedule.
type Cause struct {
	Trigger Trigger // manual, api or chain
	Actor   By
	Args    Args // nil: the job's own
}

// CanTrigger returns nil, or why the job cannot be run by hand.
func CanTrigger(j Job) error {
	if j.State == Stopped {
		return conflict("job_stopped")
	}
	return nil
}

// CanDelete returns nil, or why the job cannot be deleted.
func CanDelete(j Job) error {
	if j.State != Stopped && j.State != Completed {
		return conflict("not_stopped")
	}
	return nil
}

// halt takes the job out of firing.
func halt(j Job, to State) Job {
	j.State, j.NextRunAt = to, time.Time{}
	j.PausedUntil, j.PauseReason = time.Time{}, ""
	return j
}

// revive makes a job active again and forgets its failures.
func revive(j Job, now time.Time, zone *time.Location) (Job, error) {
	plan, err := j.Schedule.Compile(zone)
	if err != nil {
		return j, err
	}
	j = halt(j, Active)
	j.Abandoned, j.TryCount = false, 0
	return arm(j, plan, now), nil
}

// arm plans the first occurrence after now; without one the job is completed. A
// once job whose time has passed runs at once if it has never run.
func arm(j Job, plan Plan, now time.Time) Job {
	j.NextRunAt = time.Time{}
	if maxLeft(j) > 0 {
		j.NextRunAt, _ = plan.Next(now)
		if overdueOnce(j, plan, now) {
			j.NextRunAt = now.UTC().Truncate(time.Second)
		}
	}
	j.State = Active
	if j.NextRunAt.IsZero() {
		j.State = Completed
	}
	return j
}

func overdueOnce(j Job, plan Plan, now time.Time) bool {
	return j.Schedule.Type == Once && j.NextRunAt.IsZero() && j.TriggerCount == 0 && now.Unix() <= plan.end
}
