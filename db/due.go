package db

import (
	"context"
	"database/sql"
	"errors"
	"strings"
	"time"

	"carillon/db/sqlgen"
	"carillon/internal/apperr"
	"carillon/internal/job"
)

// statusBatch is how many jobs one statement updates.
const statusBatch = 50

// DueJobs returns at most limit active jobs with next_run_at <= now, the longest overdue
// first, locked until the transaction ends, without those that another dispatcher holds.
func (s *Store) DueJobs(ctx context.Context, now time.Time, limit int) ([]job.Job, error) {
	return read(ctx, s, "find due jobs", func(ctx context.Context, c conn) ([]job.Job, error) {
		rows, err := c.q.DueJobs(ctx, now.UnixMilli(), int32(limit))
		if err != nil {
			return nil, err
		}
		return jobsOf(rows)
	})
}

// DuePauses is [Store.DueJobs] for paused jobs whose pause ends.
func (s *Store) DuePauses(ctx context.Context, now time.Time, limit int) ([]job.Job, error) {
	return read(ctx, s, "find ended pauses", func(ctx context.Context, c conn) ([]job.Job, error) {
		rows, err := c.q.DuePauses(ctx, millis(now), int32(limit))
		if err != nil {
			return nil, err
		}
		return jobsOf(rows)
	})
}

// NextDue returns the earliest next_run_at of active jobs; zero if nothing is planned.
func (s *Store) NextDue(ctx context.Context) (time.Time, error) {
	return read(ctx, s, "find next due job", func(ctx context.Context, c conn) (time.Time, error) {
		next, err := c.q.NextDue(ctx)
		if errors.Is(err, sql.ErrNoRows) {
			return time.Time{}, nil
		}
		return timeUnless(next, unplanned), err
	})
}

// UpdateJobStatuses is [Store.UpdateJobStatus] for many jobs; one that is gone is left out.
func (s *Store) UpdateJobStatuses(ctx context.Context, jobs []job.Job) error {
	if len(jobs) == 0 {
		return nil
	}
	rows := convert(jobs, statusRow)
	return s.writeAll(ctx, "update job statuses", func(ctx context.Context, c conn) error {
		if s.sqlite { // a prepared statement is faster there than to compile a long one
			for _, r := range rows {
				if err := updateStatus(ctx, c, r); err != nil && !apperr.Is(err, apperr.NotFound) {
					return err
				}
			}
			return nil
		}
		return inBatches(rows, statusBatch, func(batch []sqlgen.Job) error {
			q := s.statusQuery(batch)
			_, err := c.raw.ExecContext(ctx, q.text.String(), q.args...)
			return err
		})
	})
}

// AdvanceJobs writes what a dispatch changes about nearly every job: its trigger count
// and when it is due next. A job that is gone is left out.
func (s *Store) AdvanceJobs(ctx context.Context, jobs []job.Job) error {
	if len(jobs) == 0 {
		return nil
	}
	return s.writeAll(ctx, "advance jobs", func(ctx context.Context, c conn) error {
		if s.sqlite {
			for _, j := range jobs {
				p := sqlgen.AdvanceJobParams{ID: string(j.ID), TriggerCount: j.TriggerCount, NextRunAt: millisOr(j.NextRunAt, unplanned)}
				if _, err := c.q.AdvanceJob(ctx, p); err != nil {
					return err
				}
			}
			return nil
		}
		return inBatches(jobs, statusBatch, func(batch []job.Job) error {
			q := s.newQuery("WITH v (id, trigger_count, next_run_at) AS (VALUES ")
			for i, j := range batch {
				if i > 0 {
					q.add(", ")
				}
				q.add("("+text+", "+bigint+", "+bigint+")", string(j.ID), j.TriggerCount, millisOr(j.NextRunAt, unplanned))
			}
			q.add(") UPDATE jobs SET trigger_count = v.trigger_count, next_run_at = v.next_run_at FROM v WHERE jobs.id = v.id")
			_, err := c.raw.ExecContext(ctx, q.text.String(), q.args...)
			return err
		})
	})
}

// statusQuery updates the jobs of a batch at once by joining them with a table of values. The
// casts give PostgreSQL the types, which it cannot infer there.
func (s *Store) statusQuery(batch []sqlgen.Job) *query {
	row := "(" + strings.Join([]string{
		text, text, boolean, bigint, text, bigint, bigint, bigint, text, text, bigint, bigint, text, text,
	}, ", ") + ")"
	q := s.newQuery(`WITH v (id, state, abandoned, paused_until, pause_reason, trigger_count, try_count, last_run_at,
last_run_id, last_outcome, next_run_at, updated_at, updated_by_id, updated_by_name) AS (VALUES `)
	for i, r := range batch {
		if i > 0 {
			q.add(", ")
		}
		q.add(row, r.ID, r.State, r.Abandoned, r.PausedUntil, r.PauseReason, r.TriggerCount, r.TryCount, r.LastRunAt,
			r.LastRunID, r.LastOutcome, r.NextRunAt, r.UpdatedAt, r.UpdatedByID, r.UpdatedByName)
	}
	q.add(`) UPDATE jobs SET state = v.state, abandoned = v.abandoned, paused_until = v.paused_until,
pause_reason = v.pause_reason, trigger_count = v.trigger_count, try_count = v.try_count, last_run_at = v.last_run_at,
last_run_id = v.last_run_id, last_outcome = v.last_outcome, next_run_at = v.next_run_at, updated_at = v.updated_at,
updated_by_id = v.updated_by_id, updated_by_name = v.updated_by_name FROM v WHERE jobs.id = v.id`)
	return q
}

// Parameters with a type.
const (
	text    = "CAST(? AS TEXT)"
	boolean = "CAST(? AS BOOLEAN)"
	bigint  = "CAST(? AS BIGINT)"
)
