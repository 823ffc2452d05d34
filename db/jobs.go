package db

import (
	"context"
	"encoding/json"
	"fmt"
	"math"

	"carillon/db/sqlgen"
	"carillon/internal/apperr"
	"carillon/internal/job"
)

// Job returns a job.
func (s *Store) Job(ctx context.Context, id job.ID) (job.Job, error) {
	return read(ctx, s, "read job", func(ctx context.Context, c conn) (job.Job, error) {
		r, err := c.q.GetJob(ctx, string(id))
		if err != nil {
			return job.Job{}, err
		}
		return jobOf(r)
	})
}

// JobForUpdate returns a job and locks it until the transaction ends.
func (s *Store) JobForUpdate(ctx context.Context, id job.ID) (job.Job, error) {
	return read(ctx, s, "lock job", func(ctx context.Context, c conn) (job.Job, error) {
		r, err := c.q.GetJobForUpdate(ctx, string(id))
		if err != nil {
			return job.Job{}, err
		}
		return jobOf(r)
	})
}

// JobStatusForUpdate is [Store.JobForUpdate] without the definition.
func (s *Store) JobStatusForUpdate(ctx context.Context, id job.ID) (job.Job, error) {
	return read(ctx, s, "lock job", func(ctx context.Context, c conn) (job.Job, error) {
		r, err := c.q.GetJobStatusForUpdate(ctx, string(id))
		if err != nil {
			return job.Job{}, err
		}
		return statusOf(sqlgen.Job{
			ID: r.ID, Source: r.Source, Revision: r.Revision, State: r.State, Abandoned: r.Abandoned,
			PausedUntil: r.PausedUntil, PauseReason: r.PauseReason, TriggerCount: r.TriggerCount, TryCount: r.TryCount,
			LastRunAt: r.LastRunAt, LastRunID: r.LastRunID, LastOutcome: r.LastOutcome, NextRunAt: r.NextRunAt,
			CreatedAt: r.CreatedAt, CreatedByID: r.CreatedByID, CreatedByName: r.CreatedByName,
			UpdatedAt: r.UpdatedAt, UpdatedByID: r.UpdatedByID, UpdatedByName: r.UpdatedByName,
		}), nil
	})
}

// InsertJob adds a job; a (group, name) in use is an apperr Conflict "name_taken".
func (s *Store) InsertJob(ctx context.Context, j job.Job) error {
	row, err := jobRow(j)
	if err != nil {
		return err
	}
	return s.write(ctx, "insert job", func(ctx context.Context, c conn) error {
		return nameTaken(c.q.InsertJob(ctx, sqlgen.InsertJobParams(row)))
	})
}

// nameTaken words the failure of a job's unique name.
func nameTaken(err error) error {
	if duplicate(err, "jobs_name") {
		return apperr.Wrap(err, apperr.Conflict, "name_taken", "error.db.job_name_taken")
	}
	return err
}

// UpdateJob writes the whole job but its creation, guarded by revision == was: an apperr
// Conflict "stale" if it is another by now, Conflict "name_taken" if the name is in use.
func (s *Store) UpdateJob(ctx context.Context, j job.Job, was int64) error {
	r, err := jobRow(j)
	if err != nil {
		return err
	}
	return s.writeAll(ctx, "update job", func(ctx context.Context, c conn) error {
		n, err := c.q.UpdateJobDefinition(ctx, sqlgen.UpdateJobDefinitionParams{
			ID: r.ID, Revision: was, Definition: r.Definition, GroupName: r.GroupName, Name: r.Name, NameKey: r.NameKey,
			Kind: r.Kind, Owner: r.Owner, Node: r.Node, Tags: r.Tags, Search: r.Search, Priority: r.Priority,
			ScheduleType: r.ScheduleType, BeginAt: r.BeginAt, EndAt: r.EndAt, Overlap: r.Overlap,
			LockTimeout: r.LockTimeout, KeepRuns: r.KeepRuns, KeepDays: r.KeepDays, KeepFailedDays: r.KeepFailedDays,
			Source: r.Source, Revision_2: r.Revision,
		})
		if err != nil {
			return nameTaken(err)
		}
		if n == 0 {
			return missingOr(ctx, c, r.ID, "stale")
		}
		return updateStatus(ctx, c, r)
	})
}

// missingOr explains why a guarded write of a job changed nothing.
func missingOr(ctx context.Context, c conn, id, code string) error {
	exists, err := c.q.JobExists(ctx, id)
	switch {
	case err != nil:
		return err
	case !exists:
		return notFound()
	}
	return conflict(code)
}

// UpdateJobStatus writes everything but the definition, source, revision and creation.
func (s *Store) UpdateJobStatus(ctx context.Context, j job.Job) error {
	return s.write(ctx, "update job status", func(ctx context.Context, c conn) error {
		return updateStatus(ctx, c, statusRow(j))
	})
}

func updateStatus(ctx context.Context, c conn, r sqlgen.Job) error {
	n, err := c.q.UpdateJobStatus(ctx, sqlgen.UpdateJobStatusParams{
		ID: r.ID, State: r.State, Abandoned: r.Abandoned, PausedUntil: r.PausedUntil, PauseReason: r.PauseReason,
		TriggerCount: r.TriggerCount, TryCount: r.TryCount, LastRunAt: r.LastRunAt, LastRunID: r.LastRunID,
		LastOutcome: r.LastOutcome, NextRunAt: r.NextRunAt,
		UpdatedAt: r.UpdatedAt, UpdatedByID: r.UpdatedByID, UpdatedByName: r.UpdatedByName,
	})
	if err == nil && n == 0 {
		return notFound()
	}
	return err
}

// NoteRun writes what a run's end changes about nearly every job: the count of failures
// in a row, and when and how its last run went.
func (s *Store) NoteRun(ctx context.Context, j job.Job) error {
	r := statusRow(j)
	return s.write(ctx, "note run on job", func(ctx context.Context, c conn) error {
		n, err := c.q.NoteRun(ctx, sqlgen.NoteRunParams{
			ID: r.ID, TryCount: r.TryCount, LastRunAt: r.LastRunAt, LastRunID: r.LastRunID, LastOutcome: r.LastOutcome,
		})
		if err == nil && n == 0 {
			return notFound()
		}
		return err
	})
}

// DeleteJob removes a job with its revisions and actions; its runs stay.
func (s *Store) DeleteJob(ctx context.Context, id job.ID) error {
	return s.write(ctx, "delete job", func(ctx context.Context, c conn) error {
		n, err := c.q.DeleteJob(ctx, string(id))
		if err == nil && n == 0 {
			return notFound()
		}
		return err
	})
}

// Groups lists all groups with their number of jobs, by name.
func (s *Store) Groups(ctx context.Context) ([]job.GroupCount, error) {
	return read(ctx, s, "list groups", func(ctx context.Context, c conn) ([]job.GroupCount, error) {
		rows, err := c.q.Groups(ctx)
		groups := make([]job.GroupCount, 0, len(rows))
		for _, r := range rows {
			groups = append(groups, job.GroupCount{Group: r.GroupName, Jobs: int(r.Jobs)})
		}
		return groups, err
	})
}

// InsertRevision keeps a version of a job's definition.
func (s *Store) InsertRevision(ctx context.Context, r job.Revision) error {
	definition, err := json.Marshal(r.Definition)
	if err != nil {
		return fmt.Errorf("write revision of job %s: %w", r.JobID, err)
	}
	return s.write(ctx, "insert revision", func(ctx context.Context, c conn) error {
		return c.q.InsertRevision(ctx, sqlgen.InsertRevisionParams{
			JobID: string(r.JobID), Revision: r.Revision, Definition: string(definition),
			MadeAt: millisOr(r.At, 0), MadeByID: r.By.ID, MadeByName: r.By.Name, Note: clean(r.Note),
		})
	})
}

// Revision returns one version of a job's definition.
func (s *Store) Revision(ctx context.Context, id job.ID, revision int64) (job.Revision, error) {
	return read(ctx, s, "read revision", func(ctx context.Context, c conn) (job.Revision, error) {
		r, err := c.q.GetRevision(ctx, string(id), revision)
		if err != nil {
			return job.Revision{}, err
		}
		return revisionOf(r)
	})
}

// Revisions returns at most limit versions, the newest first, below before (0: from the newest).
func (s *Store) Revisions(ctx context.Context, id job.ID, before int64, limit int) ([]job.Revision, error) {
	if before == 0 {
		before = math.MaxInt64
	}
	return read(ctx, s, "list revisions", func(ctx context.Context, c conn) ([]job.Revision, error) {
		rows, err := c.q.RevisionsBefore(ctx, sqlgen.RevisionsBeforeParams{JobID: string(id), Before: before, MaxRows: int32(limit)})
		if err != nil {
			return nil, err
		}
		revisions := make([]job.Revision, 0, len(rows))
		for _, row := range rows {
			r, err := revisionOf(row)
			if err != nil {
				return nil, err
			}
			revisions = append(revisions, r)
		}
		return revisions, nil
	})
}

func revisionOf(r sqlgen.JobRevision) (job.Revision, error) {
	v := job.Revision{
		JobID: job.ID(r.JobID), Revision: r.Revision, At: timeUnless(r.MadeAt, 0),
		By: job.By{ID: r.MadeByID, Name: r.MadeByName}, Note: r.Note,
	}
	if err := json.Unmarshal([]byte(r.Definition), &v.Definition); err != nil {
		return job.Revision{}, fmt.Errorf("read revision %d of job %s: %w", r.Revision, r.JobID, err)
	}
	return v, nil
}
