package control

import (
	"context"
	"fmt"
	"time"

	"carillon/internal/access"
	"carillon/internal/apperr"
	"carillon/internal/audit"
	"carillon/internal/event"
	"carillon/internal/ident"
	"carillon/internal/job"
)

// Verb names what can be done to a job.
type Verb string

// The verbs.
const (
	VerbPause   Verb = "pause"
	VerbResume  Verb = "resume"
	VerbStart   Verb = "start"
	VerbStop    Verb = "stop"
	VerbTrigger Verb = "trigger"
	VerbDelete  Verb = "delete"
)

// rule says which permission a verb needs and how the audit calls it.
type rule struct {
	need access.Permission
	what audit.Action
}

func (v Verb) rule() (rule, bool) {
	r, ok := map[Verb]rule{
		VerbPause:   {access.JobsPause, audit.JobPause},
		VerbResume:  {access.JobsResume, audit.JobResume},
		VerbStart:   {access.JobsStart, audit.JobStart},
		VerbStop:    {access.JobsStop, audit.JobStop},
		VerbTrigger: {access.JobsTrigger, audit.JobTrigger},
		VerbDelete:  {access.JobsDelete, audit.JobDelete},
	}[v]
	return r, ok
}

// PauseJob says how long a job is paused and why.
type PauseJob struct {
	Until  time.Time // zero: until somebody resumes it
	Reason string
}

// TriggerJob says how a job is run now.
type TriggerJob struct {
	Args    job.Args    // instead of the job's own; nil: the job's own
	Trigger job.Trigger // "" means manual
}

// Pause keeps a job from firing. Runs at work go on; waiting retries are cancelled.
func (c *Jobs) Pause(ctx context.Context, a access.Actor, id job.ID, in PauseJob) (job.Job, error) {
	return c.one(ctx, a, VerbPause, id, func(ctx context.Context, w *work) error {
		return pauseJob(ctx, w, in)
	})
}

func pauseJob(ctx context.Context, w *work, in PauseJob) error {
	j, err := job.Pause(w.job, in.Until, in.Reason, w.now)
	if err != nil {
		return err
	}
	w.job = j
	w.entry.Note = in.Reason
	return w.cancelWaitingRetries(ctx)
}

// Resume lets a paused or stopped job fire again, from its next occurrence on.
func (c *Jobs) Resume(ctx context.Context, a access.Actor, id job.ID) (job.Job, error) {
	return c.one(ctx, a, VerbResume, id, rearm(job.Resume))
}

// Start puts a stopped, abandoned or completed job back to work.
func (c *Jobs) Start(ctx context.Context, a access.Actor, id job.ID) (job.Job, error) {
	return c.one(ctx, a, VerbStart, id, rearm(job.Start))
}

// rearm returns the part of Resume and Start that differs from other verbs.
func rearm(f func(job.Job, time.Time, *time.Location) (job.Job, error)) func(context.Context, *work) error {
	return func(_ context.Context, w *work) error {
		j, err := f(w.job, w.now, w.c.d.Zone)
		w.job = j
		return err
	}
}

// Stop ends everything about a job: it does not fire, and its queued and running runs are cancelled.
func (c *Jobs) Stop(ctx context.Context, a access.Actor, id job.ID) (job.Job, error) {
	return c.one(ctx, a, VerbStop, id, stopJob)
}

func stopJob(ctx context.Context, w *work) error {
	j, err := job.Stop(w.job)
	if err != nil {
		return err
	}
	w.job = j
	return w.cancelAll(ctx, job.ReasonStopped)
}

// Trigger runs a job now. The run waits for one in flight unless runs of the job may
// overlap. Parameters of one's own take the right to change jobs: whoever may choose a
// command's text may run anything.
func (c *Jobs) Trigger(ctx context.Context, a access.Actor, id job.ID, in TriggerJob) (job.Run, error) {
	if in.Args != nil {
		if err := allow(a, access.JobsUpdate, job.SourceUser); err != nil {
			return job.Run{}, fmt.Errorf("trigger job with parameters: %w", err)
		}
	}
	return c.trigger(ctx, a, id, in)
}

// trigger is Trigger with parameters that somebody with the right has chosen before.
func (c *Jobs) trigger(ctx context.Context, a access.Actor, id job.ID, in TriggerJob) (job.Run, error) {
	var run job.Run
	_, err := c.one(ctx, a, VerbTrigger, id, func(ctx context.Context, w *work) error {
		var err error
		run, err = w.trigger(ctx, in)
		return err
	})
	return run, err
}

// Delete removes a stopped or completed job with its revisions. Its runs stay readable;
// those still in flight, which a completed job may have by hand, are cancelled.
func (c *Jobs) Delete(ctx context.Context, a access.Actor, id job.ID) error {
	_, err := c.one(ctx, a, VerbDelete, id, deleteJob)
	return err
}

func deleteJob(ctx context.Context, w *work) error {
	if err := job.CanDelete(w.job); err != nil {
		return err
	}
	w.deleted = true
	w.entry.Before = encode(w.job.Definition)
	if err := w.cancelAll(ctx, job.ReasonJobGone); err != nil {
		return err
	}
	return w.c.d.Store.DeleteJob(ctx, w.job.ID)
}

// one does a verb on one job in a transaction of its own.
func (c *Jobs) one(ctx context.Context, a access.Actor, v Verb, id job.ID, do func(context.Context, *work) error) (job.Job, error) {
	var w *work
	err := c.d.Store.InTx(ctx, func(ctx context.Context) error {
		var err error
		w, err = c.apply(ctx, a, v, id, do)
		return err
	})
	if err != nil {
		return job.Job{}, fmt.Errorf("%s job: %w", v, err)
	}
	w.after(ctx)
	return w.job, nil
}

// apply does a verb on one job inside the caller's transaction. The caller calls after
// on the result once that has committed.
func (c *Jobs) apply(ctx context.Context, a access.Actor, v Verb, id job.ID, do func(context.Context, *work) error) (*work, error) {
	r, ok := v.rule()
	if !ok {
		return nil, apperr.New(apperr.Invalid, "unknown_verb", "error.control.unknown_verb")
	}
	if err := allow(a, r.need, job.SourceUser); err != nil {
		return nil, err
	}
	j, err := c.d.Store.JobForUpdate(ctx, id)
	if err != nil {
		return nil, err
	}
	if err := allow(a, r.need, j.Source); err != nil {
		return nil, err
	}
	w := &work{c: c, actor: a, now: c.d.Clock.Now(), job: j, entry: c.jobEntry(a, r.what, j)}
	if err := do(ctx, w); err != nil {
		return nil, err
	}
	if !w.deleted {
		if err := c.d.Store.UpdateJobStatus(ctx, w.job); err != nil {
			return nil, err
		}
	}
	return w, c.d.Store.InsertAudit(ctx, w.entry)
}

// work is one verb on one job on its way through a transaction.
type work struct {
	c       *Jobs
	actor   access.Actor
	now     time.Time
	job     job.Job
	entry   audit.Entry
	deleted bool
	queued  []job.Run
	ended   []ended
}

// ended is a run that was cancelled, or asked to stop.
type ended struct {
	run    job.Run
	reason job.Reason
}

func (w *work) trigger(ctx context.Context, in TriggerJob) (job.Run, error) {
	if in.Trigger == "" {
		in.Trigger = job.TriggerManual
	}
	if in.Args != nil {
		var err error
		if _, in.Args, err = w.c.d.Kinds.Check(w.job.Kind, in.Args); err != nil {
			return job.Run{}, err
		}
	}
	cause := job.Cause{Trigger: in.Trigger, Actor: w.actor.By(), Args: in.Args}
	run, j, err := job.RunNow(w.job, cause, w.now)
	if err != nil {
		return job.Run{}, err
	}
	run.ID = job.RunID(ident.New())
	run.RootID = run.ID
	w.job = j
	w.entry.After = encode(map[string]any{"run": run.ID, "args": in.Args})
	if _, err := w.c.d.Store.InsertRuns(ctx, []job.Run{run}); err != nil {
		return job.Run{}, err
	}
	w.queued = append(w.queued, run)
	return run, nil
}

func (w *work) cancelWaitingRetries(ctx context.Context) error {
	return w.cancel(ctx, job.ReasonPaused, func(r job.Run) bool {
		return r.State == job.RunQueued && r.Attempt > 1
	})
}

func (w *work) cancelAll(ctx context.Context, reason job.Reason) error {
	return w.cancel(ctx, reason, func(job.Run) bool { return true })
}

// cancel ends the job's waiting runs that match and asks the running ones to stop.
func (w *work) cancel(ctx context.Context, reason job.Reason, match func(job.Run) bool) error {
	open, err := w.c.d.Store.OpenRuns(ctx, w.job.ID)
	if err != nil {
		return err
	}
	for _, run := range open {
		if !match(run) {
			continue
		}
		if err := w.c.cancelOne(ctx, run, reason, w.actor.By(), w.now); err != nil {
			return err
		}
		w.ended = append(w.ended, ended{run, reason})
	}
	return nil
}

// cancelOne cancels a queued run or asks a running one to stop.
func (c *Jobs) cancelOne(ctx context.Context, run job.Run, reason job.Reason, by job.By, now time.Time) error {
	if run.State == job.RunQueued {
		return c.d.Store.CancelQueued(ctx, run.ID, reason, by, now)
	}
	return c.d.Store.RequestCancel(ctx, run.ID, reason, by)
}

// after tells the engine and the live pages what was committed.
func (w *work) after(ctx context.Context) {
	for _, e := range w.ended {
		w.c.d.Engine.Cancel(ctx, e.run.ID, e.reason)
		w.c.announceCancel(e.run)
	}
	for _, run := range w.queued {
		w.c.submit(ctx, w.job, run)
	}
	if w.deleted {
		w.c.d.Events.Publish(event.Event{Type: event.JobDeleted, JobID: w.job.ID})
		return
	}
	w.c.announce(w.job)
}

// announceCancel tells that a run was asked to stop; a queued one has stopped by that.
func (c *Jobs) announceCancel(run job.Run) {
	if run.State == job.RunQueued {
		run.State = job.RunCancelled
	}
	c.d.Events.Publish(event.Event{Type: event.RunChanged, JobID: run.JobID, RunID: run.ID, State: string(run.State)})
}

// submit hands a queued run to the engine, if it may start on this node.
func (c *Jobs) submit(ctx context.Context, j job.Job, run job.Run) {
	if run.NodeWanted == "" || run.NodeWanted == c.d.Node {
		c.d.Engine.Submit(ctx, j.Ticket(run))
	}
	c.d.Events.Publish(event.Event{Type: event.RunChanged, JobID: run.JobID, RunID: run.ID, State: string(run.State)})
}
