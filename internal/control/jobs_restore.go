package control

import (
	"context"
	"fmt"

	"carillon/internal/access"
	"carillon/internal/apperr"
	"carillon/internal/job"
)

// RestoreJob says which kept definition a job gets again.
type RestoreJob struct {
	Revision int64 // to be restored
	Current  int64 // the revision that was looked at; another one in the store is a Conflict "stale"
	Note     string
}

var errCurrent = apperr.New(apperr.Conflict, "current_revision", "error.control.current_revision")

// Restore gives a job the definition of an earlier revision again. That makes a new
// revision: nothing of the history is lost. A definition that is not valid any more,
// because its time has passed or its kind is gone, is refused as an edit would be.
func (c *Jobs) Restore(ctx context.Context, a access.Actor, id job.ID, in RestoreJob) (job.Job, error) {
	if err := allow(a, access.JobsUpdate, job.SourceUser); err != nil {
		return job.Job{}, err
	}
	if in.Revision == in.Current {
		return job.Job{}, errCurrent
	}
	old, err := c.d.Store.Revision(ctx, id, in.Revision)
	if err != nil {
		return job.Job{}, fmt.Errorf("restore revision: %w", err)
	}
	return c.Update(ctx, a, id, EditJob{Definition: old.Definition, Revision: in.Current, Note: in.Note})
}
