package db

import (
	"encoding/json"
	"fmt"
	"strings"

	"carillon/db/sqlgen"
	"carillon/internal/job"
)

// jobColumns are the columns of sqlgen.Job, in its order.
const jobColumns = `id, definition, group_name, name, name_key, kind, owner, node, tags, search, priority, schedule_type,
begin_at, end_at, overlap, lock_timeout, keep_runs, keep_days, keep_failed_days, source, revision,
created_at, created_by_id, created_by_name, state, abandoned, paused_until, pause_reason, trigger_count, try_count,
last_run_at, last_run_id, last_outcome, next_run_at, updated_at, updated_by_id, updated_by_name`

// scanner is one row of a result.
type scanner interface{ Scan(dest ...any) error }

func scanJob(row scanner) (job.Job, error) {
	var r sqlgen.Job
	err := row.Scan(&r.ID, &r.Definition, &r.GroupName, &r.Name, &r.NameKey, &r.Kind, &r.Owner, &r.Node, &r.Tags,
		&r.Search, &r.Priority, &r.ScheduleType, &r.BeginAt, &r.EndAt, &r.Overlap, &r.LockTimeout, &r.KeepRuns,
		&r.KeepDays, &r.KeepFailedDays, &r.Source, &r.Revision, &r.CreatedAt, &r.CreatedByID, &r.CreatedByName,
		&r.State, &r.Abandoned, &r.PausedUntil, &r.PauseReason, &r.TriggerCount, &r.TryCount, &r.LastRunAt,
		&r.LastRunID, &r.LastOutcome, &r.NextRunAt, &r.UpdatedAt, &r.UpdatedByID, &r.UpdatedByName)
	if err != nil {
		return job.Job{}, err
	}
	return jobOf(r)
}

// jobOf reads a row. The definition comes whole from its JSON.
func jobOf(r sqlgen.Job) (job.Job, error) {
	j := statusOf(r)
	if err := json.Unmarshal([]byte(r.Definition), &j.Definition); err != nil {
		return job.Job{}, fmt.Errorf("read definition of job %s: %w", r.ID, err)
	}
	return j, nil
}

// statusOf reads a row without its definition.
func statusOf(r sqlgen.Job) job.Job {
	return job.Job{
		ID: job.ID(r.ID), Source: job.Source(r.Source), Revision: r.Revision,
		State: job.State(r.State), Abandoned: r.Abandoned,
		PausedUntil: timeOf(r.PausedUntil), PauseReason: r.PauseReason,
		TriggerCount: r.TriggerCount, TryCount: r.TryCount,
		LastRunAt: timeUnless(r.LastRunAt, 0), LastRunID: job.RunID(r.LastRunID), LastOutcome: job.RunState(r.LastOutcome),
		NextRunAt: timeUnless(r.NextRunAt, unplanned),
		CreatedAt: timeUnless(r.CreatedAt, 0), CreatedBy: job.By{ID: r.CreatedByID, Name: r.CreatedByName},
		UpdatedAt: timeUnless(r.UpdatedAt, 0), UpdatedBy: job.By{ID: r.UpdatedByID, Name: r.UpdatedByName},
	}
}

func jobsOf(rows []sqlgen.Job) ([]job.Job, error) {
	jobs := make([]job.Job, 0, len(rows))
	for _, r := range rows {
		j, err := jobOf(r)
		if err != nil {
			return nil, err
		}
		jobs = append(jobs, j)
	}
	return jobs, nil
}

// jobRow is the row of a job, with the copies of what lists need of the definition.
func jobRow(j job.Job) (sqlgen.Job, error) {
	definition, err := json.Marshal(j.Definition)
	if err != nil {
		return sqlgen.Job{}, fmt.Errorf("write definition of job %s: %w", j.ID, err)
	}
	r := statusRow(j)
	r.Definition = string(definition)
	r.GroupName, r.Name, r.NameKey = clean(j.Group), clean(j.Name), strings.ToLower(clean(j.Name))
	r.Kind, r.Owner, r.Node = clean(j.Kind), clean(j.Owner), clean(j.Node)
	r.Tags, r.Search = tagList(j.Tags), searchText(j.Definition)
	r.Priority, r.ScheduleType = int64(j.Priority), string(j.Schedule.Type)
	r.BeginAt, r.EndAt = millis(j.Schedule.BeginAt), millis(j.Schedule.EndAt)
	r.Overlap, r.LockTimeout = string(j.Overlap), int64(j.LockTimeout)
	r.KeepRuns, r.KeepDays = int64(j.Retention.KeepRuns), int64(j.Retention.KeepDays)
	r.KeepFailedDays = int64(j.Retention.KeepFailedDays)
	r.Source, r.Revision = string(j.Source), j.Revision
	r.CreatedAt, r.CreatedByID, r.CreatedByName = millisOr(j.CreatedAt, 0), j.CreatedBy.ID, j.CreatedBy.Name
	return r, nil
}

// statusRow is the part of the row that a status update writes.
func statusRow(j job.Job) sqlgen.Job {
	return sqlgen.Job{
		ID: string(j.ID), State: string(j.State), Abandoned: j.Abandoned,
		PausedUntil: millis(j.PausedUntil), PauseReason: clean(j.PauseReason),
		TriggerCount: j.TriggerCount, TryCount: j.TryCount,
		LastRunAt: millisOr(j.LastRunAt, 0), LastRunID: string(j.LastRunID), LastOutcome: string(j.LastOutcome),
		NextRunAt: millisOr(j.NextRunAt, unplanned),
		UpdatedAt: millisOr(j.UpdatedAt, 0), UpdatedByID: j.UpdatedBy.ID, UpdatedByName: j.UpdatedBy.Name,
	}
}

// tagList frames each tag with line feeds, so that a whole tag can be searched for.
func tagList(tags []string) string {
	if len(tags) == 0 {
		return ""
	}
	return clean("\n" + strings.Join(tags, "\n") + "\n")
}

// searchText is what a search for a text looks through.
func searchText(d job.Definition) string {
	parts := append([]string{d.Name, d.Group, d.Description, d.Owner}, d.Tags...)
	return strings.ToLower(clean(strings.Join(parts, "\n")))
}
