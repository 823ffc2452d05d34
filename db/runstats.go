package db

import (
	"context"
	"slices"
	"time"

	"carillon/db/sqlgen"
	"carillon/internal/job"
)

const (
	// barBatch is how many jobs one statement reads the bars of; SQLite joins at most 500.
	barBatch = 50
	// statsRuns is the most runs that a job's statistics look at: its newest.
	statsRuns = 1000
)

// Bars returns each job's newest n runs that started or ended, newest first. One statement
// reads a short piece of an index for each job, whatever the length of its history.
func (s *Store) Bars(ctx context.Context, ids []job.ID, n int) (map[job.ID][]job.Bar, error) {
	return read(ctx, s, "read bars", func(ctx context.Context, c conn) (map[job.ID][]job.Bar, error) {
		bars := map[job.ID][]job.Bar{}
		err := inBatches(ids, barBatch, func(batch []job.ID) error {
			rows, err := queryAll(ctx, c.raw, s.barsQuery(batch, n), scanBar)
			for _, r := range rows {
				bars[r.id] = append(bars[r.id], r.Bar)
			}
			return err
		})
		for _, b := range bars { // a union promises no order
			slices.SortStableFunc(b, newestBarFirst)
		}
		return bars, err
	})
}

func newestBarFirst(a, b job.Bar) int {
	if c := b.CreatedAt.Compare(a.CreatedAt); c != 0 {
		return c
	}
	if a.RunID > b.RunID {
		return -1
	}
	return 1
}

func (s *Store) barsQuery(ids []job.ID, n int) *query {
	q := s.newQuery("")
	for i, id := range ids {
		if i > 0 {
			q.add(" UNION ALL ")
		}
		q.add(`SELECT * FROM (SELECT job_id, id, state, started_at, finished_at, created_at FROM runs
WHERE job_id = ? AND `+q.opaque("state")+` <> 'queued' ORDER BY created_at DESC, id DESC LIMIT ?) AS b`, string(id), n)
	}
	return q
}

// barRow is one bar with its job.
type barRow struct {
	id job.ID
	job.Bar
}

func scanBar(row scanner) (barRow, error) {
	var jobID, id, state string
	var started, finished *int64
	var created int64
	if err := row.Scan(&jobID, &id, &state, &started, &finished, &created); err != nil {
		return barRow{}, err
	}
	return barRow{id: job.ID(jobID), Bar: job.Bar{
		RunID: job.RunID(id), State: job.RunState(state),
		StartedAt: timeOf(started), FinishedAt: timeOf(finished), CreatedAt: timeUnless(created, 0),
	}}, nil
}

// Stats sums up a job's runs that were made and have ended since, at most its newest
// thousand. Failed counts timed out and lost runs too; cancelled ones count in Total only.
func (s *Store) Stats(ctx context.Context, id job.ID, since time.Time) (job.Stats, error) {
	return read(ctx, s, "read statistics", func(ctx context.Context, c conn) (job.Stats, error) {
		rows, err := c.q.RunTimes(ctx, sqlgen.RunTimesParams{JobID: string(id), CreatedAt: since.UnixMilli(), Limit: statsRuns})
		if err != nil {
			return job.Stats{}, err
		}
		return statsOf(rows), nil
	})
}

func statsOf(rows []sqlgen.RunTimesRow) job.Stats {
	stats := job.Stats{Total: len(rows)}
	var spans []time.Duration
	for _, r := range rows {
		switch job.RunState(r.State) {
		case job.RunSucceeded:
			stats.Succeeded++
			spans = append(spans, max(0, timeOf(r.FinishedAt).Sub(timeOf(r.StartedAt))))
		case job.RunFailed, job.RunTimedOut, job.RunLost:
			stats.Failed++
		}
	}
	slices.Sort(spans)
	stats.P50, stats.P95 = percentile(spans, 50), percentile(spans, 95)
	return stats
}

// percentile returns the nearest-rank percentile of sorted spans; 0 of none.
func percentile(sorted []time.Duration, p int) time.Duration {
	if len(sorted) == 0 {
		return 0
	}
	return sorted[(len(sorted)*p+99)/100-1]
}
