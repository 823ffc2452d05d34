package control

import (
	"context"
	"time"

	"carillon/internal/access"
	"carillon/internal/apperr"
	"carillon/internal/audit"
	"carillon/internal/ident"
	"carillon/internal/job"
)

var errNoJob = apperr.New(apperr.NotFound, "no_job", "error.control.no_job")

// Job returns one job.
func (c *Jobs) Job(ctx context.Context, a access.Actor, id job.ID) (job.Job, error) {
	if err := allow(a, access.JobsView, job.SourceUser); err != nil {
		return job.Job{}, err
	}
	if !ident.Valid(id.String()) {
		return job.Job{}, errNoJob
	}
	return c.d.Store.Job(ctx, id)
}

// Jobs returns one page of jobs.
func (c *Jobs) Jobs(ctx context.Context, a access.Actor, f job.Filter, p job.JobPage) (job.Jobs, error) {
	if err := allow(a, access.JobsView, job.SourceUser); err != nil {
		return job.Jobs{}, err
	}
	return c.d.Store.Jobs(ctx, f, p)
}

// CountJobs counts jobs up to limit; limit+1 means more.
func (c *Jobs) CountJobs(ctx context.Context, a access.Actor, f job.Filter, limit int) (int, error) {
	if err := allow(a, access.JobsView, job.SourceUser); err != nil {
		return 0, err
	}
	return c.d.Store.CountJobs(ctx, f, limit)
}

// Groups lists the groups with their number of jobs, by name.
func (c *Jobs) Groups(ctx context.Context, a access.Actor) ([]job.GroupCount, error) {
	if err := allow(a, access.JobsView, job.SourceUser); err != nil {
		return nil, err
	}
	return c.d.Store.Groups(ctx)
}

// Revisions returns a job's kept definitions, newest first, below before (0: from the newest).
func (c *Jobs) Revisions(ctx context.Context, a access.Actor, id job.ID, before int64, limit int) ([]job.Revision, error) {
	if err := allow(a, access.JobsView, job.SourceUser); err != nil {
		return nil, err
	}
	return c.d.Store.Revisions(ctx, id, before, limit)
}

// Revision returns one kept definition of a job.
func (c *Jobs) Revision(ctx context.Context, a access.Actor, id job.ID, revision int64) (job.Revision, error) {
	if err := allow(a, access.JobsView, job.SourceUser); err != nil {
		return job.Revision{}, err
	}
	return c.d.Store.Revision(ctx, id, revision)
}

// Bars returns each job's newest n runs, newest first.
func (c *Jobs) Bars(ctx context.Context, a access.Actor, ids []job.ID, n int) (map[job.ID][]job.Bar, error) {
	if err := allow(a, access.RunsView, job.SourceUser); err != nil {
		return nil, err
	}
	return c.d.Store.Bars(ctx, ids, n)
}

// Live counts the runs in flight of each job; a job without any is absent.
func (c *Jobs) Live(ctx context.Context, a access.Actor, ids []job.ID) (map[job.ID]job.Live, error) {
	if err := allow(a, access.RunsView, job.SourceUser); err != nil {
		return nil, err
	}
	return c.d.Store.Live(ctx, ids)
}

// Stats sums up a job's runs that finished since.
func (c *Jobs) Stats(ctx context.Context, a access.Actor, id job.ID, since time.Time) (job.Stats, error) {
	if err := allow(a, access.RunsView, job.SourceUser); err != nil {
		return job.Stats{}, err
	}
	return c.d.Store.Stats(ctx, id, since)
}

// LastGood returns the newest run of a job that succeeded before the given run (zero: the
// newest); false if none is near enough.
func (c *Jobs) LastGood(ctx context.Context, a access.Actor, id job.ID, before job.Run) (job.Run, bool, error) {
	if err := allow(a, access.RunsView, job.SourceUser); err != nil {
		return job.Run{}, false, err
	}
	return c.d.Store.LastGood(ctx, id, before)
}

// RunsByID returns those of the runs that exist, by their ids.
func (c *Jobs) RunsByID(ctx context.Context, a access.Actor, ids []job.RunID) (map[job.RunID]job.Run, error) {
	if err := allow(a, access.RunsView, job.SourceUser); err != nil {
		return nil, err
	}
	runs, err := c.d.Store.RunsByID(ctx, ids)
	byID := make(map[job.RunID]job.Run, len(runs))
	for _, r := range runs {
		byID[r.ID] = r
	}
	return byID, err
}

// Slots counts the final runs made in each of n spans of that width from a time on; each
// number is at most limit+1, which means "more".
func (c *Jobs) Slots(ctx context.Context, a access.Actor, from time.Time, width time.Duration, n, limit int) ([]job.Slot, error) {
	if err := allow(a, access.RunsView, job.SourceUser); err != nil {
		return nil, err
	}
	return c.d.Store.Slots(ctx, from, width, n, limit)
}

// Kinds describes the kinds of work a job can be of.
func (c *Jobs) Kinds() []job.KindSpec { return c.d.Kinds.Specs() }

// Summary is one readable line of what a run will do; "" for an unknown kind.
func (c *Jobs) Summary(kind string, args job.Args) string { return c.d.Kinds.Summary(kind, args) }

// Zone is the server's zone, which jobs without one of their own use.
func (c *Jobs) Zone() *time.Location { return c.d.Zone }

// Audit returns one page of the audit, newest first.
func (c *Jobs) Audit(ctx context.Context, a access.Actor, f audit.Filter, after string, limit int) (audit.Page, error) {
	if err := allow(a, access.AuditView, job.SourceUser); err != nil {
		return audit.Page{}, err
	}
	return c.d.Store.Audit(ctx, f, after, limit)
}
