// Package control holds the operator's verbs. Every verb authorises, does its work and
// its audit entry in one transaction, and after the commit wakes the engine and
// announces the change to live pages. Pages, the JSON interface and the command line
// all come through here.
package control

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"carillon/internal/access"
	"carillon/internal/apperr"
	"carillon/internal/audit"
	"carillon/internal/clock"
	"carillon/internal/event"
	"carillon/internal/ident"
	"carillon/internal/job"
)

// Kinds is what the verbs need to know of kinds of work.
type Kinds interface {
	Specs() []job.KindSpec
	// Check returns the kind's canonical name and the args in their types; faults are
	// an apperr Invalid with fields "kind" and "args.<name>".
	Check(name string, args job.Args) (string, job.Args, error)
	// Summary is one readable line of what a run will do; "" for an unknown kind.
	Summary(name string, args job.Args) string
}

// Engine is where queued runs go.
type Engine interface {
	Submit(ctx context.Context, tickets ...job.Ticket)
	Cancel(ctx context.Context, id job.RunID, reason job.Reason)
}

// JobsDeps are what the verbs on jobs and runs need.
type JobsDeps struct {
	Store interface {
		JobStore
		AuditStore
	}
	Kinds  Kinds
	Engine Engine
	Events *event.Hub
	Clock  clock.Clock
	Zone   *time.Location // of jobs that name none
	Node   string         // this node's name, as jobs may ask for it
	// DeleteOutput removes what a deleted run printed.
	DeleteOutput func(ctx context.Context, ids []job.RunID) error
}

// Jobs are the verbs on jobs and runs.
type Jobs struct{ d JobsDeps }

// NewJobs returns the verbs.
func NewJobs(d JobsDeps) *Jobs { return &Jobs{d: d} }

// NewJob is what a person gives to create a job.
type NewJob struct {
	Definition job.Definition
	Source     job.Source // "" means user
	Stopped    bool       // create it without letting it fire
	Note       string
}

// EditJob is what a person gives to change a job.
type EditJob struct {
	Definition job.Definition
	Revision   int64 // the revision that was looked at; another one in the store is a Conflict "stale"
	Note       string
}

// maxNote is the longest note on an edit, in runes.
const maxNote = 500

// Validate checks and normalises a definition as Create and Update do, saving nothing.
// The error is an apperr Invalid whose fields are the form's.
func (c *Jobs) Validate(_ context.Context, def job.Definition) (job.Definition, error) {
	def, err := job.Validate(def, c.d.Clock.Now(), c.d.Zone)
	var faults apperr.Faults
	if err := faults.Merge("", err); err != nil {
		return def, err
	}
	kind, args, err := c.d.Kinds.Check(def.Kind, def.Args)
	if err := faults.Merge("", err); err != nil {
		return def, err
	}
	if faults.Len() == 0 {
		def.Kind, def.Args = kind, args
	}
	return def, faults.Err()
}

// Create adds a job.
func (c *Jobs) Create(ctx context.Context, a access.Actor, in NewJob) (job.Job, error) {
	if in.Source == "" {
		in.Source = job.SourceUser
	}
	if err := allow(a, access.JobsCreate, in.Source); err != nil {
		return job.Job{}, err
	}
	def, err := c.Validate(ctx, in.Definition)
	if err != nil {
		return job.Job{}, err
	}
	if err := checkNote(in.Note); err != nil {
		return job.Job{}, err
	}
	in.Definition = def
	var j job.Job
	err = c.d.Store.InTx(ctx, func(ctx context.Context) error {
		j, err = c.insert(ctx, a, in)
		return err
	})
	if err != nil {
		return job.Job{}, fmt.Errorf("create job: %w", err)
	}
	c.announce(j)
	return j, nil
}

// insert adds a job with a valid definition inside the caller's transaction.
func (c *Jobs) insert(ctx context.Context, a access.Actor, in NewJob) (job.Job, error) {
	j, err := job.New(in.Definition, in.Source, a.By(), c.d.Clock.Now(), c.d.Zone, !in.Stopped)
	if err != nil {
		return job.Job{}, err
	}
	j.ID = job.ID(ident.New())
	if err := c.d.Store.InsertJob(ctx, j); err != nil {
		return job.Job{}, err
	}
	return j, c.keepRevision(ctx, a, audit.JobCreate, nil, j, in.Note)
}

// Update changes a job's definition and keeps the old one as a revision.
func (c *Jobs) Update(ctx context.Context, a access.Actor, id job.ID, in EditJob) (job.Job, error) {
	if err := allow(a, access.JobsUpdate, job.SourceUser); err != nil {
		return job.Job{}, err
	}
	def, err := c.Validate(ctx, in.Definition)
	if err != nil {
		return job.Job{}, err
	}
	if err := checkNote(in.Note); err != nil {
		return job.Job{}, err
	}
	in.Definition = def
	var after job.Job
	err = c.d.Store.InTx(ctx, func(ctx context.Context) error {
		after, err = c.edit(ctx, a, id, in)
		return err
	})
	if err != nil {
		return job.Job{}, fmt.Errorf("update job: %w", err)
	}
	c.announce(after)
	return after, nil
}

// edit gives a job a valid definition inside the caller's transaction.
func (c *Jobs) edit(ctx context.Context, a access.Actor, id job.ID, in EditJob) (job.Job, error) {
	before, err := c.d.Store.JobForUpdate(ctx, id)
	if err != nil {
		return job.Job{}, err
	}
	if err := allow(a, access.JobsUpdate, before.Source); err != nil {
		return job.Job{}, err
	}
	if before.Revision != in.Revision {
		return job.Job{}, errStale
	}
	after, err := job.Edit(before, in.Definition, a.By(), c.d.Clock.Now(), c.d.Zone)
	if err != nil {
		return job.Job{}, err
	}
	if err := c.d.Store.UpdateJob(ctx, after, before.Revision); err != nil {
		return job.Job{}, err
	}
	return after, c.keepRevision(ctx, a, audit.JobUpdate, &before, after, in.Note)
}

// errStale is returned when somebody else saved meanwhile.
var errStale = apperr.New(apperr.Conflict, "stale", "error.control.stale")

func (c *Jobs) keepRevision(ctx context.Context, a access.Actor, what audit.Action, before *job.Job, after job.Job, note string) error {
	rev := job.Revision{
		JobID: after.ID, Revision: after.Revision, Definition: after.Definition,
		At: after.UpdatedAt, By: a.By(), Note: note,
	}
	if err := c.d.Store.InsertRevision(ctx, rev); err != nil {
		return err
	}
	e := c.jobEntry(a, what, after)
	e.Note = note
	if before != nil {
		e.Before = encode(before.Definition)
	}
	e.After = encode(after.Definition)
	return c.d.Store.InsertAudit(ctx, e)
}

// jobEntry returns an audit entry about a job, to be completed.
func (c *Jobs) jobEntry(a access.Actor, what audit.Action, j job.Job) audit.Entry {
	return entry(a, what, c.d.Clock.Now(), "job", j.ID.String(), j.Group+"/"+j.Name)
}

// entry returns an audit entry without a before, an after or a note.
func entry(a access.Actor, what audit.Action, at time.Time, subject, id, name string) audit.Entry {
	return audit.Entry{
		ID: ident.New(), At: at,
		ActorID: a.UserID, ActorName: a.Name, Via: string(a.Via), Address: a.Address, RequestID: a.RequestID,
		Action: what, Subject: subject, SubjectID: id, SubjectName: name,
	}
}

// encode returns v as JSON; a value that has none is left out of the audit.
func encode(v any) json.RawMessage {
	raw, err := json.Marshal(v)
	if err != nil {
		return nil
	}
	return raw
}

// allow checks a permission, and the one for system jobs where source is system.
func allow(a access.Actor, p access.Permission, source job.Source) error {
	if !a.Can(p) {
		return apperr.New(apperr.Forbidden, "forbidden", "error.control.forbidden")
	}
	if source == job.SourceSystem && !a.Can(access.JobsManageSystem) {
		return apperr.New(apperr.Forbidden, "system_job", "error.control.system_job")
	}
	return nil
}

func checkNote(note string) error {
	if len([]rune(note)) <= maxNote {
		return nil
	}
	var faults apperr.Faults
	faults.Add("note", "error.control.note_long", "max", maxNote)
	return faults.Err()
}

func (c *Jobs) announce(jobs ...job.Job) {
	for _, j := range jobs {
		c.d.Events.Publish(event.Event{Type: event.JobChanged, JobID: j.ID, State: string(j.State)})
	}
}
