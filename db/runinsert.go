package db

import (
	"context"

	"carillon/db/sqlgen"
	"carillon/internal/job"
)

// runBatch is how many runs one statement inserts.
const runBatch = 50

// InsertRuns adds runs and returns the ids of those that were added: a run whose (job,
// scheduled_at, attempt) exists already is left out without an error.
func (s *Store) InsertRuns(ctx context.Context, runs []job.Run) ([]job.RunID, error) {
	if len(runs) == 0 {
		return nil, nil
	}
	rows := make([]sqlgen.Run, 0, len(runs))
	for _, r := range runs {
		row, err := runRow(r)
		if err != nil {
			return nil, err
		}
		rows = append(rows, row)
	}
	var added []job.RunID
	err := s.writeAll(ctx, "insert runs", func(ctx context.Context, c conn) (err error) {
		added = make([]job.RunID, 0, len(rows))
		if s.sqlite || len(rows) == 1 {
			added, err = insertOneByOne(ctx, c, rows, added)
			return err
		}
		return inBatches(rows, runBatch, func(batch []sqlgen.Run) error {
			ids, err := queryAll(ctx, c.raw, s.insertRunsQuery(batch), scanID[job.RunID])
			added = append(added, ids...)
			return err
		})
	})
	if err != nil {
		return nil, err
	}
	return added, nil
}

// insertOneByOne uses the prepared statement: on SQLite, where no network lies between,
// that is faster than to compile a statement of many rows.
func insertOneByOne(ctx context.Context, c conn, rows []sqlgen.Run, added []job.RunID) ([]job.RunID, error) {
	for _, r := range rows {
		n, err := c.q.InsertRun(ctx, sqlgen.InsertRunParams(r))
		if err != nil {
			return nil, err
		}
		if n == 1 {
			added = append(added, job.RunID(r.ID))
		}
	}
	return added, nil
}

// insertRunsQuery inserts many runs with one statement.
func (s *Store) insertRunsQuery(batch []sqlgen.Run) *query {
	q := s.newQuery("INSERT INTO runs (" + runColumns + ") VALUES ")
	row := "(" + marks(runColumnCount) + ")"
	for i, r := range batch {
		if i > 0 {
			q.add(", ")
		}
		q.add(row, runValues(r)...)
	}
	q.add(" ON CONFLICT (job_id, scheduled_at, attempt) DO NOTHING RETURNING id")
	return q
}

// scanID reads a row of one id.
func scanID[T ~string](row scanner) (T, error) {
	var id string
	err := row.Scan(&id)
	return T(id), err
}
