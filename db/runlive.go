package db

import (
	"context"
	"time"

	"carillon/db/sqlgen"
	"carillon/internal/job"
)

// idBatch is how many ids one statement asks for.
const idBatch = 200

// Live counts the runs in flight of each job; a job without any is absent. A queued run
// that is not a first attempt counts as waiting.
func (s *Store) Live(ctx context.Context, ids []job.ID) (map[job.ID]job.Live, error) {
	return read(ctx, s, "count runs in flight", func(ctx context.Context, c conn) (map[job.ID]job.Live, error) {
		if len(ids) == 1 {
			return liveOfOne(ctx, c, ids[0])
		}
		live := map[job.ID]job.Live{}
		err := inBatches(ids, idBatch, func(batch []job.ID) error {
			q := s.newQuery(`SELECT job_id, state, CASE WHEN attempt > 1 THEN 1 ELSE 0 END AS again, COUNT(*) FROM runs`)
			q.where("state IN ('queued', 'running')")
			in(q, "job_id", batch)
			q.add(" GROUP BY job_id, state, again")
			counts, err := queryAll(ctx, c.raw, q, scanLive)
			for _, n := range counts {
				sum := live[n.id]
				addLive(&sum, n.state, n.again, n.runs)
				live[n.id] = sum
			}
			return err
		})
		return live, err
	})
}

// liveOfOne is [Store.Live] for one job, with a prepared statement.
func liveOfOne(ctx context.Context, c conn, id job.ID) (map[job.ID]job.Live, error) {
	rows, err := c.q.LiveOfJob(ctx, string(id))
	if err != nil {
		return nil, err
	}
	if len(rows) == 0 {
		return map[job.ID]job.Live{}, nil
	}
	var sum job.Live
	for _, r := range rows {
		addLive(&sum, job.RunState(r.State), r.Attempt > 1, int(r.Runs))
	}
	return map[job.ID]job.Live{id: sum}, nil
}

// liveCount is how many runs of a job are in one state.
type liveCount struct {
	id    job.ID
	state job.RunState
	again bool // not a first attempt
	runs  int
}

func scanLive(row scanner) (liveCount, error) {
	var c liveCount
	var again int
	err := row.Scan(&c.id, &c.state, &again, &c.runs)
	c.again = again > 0
	return c, err
}

// addLive adds runs in one state to the count of a job's runs in flight.
func addLive(sum *job.Live, state job.RunState, again bool, runs int) {
	switch {
	case state == job.RunRunning:
		sum.Running += runs
	case again:
		sum.Waiting += runs
	default:
		sum.Queued += runs
	}
}

// OpenRuns returns a job's queued and running runs, oldest first.
func (s *Store) OpenRuns(ctx context.Context, id job.ID) ([]job.Run, error) {
	return read(ctx, s, "list open runs", func(ctx context.Context, c conn) ([]job.Run, error) {
		rows, err := c.q.OpenRuns(ctx, string(id))
		if err != nil {
			return nil, err
		}
		return runsOf(rows)
	})
}

// QueuedTickets returns queued runs in order of their ids, after the given one.
func (s *Store) QueuedTickets(ctx context.Context, after job.RunID, limit int) ([]job.Ticket, error) {
	return read(ctx, s, "list queued runs", func(ctx context.Context, c conn) ([]job.Ticket, error) {
		rows, err := c.q.QueuedTickets(ctx, string(after), int32(limit))
		tickets := make([]job.Ticket, 0, len(rows))
		for _, r := range rows {
			t := job.Ticket{
				RunID: job.RunID(r.ID), JobID: job.ID(r.JobID),
				Priority: job.Priority(r.Priority), AvailableAt: timeUnless(r.AvailableAt, 0),
			}
			if r.Overlap != nil && r.LockTimeout != nil { // the job still exists
				t.Exclusive = job.Overlap(*r.Overlap) != job.OverlapParallel
				t.LockTimeout = job.Seconds(*r.LockTimeout)
			}
			tickets = append(tickets, t)
		}
		return tickets, err
	})
}

// OrphanRuns returns at most limit running runs whose node has no lease that is valid at
// the given time, in order of their ids.
func (s *Store) OrphanRuns(ctx context.Context, at time.Time, limit int) ([]job.Run, error) {
	return read(ctx, s, "find orphaned runs", func(ctx context.Context, c conn) ([]job.Run, error) {
		rows, err := c.q.OrphanRuns(ctx, at.UnixMilli(), int32(limit))
		if err != nil {
			return nil, err
		}
		return runsOf(rows)
	})
}

// BeatNode inserts or renews the lease of a process.
func (s *Store) BeatNode(ctx context.Context, node, host string, at, until time.Time) error {
	return s.write(ctx, "renew node lease", func(ctx context.Context, c conn) error {
		return c.q.BeatNode(ctx, sqlgen.BeatNodeParams{
			ID: node, Host: clean(host), StartedAt: at.UnixMilli(), LeaseUntil: until.UnixMilli(),
		})
	})
}

// DeleteNode ends the lease of a process; one that has none is no error.
func (s *Store) DeleteNode(ctx context.Context, node string) error {
	return s.write(ctx, "delete node", func(ctx context.Context, c conn) error { return c.q.DeleteNode(ctx, node) })
}

// PurgeNodes removes leases that ended before the given time.
func (s *Store) PurgeNodes(ctx context.Context, before time.Time) error {
	return s.write(ctx, "purge nodes", func(ctx context.Context, c conn) error {
		return c.q.PurgeNodes(ctx, before.UnixMilli())
	})
}
