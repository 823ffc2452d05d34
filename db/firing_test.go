package db_test

import (
	"sync"
	"testing"
	"time"

	"carillon/db"
	"carillon/db/dbtest"
	"carillon/internal/apperr"
	"carillon/internal/job"
)

func TestStartRunsTakesWhatIsQueued(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, s *db.Store) {
		ctx := t.Context()
		at := dbtest.T0().Add(time.Minute)
		j := dbtest.AddJob(t, s)
		want := map[job.RunID]job.Run{}
		ids := []job.RunID{"none"}
		for range 3 {
			r := dbtest.AddRun(t, s, j, job.RunQueued)
			ids = append(ids, r.ID)
			r.State, r.NodeID, r.StartedAt, r.Epoch = job.RunRunning, "n1", at, 1
			want[r.ID] = r
		}
		others := map[job.RunID]job.Run{}
		for _, state := range allRunStates[1:] {
			r := dbtest.AddRun(t, s, j, state)
			ids = append(ids, r.ID)
			others[r.ID] = r
		}
		untouched := dbtest.AddRun(t, s, j, job.RunQueued)
		others[untouched.ID] = untouched

		started, err := s.StartRuns(ctx, ids, "n1", at)
		noError(t, err)
		got := map[job.RunID]job.Run{}
		for _, r := range started {
			got[r.ID] = r
		}
		wantEqual(t, got, want)
		for _, all := range []map[job.RunID]job.Run{want, others} {
			for id, r := range all {
				stored, err := s.Run(ctx, id)
				noError(t, err)
				wantEqual(t, stored, r)
			}
		}
		again, err := s.StartRuns(ctx, ids, "n2", at)
		noError(t, err)
		wantEqual(t, len(again), 0)
		none, err := s.StartRuns(ctx, nil, "n2", at)
		noError(t, err)
		wantEqual(t, len(none), 0)
	})
}

func TestManyStartersShareTheRunsOut(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, s *db.Store) {
		j := dbtest.AddJob(t, s)
		var ids []job.RunID
		for range 40 {
			ids = append(ids, dbtest.AddRun(t, s, j, job.RunQueued).ID)
		}
		var mu sync.Mutex
		var group sync.WaitGroup
		starts := map[job.RunID]int{}
		for range 8 {
			group.Go(func() {
				started, err := s.StartRuns(t.Context(), ids, "n", dbtest.T0())
				mu.Lock()
				defer mu.Unlock()
				if err != nil {
					t.Error(err)
				}
				for _, r := range started {
					starts[r.ID]++
				}
			})
		}
		group.Wait()
		for _, id := range ids {
			wantEqual(t, starts[id], 1)
		}
	})
}

func TestRunDefinitionIsTheRunsRevision(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, s *db.Store) {
		ctx := t.Context()
		j := dbtest.AddJob(t, s)
		noError(t, s.InsertRevision(ctx, job.Revision{JobID: j.ID, Revision: j.Revision, Definition: j.Definition, At: dbtest.T0()}))
		r := dbtest.AddRun(t, s, j, job.RunQueued)
		next := j
		next.Revision, next.Description = j.Revision+1, "edited since"
		noError(t, s.UpdateJob(ctx, next, j.Revision))
		noError(t, s.InsertRevision(ctx, job.Revision{JobID: j.ID, Revision: next.Revision, Definition: next.Definition, At: dbtest.T0()}))
		got, err := s.RunDefinition(ctx, r.ID)
		noError(t, err)
		wantEqual(t, got, j.Definition)

		noError(t, s.DeleteJob(ctx, j.ID))
		_, err = s.RunDefinition(ctx, r.ID)
		wantError(t, err, apperr.NotFound, "not_found")
	})
}

func TestNarrowWritesLeaveTheRestOfAJobAlone(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, s *db.Store) {
		ctx := t.Context()
		j, other := dbtest.AddJob(t, s), dbtest.AddJob(t, s)
		changed := j
		changed.State, changed.PauseReason, changed.Abandoned = job.Paused, "must not be written", true
		changed.TriggerCount, changed.NextRunAt = 7, dbtest.T0().Add(time.Hour)
		changed.TryCount, changed.LastRunAt, changed.LastRunID, changed.LastOutcome = 3, dbtest.T0(), "r", job.RunFailed

		want := j
		want.TriggerCount, want.NextRunAt = changed.TriggerCount, changed.NextRunAt
		noError(t, s.AdvanceJobs(ctx, []job.Job{changed, dbtest.Job()}))
		noError(t, s.AdvanceJobs(ctx, nil))
		got, err := s.Job(ctx, j.ID)
		noError(t, err)
		wantEqual(t, got, want)

		want.TryCount, want.LastRunAt, want.LastRunID, want.LastOutcome = 3, dbtest.T0(), "r", job.RunFailed
		noError(t, s.NoteRun(ctx, changed))
		got, err = s.Job(ctx, j.ID)
		noError(t, err)
		wantEqual(t, got, want)
		wantError(t, s.NoteRun(ctx, dbtest.Job()), apperr.NotFound, "not_found")

		want.Definition = job.Definition{}
		got, err = s.JobStatusForUpdate(ctx, j.ID)
		noError(t, err)
		wantEqual(t, got, want)
		got, err = s.Job(ctx, other.ID)
		noError(t, err)
		wantEqual(t, got, other)
	})
}

func TestLiveOfOneJobAgreesWithThatOfMany(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, s *db.Store) {
		ctx := t.Context()
		busy, idle := dbtest.AddJob(t, s), dbtest.AddJob(t, s)
		for i, state := range []job.RunState{job.RunRunning, job.RunQueued, job.RunQueued, job.RunQueued, job.RunFailed} {
			dbtest.AddRun(t, s, busy, state, func(r *job.Run) { r.Attempt = 1 + i/3 })
		}
		many, err := s.Live(ctx, []job.ID{busy.ID, idle.ID})
		noError(t, err)
		one, err := s.Live(ctx, []job.ID{busy.ID})
		noError(t, err)
		wantEqual(t, one, many)
		wantEqual(t, one, map[job.ID]job.Live{busy.ID: {Queued: 2, Waiting: 1, Running: 1}})
		one, err = s.Live(ctx, []job.ID{idle.ID})
		noError(t, err)
		wantEqual(t, one, map[job.ID]job.Live{})
	})
}
