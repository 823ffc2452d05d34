package db_test

import (
	"testing"
	"time"

	"carillon/db"
	"carillon/db/dbtest"
	"carillon/internal/job"
)

func TestLiveAndOpenRuns(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, s *db.Store) {
		ctx := t.Context()
		busy, idle := dbtest.AddJob(t, s), dbtest.AddJob(t, s)
		var open []job.Run
		for i, state := range []job.RunState{job.RunRunning, job.RunQueued, job.RunQueued, job.RunQueued, job.RunSucceeded} {
			r := dbtest.AddRun(t, s, busy, state, func(r *job.Run) {
				r.CreatedAt = dbtest.T0().Add(time.Duration(-i) * time.Second)
				r.Attempt = 1 + i/3
			})
			if state != job.RunSucceeded {
				open = append([]job.Run{r}, open...)
			}
		}
		dbtest.AddRun(t, s, idle, job.RunLost)
		live, err := s.Live(ctx, []job.ID{busy.ID, idle.ID})
		noError(t, err)
		wantEqual(t, live, map[job.ID]job.Live{busy.ID: {Queued: 2, Waiting: 1, Running: 1}})
		live, err = s.Live(ctx, nil)
		noError(t, err)
		wantEqual(t, len(live), 0)
		got, err := s.OpenRuns(ctx, busy.ID)
		noError(t, err)
		wantEqual(t, got, open)
	})
}

func TestQueuedTickets(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, s *db.Store) {
		ctx := t.Context()
		skip := dbtest.AddJob(t, s, func(j *job.Job) { j.LockTimeout, j.Priority = 30, job.High })
		parallel := dbtest.AddJob(t, s, func(j *job.Job) { j.Overlap = job.OverlapParallel })
		gone := dbtest.Job()
		var want []job.Ticket
		for _, j := range []job.Job{skip, parallel, gone} {
			r := dbtest.AddRun(t, s, j, job.RunQueued)
			dbtest.AddRun(t, s, j, job.RunRunning)
			want = append(want, job.Ticket{RunID: r.ID, JobID: j.ID, Priority: j.Priority, AvailableAt: r.AvailableAt})
		}
		want[0].Exclusive, want[0].LockTimeout = true, 30
		got, err := s.QueuedTickets(ctx, "", 10)
		noError(t, err)
		wantEqual(t, got, want)
		got, err = s.QueuedTickets(ctx, want[0].RunID, 1)
		noError(t, err)
		wantEqual(t, got, want[1:2])
	})
}

func TestOrphanRuns(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, s *db.Store) {
		ctx := t.Context()
		j := dbtest.AddJob(t, s)
		now := dbtest.T0()
		on := func(node string, state job.RunState) job.Run {
			return dbtest.AddRun(t, s, j, state, func(r *job.Run) { r.NodeID = node })
		}
		alive, expired, unknown := on("alive", job.RunRunning), on("expired", job.RunRunning), on("unknown", job.RunRunning)
		on("expired", job.RunSucceeded)
		noError(t, s.BeatNode(ctx, "alive", "h", now.Add(-time.Hour), now.Add(-time.Minute)))
		noError(t, s.BeatNode(ctx, "alive", "h", now, now.Add(time.Second)))
		noError(t, s.BeatNode(ctx, "expired", "h", now.Add(-time.Minute), now))
		orphans := func(at time.Time, limit int) []job.Run {
			runs, err := s.OrphanRuns(ctx, at, limit)
			noError(t, err)
			return runs
		}
		wantEqual(t, orphans(now, 10), []job.Run{expired, unknown})
		wantEqual(t, orphans(now, 1), []job.Run{expired})
		wantEqual(t, orphans(now.Add(time.Second), 10), []job.Run{alive, expired, unknown})
		noError(t, s.PurgeNodes(ctx, now.Add(-time.Millisecond)))
		noError(t, s.BeatNode(ctx, "expired", "h", now, now.Add(time.Second)))
		wantEqual(t, orphans(now, 10), []job.Run{unknown})
		noError(t, s.DeleteNode(ctx, "alive"))
		wantEqual(t, orphans(now, 10), []job.Run{alive, unknown})
		noError(t, s.PurgeNodes(ctx, now.Add(time.Hour)))
		wantEqual(t, orphans(now, 10), []job.Run{alive, expired, unknown})
	})
}

func TestBarsAndStats(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, s *db.Store) {
		ctx := t.Context()
		a, b, none := dbtest.AddJob(t, s), dbtest.AddJob(t, s), dbtest.AddJob(t, s)
		states := []job.RunState{job.RunSucceeded, job.RunFailed, job.RunTimedOut, job.RunLost, job.RunCancelled, job.RunSkipped, job.RunSucceeded, job.RunQueued, job.RunRunning}
		var want []job.Bar
		for i, state := range states {
			r := dbtest.AddRun(t, s, a, state, func(r *job.Run) {
				r.CreatedAt = dbtest.T0().Add(time.Duration(i) * time.Minute)
				if state == job.RunSucceeded {
					r.FinishedAt = r.StartedAt.Add(time.Duration(i+1) * time.Second)
				}
				if state == job.RunCancelled {
					r.StartedAt = dbtest.T0()
				}
			})
			if state != job.RunQueued {
				want = append([]job.Bar{{RunID: r.ID, State: state, StartedAt: r.StartedAt, FinishedAt: r.FinishedAt, CreatedAt: r.CreatedAt}}, want...)
			}
		}
		dbtest.AddRun(t, s, b, job.RunQueued)
		bars, err := s.Bars(ctx, []job.ID{a.ID, b.ID, none.ID}, 4)
		noError(t, err)
		wantEqual(t, bars, map[job.ID][]job.Bar{a.ID: want[:4]})

		stats, err := s.Stats(ctx, a.ID, dbtest.T0())
		noError(t, err)
		wantEqual(t, stats, job.Stats{Total: 6, Succeeded: 2, Failed: 3, P50: time.Second, P95: 7 * time.Second})
		stats, err = s.Stats(ctx, a.ID, dbtest.T0().Add(time.Minute))
		noError(t, err)
		wantEqual(t, stats, job.Stats{Total: 5, Succeeded: 1, Failed: 3, P50: 7 * time.Second, P95: 7 * time.Second})
		stats, err = s.Stats(ctx, none.ID, dbtest.T0())
		noError(t, err)
		wantEqual(t, stats, job.Stats{})
	})
}

func TestBarsOfManyJobs(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, s *db.Store) {
		var ids []job.ID
		for range 120 {
			j := dbtest.AddJob(t, s)
			dbtest.AddRun(t, s, j, job.RunSucceeded)
			ids = append(ids, j.ID)
		}
		bars, err := s.Bars(t.Context(), ids, 30)
		noError(t, err)
		wantEqual(t, len(bars), 120)
	})
}
