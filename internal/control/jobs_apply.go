package control

import (
	"context"
	"fmt"

	"carillon/internal/access"
	"carillon/internal/apperr"
	"carillon/internal/job"
)

// Changes are what [Jobs.Apply] does at once.
type Changes struct {
	Create []NewJob
	Edit   []EditOf
	// Start and Stop switch jobs on and off.
	Start, Stop []job.ID
	// Delete removes jobs; those that still fire are stopped first.
	Delete []job.ID
}

// EditOf is an edit of one job.
type EditOf struct {
	ID job.ID
	EditJob
}

// ApplyError says which job could not be changed.
type ApplyError struct {
	Job string // "group/name"; an id if that is all there is
	Err error
}

// Error implements error.
func (e *ApplyError) Error() string { return fmt.Sprintf("apply %s: %v", e.Job, e.Err) }

// Unwrap returns why.
func (e *ApplyError) Unwrap() error { return e.Err }

// Apply makes all changes in one transaction, or none. Each needs the permission of its
// verb and is audited as its verb is. The error is an [ApplyError] if it is about one job.
func (c *Jobs) Apply(ctx context.Context, a access.Actor, in Changes) error {
	if err := c.readyToApply(ctx, a, &in); err != nil {
		return err
	}
	var done []*work
	var changed []job.Job
	err := c.d.Store.InTx(ctx, func(ctx context.Context) error {
		done, changed = nil, nil
		var err error
		if done, err = c.applyVerbs(ctx, a, in); err != nil {
			return err
		}
		for _, e := range in.Edit {
			j, err := c.edit(ctx, a, e.ID, e.EditJob)
			if err != nil {
				return &ApplyError{e.Definition.Group + "/" + e.Definition.Name, err}
			}
			changed = append(changed, j)
		}
		for _, n := range in.Create {
			j, err := c.insert(ctx, a, n)
			if err != nil {
				return &ApplyError{n.Definition.Group + "/" + n.Definition.Name, err}
			}
			changed = append(changed, j)
		}
		started, err := c.start(ctx, a, in.Start)
		done = append(done, started...)
		return err
	})
	if err != nil {
		return err
	}
	for _, w := range done {
		w.after(ctx)
	}
	c.announce(changed...)
	return nil
}

// readyToApply checks what can be checked before the transaction, and puts the
// definitions into their stored form.
func (c *Jobs) readyToApply(ctx context.Context, a access.Actor, in *Changes) error {
	if len(in.Create) > 0 && !a.Can(access.JobsCreate) || len(in.Edit) > 0 && !a.Can(access.JobsUpdate) {
		return apperr.New(apperr.Forbidden, "forbidden", "error.control.forbidden")
	}
	for i := range in.Create {
		n := &in.Create[i]
		if n.Source == "" {
			n.Source = job.SourceUser
		}
		if err := c.ready(ctx, &n.Definition, n.Note); err != nil {
			return err
		}
	}
	for i := range in.Edit {
		if err := c.ready(ctx, &in.Edit[i].Definition, in.Edit[i].Note); err != nil {
			return err
		}
	}
	return nil
}

func (c *Jobs) ready(ctx context.Context, def *job.Definition, note string) error {
	valid, err := c.Validate(ctx, *def)
	if err == nil {
		err = checkNote(note)
	}
	if err != nil {
		return &ApplyError{def.Group + "/" + def.Name, err}
	}
	*def = valid
	return nil
}

// applyVerbs deletes and stops: what must be done before edits and new jobs.
func (c *Jobs) applyVerbs(ctx context.Context, a access.Actor, in Changes) ([]*work, error) {
	var stop []job.ID
	for _, id := range in.Delete {
		j, err := c.d.Store.JobForUpdate(ctx, id)
		if err != nil {
			return nil, &ApplyError{id.String(), err}
		}
		if job.CanDelete(j) != nil {
			stop = append(stop, id)
		}
	}
	done, err := c.applyVerb(ctx, a, VerbStop, append(stop, in.Stop...))
	if err != nil {
		return nil, err
	}
	deleted, err := c.applyVerb(ctx, a, VerbDelete, in.Delete)
	return append(done, deleted...), err
}

// start starts jobs, but for those that an edit has put to work again.
func (c *Jobs) start(ctx context.Context, a access.Actor, ids []job.ID) ([]*work, error) {
	var idle []job.ID
	for _, id := range ids {
		j, err := c.d.Store.JobForUpdate(ctx, id)
		if err != nil {
			return nil, &ApplyError{id.String(), err}
		}
		if j.State != job.Active {
			idle = append(idle, id)
		}
	}
	return c.applyVerb(ctx, a, VerbStart, idle)
}

func (c *Jobs) applyVerb(ctx context.Context, a access.Actor, v Verb, ids []job.ID) ([]*work, error) {
	do, err := bulkWork(v)
	if err != nil {
		return nil, err
	}
	var done []*work
	for _, id := range ids {
		w, err := c.apply(ctx, a, v, id, do)
		if err != nil {
			return nil, &ApplyError{id.String(), err}
		}
		done = append(done, w)
	}
	return done, nil
}

// AllJobs returns every job that a filter selects, by group and name.
func (c *Jobs) AllJobs(ctx context.Context, a access.Actor, f job.Filter) ([]job.Job, error) {
	if err := allow(a, access.JobsView, job.SourceUser); err != nil {
		return nil, err
	}
	return c.allJobs(ctx, f)
}
