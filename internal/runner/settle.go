package runner

import (
	"context"
	"errors"
	"fmt"

	"carillon/internal/apperr"
	"carillon/internal/event"
	"carillon/internal/ident"
	"carillon/internal/job"
)

// settled is what one run's end came to.
type settled struct {
	run       job.Run
	retry     *job.Run
	job       job.Job
	jobState  bool // the job's state changed
	cancelled []job.Run
}

// expected reports whether err only says that the run is not ours to touch any more.
func expected(err error) bool {
	return apperr.Is(err, apperr.Conflict) || apperr.Is(err, apperr.NotFound)
}

// settle decides what follows from the outcome and writes all of it in one
// transaction, fenced by the run's epoch.
func (r *Runner) settle(ctx context.Context, run job.Run, o job.Outcome) (settled, error) {
	var result settled
	err := r.Store.InGroup(ctx, func(ctx context.Context) error {
		var err error
		result, err = r.write(ctx, run, o)
		return err
	})
	return result, err
}

func (r *Runner) write(ctx context.Context, run job.Run, o job.Outcome) (settled, error) {
	now := r.Clock.Now()
	j, err := r.Store.JobForUpdate(ctx, run.JobID)
	if apperr.Is(err, apperr.NotFound) {
		return r.writeOrphaned(ctx, run, o)
	}
	if err != nil {
		return settled{}, fmt.Errorf("load job of run: %w", err)
	}
	// Who asked for a cancellation is noted on the row while the run works.
	current, err := r.Store.RunForUpdate(ctx, run.ID)
	if err != nil {
		return settled{}, fmt.Errorf("load run: %w", err)
	}
	run.CancelReason, run.CancelActor = current.CancelReason, current.CancelActor

	live, err := r.others(ctx, j.ID)
	if err != nil {
		return settled{}, err
	}
	d := job.Decide(j, run, o, now, live)
	if err := r.Store.FinishRun(ctx, d.Run); err != nil {
		return settled{}, fmt.Errorf("finish run: %w", err)
	}
	if err := r.Store.UpdateJobStatus(ctx, d.Job); err != nil {
		return settled{}, fmt.Errorf("update job: %w", err)
	}
	s := settled{run: d.Run, job: d.Job, jobState: d.Job.State != j.State}
	if d.Retry != nil {
		d.Retry.ID = job.RunID(ident.New())
		d.Retry.CreatedAt = now
		if _, err := r.Store.InsertRuns(ctx, []job.Run{*d.Retry}); err != nil {
			return settled{}, fmt.Errorf("insert retry: %w", err)
		}
		s.retry = d.Retry
	}
	if d.Abandon {
		s.cancelled, err = r.cancelQueued(ctx, j.ID)
	}
	return s, err
}

// writeOrphaned ends a run whose job was deleted meanwhile.
func (r *Runner) writeOrphaned(ctx context.Context, run job.Run, o job.Outcome) (settled, error) {
	d := job.Decide(job.Job{ID: run.JobID, State: job.Stopped}, run, o, r.Clock.Now(), job.Live{})
	if err := r.Store.FinishRun(ctx, d.Run); err != nil {
		return settled{}, fmt.Errorf("finish run of deleted job: %w", err)
	}
	return settled{run: d.Run}, nil
}

// others counts the job's runs in flight besides the one that just ended.
func (r *Runner) others(ctx context.Context, id job.ID) (job.Live, error) {
	all, err := r.Store.Live(ctx, []job.ID{id})
	if err != nil {
		return job.Live{}, fmt.Errorf("count runs in flight: %w", err)
	}
	live := all[id]
	live.Running = max(0, live.Running-1)
	return live, nil
}

// cancelQueued cancels what an abandoned job still has waiting.
func (r *Runner) cancelQueued(ctx context.Context, id job.ID) ([]job.Run, error) {
	open, err := r.Store.OpenRuns(ctx, id)
	if err != nil {
		return nil, fmt.Errorf("list open runs: %w", err)
	}
	var cancelled []job.Run
	for _, run := range open {
		if run.State != job.RunQueued {
			continue
		}
		err := r.Store.CancelQueued(ctx, run.ID, job.ReasonAbandoned, job.By{}, r.Clock.Now())
		if err != nil && !expected(err) {
			return nil, fmt.Errorf("cancel waiting run: %w", err)
		}
		run.State = job.RunCancelled
		cancelled = append(cancelled, run)
	}
	return cancelled, nil
}

// afterwards tells the engine and the live pages, once the transaction has committed.
func (r *Runner) afterwards(ctx context.Context, s settled) {
	if s.retry != nil {
		r.Engine.Submit(ctx, s.job.Ticket(*s.retry))
		r.Events.Publish(changed(*s.retry))
	}
	for _, run := range s.cancelled {
		r.Engine.Cancel(ctx, run.ID, job.ReasonAbandoned)
		r.Events.Publish(changed(run))
	}
	r.Events.Publish(changed(s.run))
	if s.jobState {
		r.Events.Publish(event.Event{Type: event.JobChanged, JobID: s.job.ID, State: string(s.job.State)})
	}
}

// errLost is the outcome of a run whose process is gone.
var errLost = errors.New("the process that ran it is gone")
