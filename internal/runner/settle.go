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
// transaction, fenced by the run's epoch. def is the definition of the run's revision,
// nil if the caller does not have it.
func (r *Runner) settle(ctx context.Context, run job.Run, def *job.Definition, o job.Outcome) (settled, error) {
	var result settled
	err := r.Store.InGroup(ctx, func(ctx context.Context) error {
		var err error
		result, err = r.write(ctx, run, def, o)
		return err
	})
	return result, err
}

func (r *Runner) write(ctx context.Context, run job.Run, def *job.Definition, o job.Outcome) (settled, error) {
	now := r.Clock.Now()
	j, err := r.jobOf(ctx, run, def)
	if apperr.Is(err, apperr.NotFound) {
		return r.writeOrphaned(ctx, run, o)
	}
	if err != nil {
		return settled{}, fmt.Errorf("load job of run: %w", err)
	}
	live, err := r.others(ctx, j)
	if err != nil {
		return settled{}, err
	}
	d := job.Decide(j, run, o, now, live)
	if err := r.Store.FinishRun(ctx, d.Run); err != nil {
		return settled{}, fmt.Errorf("finish run: %w", err)
	}
	if err := r.writeJob(ctx, j, d.Job); err != nil {
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

// jobOf locks the run's job. Its definition is decoded again only if it was edited
// since the run was made.
func (r *Runner) jobOf(ctx context.Context, run job.Run, def *job.Definition) (job.Job, error) {
	if def == nil {
		return r.Store.JobForUpdate(ctx, run.JobID)
	}
	j, err := r.Store.JobStatusForUpdate(ctx, run.JobID)
	if err != nil || j.Revision != run.JobRevision {
		return r.Store.JobForUpdate(ctx, run.JobID)
	}
	j.Definition = *def
	return j, nil
}

// writeJob writes what a run's end changed about its job.
func (r *Runner) writeJob(ctx context.Context, before, after job.Job) error {
	if after.State == before.State {
		return r.Store.NoteRun(ctx, after)
	}
	return r.Store.UpdateJobStatus(ctx, after)
}

// others counts the job's runs in flight besides the one that just ended. Only whether
// a job is completed hangs on it, so it is not asked about one that goes on.
func (r *Runner) others(ctx context.Context, j job.Job) (job.Live, error) {
	if j.State != job.Active || !j.NextRunAt.IsZero() {
		return job.Live{}, nil
	}
	all, err := r.Store.Live(ctx, []job.ID{j.ID})
	if err != nil {
		return job.Live{}, fmt.Errorf("count runs in flight: %w", err)
	}
	live := all[j.ID]
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
