package control

import (
	"context"
	"fmt"

	"carillon/internal/access"
	"carillon/internal/apperr"
	"carillon/internal/audit"
	"carillon/internal/event"
	"carillon/internal/ident"
	"carillon/internal/job"
)

// CancelRun cancels a waiting run or asks a running one to stop.
func (c *Jobs) CancelRun(ctx context.Context, a access.Actor, id job.RunID) error {
	var run job.Run
	err := c.d.Store.InTx(ctx, func(ctx context.Context) error {
		var err error
		if run, err = c.cancelRun(ctx, a, id); err != nil {
			return err
		}
		return c.d.Store.InsertAudit(ctx, c.runEntry(a, audit.RunCancel, run))
	})
	if err != nil {
		return fmt.Errorf("cancel run: %w", err)
	}
	c.d.Engine.Cancel(ctx, id, job.ReasonUser)
	c.announceCancel(run)
	return nil
}

func (c *Jobs) cancelRun(ctx context.Context, a access.Actor, id job.RunID) (job.Run, error) {
	seen, err := c.d.Store.Run(ctx, id)
	if err != nil {
		return job.Run{}, err
	}
	// The job's row is locked first, as everywhere, so that nobody waits in a circle.
	j, err := c.d.Store.JobForUpdate(ctx, seen.JobID)
	if err != nil && !apperr.Is(err, apperr.NotFound) {
		return job.Run{}, err
	}
	if err := allow(a, access.RunsCancel, j.Source); err != nil {
		return job.Run{}, err
	}
	run, err := c.d.Store.RunForUpdate(ctx, id)
	if err != nil {
		return job.Run{}, err
	}
	if run.State.Final() {
		return job.Run{}, apperr.New(apperr.Conflict, "run_ended", "error.control.run_ended")
	}
	if err := c.cancelOne(ctx, run, job.ReasonUser, a.By(), c.d.Clock.Now()); err != nil {
		return job.Run{}, err
	}
	return run, c.completeIfDone(ctx, j)
}

// completeIfDone completes a job that had nothing left but the run that was cancelled.
func (c *Jobs) completeIfDone(ctx context.Context, j job.Job) error {
	if j.State != job.Active || !j.NextRunAt.IsZero() {
		return nil
	}
	live, err := c.d.Store.Live(ctx, []job.ID{j.ID})
	if err != nil {
		return err
	}
	settled := job.Settle(j, live[j.ID])
	if settled.State == j.State {
		return nil
	}
	return c.d.Store.UpdateJobStatus(ctx, settled)
}

// RetryRun runs the job of an ended run again, with the parameters of that run.
func (c *Jobs) RetryRun(ctx context.Context, a access.Actor, id job.RunID) (job.Run, error) {
	old, err := c.d.Store.Run(ctx, id)
	if err != nil {
		return job.Run{}, fmt.Errorf("retry run: %w", err)
	}
	if !old.State.Final() {
		return job.Run{}, apperr.New(apperr.Conflict, "in_flight", "error.control.in_flight")
	}
	return c.trigger(ctx, a, old.JobID, TriggerJob{Args: old.Args})
}

// DeleteRun removes an ended run and its output.
func (c *Jobs) DeleteRun(ctx context.Context, a access.Actor, id job.RunID) error {
	if err := allow(a, access.RunsDelete, job.SourceUser); err != nil {
		return err
	}
	var run job.Run
	err := c.d.Store.InTx(ctx, func(ctx context.Context) error {
		var err error
		if run, err = c.d.Store.RunForUpdate(ctx, id); err != nil {
			return err
		}
		if err := c.d.Store.DeleteRun(ctx, id); err != nil {
			return err
		}
		e := c.runEntry(a, audit.RunDelete, run)
		e.Before = encode(map[string]any{"state": run.State, "result": run.Result, "error": run.Error})
		return c.d.Store.InsertAudit(ctx, e)
	})
	if err != nil {
		return fmt.Errorf("delete run: %w", err)
	}
	c.d.Events.Publish(event.Event{Type: event.RunChanged, JobID: run.JobID, RunID: run.ID})
	if err := c.d.DeleteOutput(ctx, []job.RunID{id}); err != nil {
		return fmt.Errorf("delete output of run: %w", err)
	}
	return nil
}

func (c *Jobs) runEntry(a access.Actor, what audit.Action, run job.Run) audit.Entry {
	e := entry(a, what, c.d.Clock.Now(), "run", run.ID.String(), run.Group+"/"+run.Name)
	e.After = encode(map[string]string{"job": run.JobID.String()})
	return e
}

// Run returns one run.
func (c *Jobs) Run(ctx context.Context, a access.Actor, id job.RunID) (job.Run, error) {
	if err := allow(a, access.RunsView, job.SourceUser); err != nil {
		return job.Run{}, err
	}
	if !ident.Valid(id.String()) {
		return job.Run{}, errNoRun
	}
	return c.d.Store.Run(ctx, id)
}

var errNoRun = apperr.New(apperr.NotFound, "no_run", "error.control.no_run")

// Runs returns one page of runs.
func (c *Jobs) Runs(ctx context.Context, a access.Actor, f job.RunFilter, p job.RunPage) (job.Runs, error) {
	if err := allow(a, access.RunsView, job.SourceUser); err != nil {
		return job.Runs{}, err
	}
	return c.d.Store.Runs(ctx, f, p)
}

// CountRuns counts runs up to limit; limit+1 means more.
func (c *Jobs) CountRuns(ctx context.Context, a access.Actor, f job.RunFilter, limit int) (int, error) {
	if err := allow(a, access.RunsView, job.SourceUser); err != nil {
		return 0, err
	}
	return c.d.Store.CountRuns(ctx, f, limit)
}
