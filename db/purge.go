package db

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"carillon/db/sqlgen"
	"carillon/internal/job"
)

// purgeBatch is how many runs one transaction removes.
const purgeBatch = 200

// PurgeRuns removes at most limit ended runs with their output: those made before
// olderThan, and before failedOlderThan if they failed, timed out or were lost; a zero
// time keeps all. Runs of jobs that say themselves how long theirs are kept are left to
// [Store.PurgeJobRuns]. It returns how many were removed; limit means that there are more.
func (s *Store) PurgeRuns(ctx context.Context, olderThan, failedOlderThan time.Time, limit int) (int, error) {
	removed := 0
	for _, rule := range []struct {
		before time.Time
		states []job.RunState
	}{
		{olderThan, []job.RunState{job.RunSucceeded, job.RunCancelled, job.RunSkipped, job.RunMissed}},
		{failedOlderThan, []job.RunState{job.RunFailed, job.RunTimedOut, job.RunLost}},
	} {
		for _, state := range rule.states {
			if rule.before.IsZero() {
				continue
			}
			n, err := s.purge(ctx, limit-removed, func(ctx context.Context, c conn, max int) ([]string, error) {
				return c.q.OldRuns(ctx, sqlgen.OldRunsParams{
					State: string(state), Before: rule.before.UnixMilli(), MaxRows: int32(max),
				})
			})
			removed += n
			if err != nil {
				return removed, err
			}
		}
	}
	return removed, nil
}

// PurgeJobRuns removes at most limit ended runs of one job with their output: those that
// are not among its newest keep (0: all are), and those that [Store.PurgeRuns] would remove.
func (s *Store) PurgeJobRuns(ctx context.Context, id job.ID, keep int, olderThan, failedOlderThan time.Time, limit int) (int, error) {
	removed := 0
	if keep > 0 {
		n, err := s.purge(ctx, limit, func(ctx context.Context, c conn, max int) ([]string, error) {
			last, err := c.q.NthNewestRun(ctx, string(id), int32(keep))
			if errors.Is(err, sql.ErrNoRows) {
				return nil, nil
			}
			if err != nil {
				return nil, err
			}
			return c.q.JobRunsFrom(ctx, sqlgen.JobRunsFromParams{
				JobID: string(id), CreatedAt: last.CreatedAt, ID: last.ID, MaxRows: int32(max),
			})
		})
		removed += n
		if err != nil {
			return removed, err
		}
	}
	for _, rule := range []struct {
		before time.Time
		failed bool
	}{{olderThan, false}, {failedOlderThan, true}} {
		if rule.before.IsZero() {
			continue
		}
		n, err := s.purge(ctx, limit-removed, func(ctx context.Context, c conn, max int) ([]string, error) {
			return c.q.OldJobRuns(ctx, sqlgen.OldJobRunsParams{
				JobID: string(id), Before: rule.before.UnixMilli(), Failed: rule.failed, MaxRows: int32(max),
			})
		})
		removed += n
		if err != nil {
			return removed, err
		}
	}
	return removed, nil
}

// purge removes the runs that find returns, in transactions of their own, so that other
// writers get their turn. Output goes first: what a crash leaves is a run without output,
// which the next purge removes, and never output without a run.
func (s *Store) purge(ctx context.Context, limit int, find func(ctx context.Context, c conn, max int) ([]string, error)) (int, error) {
	removed := 0
	for removed < limit {
		batch := min(purgeBatch, limit-removed)
		ids, err := read(ctx, s, "find old runs", func(ctx context.Context, c conn) ([]string, error) { return find(ctx, c, batch) })
		if err != nil || len(ids) == 0 {
			return removed, err
		}
		runs := convert(ids, func(id string) job.RunID { return job.RunID(id) })
		if err := s.DeleteOutput(ctx, runs); err != nil {
			return removed, err
		}
		q := s.newQuery("DELETE FROM runs")
		in(q, "id", runs)
		err = s.write(ctx, "delete old runs", func(ctx context.Context, c conn) error {
			_, err := c.raw.ExecContext(ctx, q.text.String(), q.args...)
			return err
		})
		if err != nil {
			return removed, err
		}
		removed += len(ids)
		if len(ids) < batch {
			return removed, nil
		}
	}
	return removed, nil
}

// RetainingJobs returns at most limit jobs that say themselves how long their runs are
// kept, in order of their ids, after the given one.
func (s *Store) RetainingJobs(ctx context.Context, after job.ID, limit int) ([]job.Job, error) {
	return read(ctx, s, "list jobs with a retention of their own", func(ctx context.Context, c conn) ([]job.Job, error) {
		rows, err := c.q.RetainingJobs(ctx, string(after), int32(limit))
		if err != nil {
			return nil, err
		}
		return jobsOf(rows)
	})
}
