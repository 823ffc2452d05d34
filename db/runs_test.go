package db_test

import (
	"context"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"carillon/db"
	"carillon/db/dbtest"
	"carillon/internal/apperr"
	"carillon/internal/job"
)

var allRunStates = []job.RunState{
	job.RunQueued, job.RunRunning, job.RunSucceeded, job.RunFailed, job.RunTimedOut,
	job.RunCancelled, job.RunLost, job.RunSkipped, job.RunMissed,
}

func TestRunRoundTrip(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, s *db.Store) {
		ctx := t.Context()
		j := dbtest.AddJob(t, s)
		for _, state := range allRunStates {
			want := dbtest.AddRun(t, s, j, state)
			got, err := s.Run(ctx, want.ID)
			noError(t, err)
			wantEqual(t, got, want)
		}
		code := -9
		want := dbtest.AddRun(t, s, j, job.RunMissed, func(r *job.Run) {
			r.ScheduledAt, r.Attempt, r.Trigger, r.Reason = dbtest.T0(), 3, job.TriggerSchedule, job.ReasonMisfire
			r.Args, r.ExitCode, r.Result, r.Error = job.Args{"a": "b"}, &code, "done ✓", "bad"
			r.NodeWanted, r.OutputBytes, r.Occurrences, r.Actor = "db-1", 99, 12, job.By{}
			r.CancelReason, r.CancelActor = job.ReasonUser, job.By{ID: "u", Name: "n"}
		})
		noError(t, s.InTx(ctx, func(ctx context.Context) error {
			got, err := s.RunForUpdate(ctx, want.ID)
			wantEqual(t, got, want)
			return err
		}))
		_, err := s.Run(ctx, "none")
		wantError(t, err, apperr.NotFound, "not_found")
	})
}

func TestTextThatCannotBeStoredIsCleaned(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, s *db.Store) {
		j := dbtest.AddJob(t, s)
		r := dbtest.AddRun(t, s, j, job.RunFailed, func(r *job.Run) { r.Result, r.Error = "a\x00b", "c\xffd" })
		got, err := s.Run(t.Context(), r.ID)
		noError(t, err)
		wantEqual(t, got.Result+"|"+got.Error, "ab|c\uFFFDd")
	})
}

func TestInsertRunsLeavesOutWhatExists(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, s *db.Store) {
		ctx := t.Context()
		j := dbtest.AddJob(t, s)
		occurrence := func(minute, attempt int) job.Run {
			return dbtest.Run(j, job.RunQueued, func(r *job.Run) {
				r.ScheduledAt, r.Attempt, r.Trigger = dbtest.T0().Add(time.Duration(minute)*time.Minute), attempt, job.TriggerSchedule
			})
		}
		var first []job.Run
		var want []job.RunID
		for i := range 130 {
			first = append(first, occurrence(i, 1))
			want = append(want, first[i].ID)
		}
		got, err := s.InsertRuns(ctx, first)
		noError(t, err)
		wantEqual(t, got, want)
		again := []job.Run{occurrence(5, 1), occurrence(5, 2), occurrence(200, 1), dbtest.Run(j, job.RunQueued), dbtest.Run(j, job.RunQueued)}
		got, err = s.InsertRuns(ctx, again)
		noError(t, err)
		wantEqual(t, got, []job.RunID{again[1].ID, again[2].ID, again[3].ID, again[4].ID})
		got, err = s.InsertRuns(ctx, nil)
		noError(t, err)
		wantEqual(t, len(got), 0)
		// The same id twice is a defect, not a repeated occurrence.
		_, err = s.InsertRuns(ctx, []job.Run{again[3]})
		wantError(t, err, apperr.Conflict, "exists")
	})
}

func TestRulesOfRuns(t *testing.T) {
	t.Parallel()
	type change = func(*job.Run)
	none := time.Time{}
	bad := map[string]struct {
		state  job.RunState
		change change
	}{
		"unknown state":         {job.RunQueued, func(r *job.Run) { r.State = "odd" }},
		"queued begun":          {job.RunQueued, func(r *job.Run) { r.StartedAt = dbtest.T0() }},
		"queued ended":          {job.RunQueued, func(r *job.Run) { r.FinishedAt = dbtest.T0() }},
		"queued on a node":      {job.RunQueued, func(r *job.Run) { r.NodeID = "n" }},
		"running not begun":     {job.RunRunning, func(r *job.Run) { r.StartedAt = none }},
		"running ended":         {job.RunRunning, func(r *job.Run) { r.FinishedAt = dbtest.T0() }},
		"running nowhere":       {job.RunRunning, func(r *job.Run) { r.NodeID = "" }},
		"running without epoch": {job.RunRunning, func(r *job.Run) { r.Epoch = 0 }},
		"succeeded not begun":   {job.RunSucceeded, func(r *job.Run) { r.StartedAt = none }},
		"succeeded not ended":   {job.RunSucceeded, func(r *job.Run) { r.FinishedAt = none }},
		"failed not ended":      {job.RunFailed, func(r *job.Run) { r.FinishedAt = none }},
		"timed out not ended":   {job.RunTimedOut, func(r *job.Run) { r.FinishedAt = none }},
		"lost not begun":        {job.RunLost, func(r *job.Run) { r.StartedAt = none }},
		"cancelled not ended":   {job.RunCancelled, func(r *job.Run) { r.FinishedAt = none }},
		"skipped begun":         {job.RunSkipped, func(r *job.Run) { r.StartedAt = dbtest.T0() }},
		"missed on a node":      {job.RunMissed, func(r *job.Run) { r.NodeID = "n" }},
		"many occurrences":      {job.RunSkipped, func(r *job.Run) { r.Occurrences = 2 }},
		"attempt":               {job.RunQueued, func(r *job.Run) { r.Attempt = 0 }},
		"priority":              {job.RunQueued, func(r *job.Run) { r.Priority = 1 }},
		"trigger":               {job.RunQueued, func(r *job.Run) { r.Trigger = "moon" }},
		"unscheduled schedule":  {job.RunQueued, func(r *job.Run) { r.Trigger = job.TriggerSchedule }},
		"revision":              {job.RunQueued, func(r *job.Run) { r.JobRevision = 0 }},
		"epoch":                 {job.RunQueued, func(r *job.Run) { r.Epoch = -1 }},
		"output size":           {job.RunQueued, func(r *job.Run) { r.OutputBytes = -1 }},
	}
	dbtest.Each(t, func(t *testing.T, s *db.Store) {
		j := dbtest.AddJob(t, s)
		for name, tc := range bad {
			t.Run(name, func(t *testing.T) {
				r := dbtest.Run(j, tc.state, tc.change)
				_, err := s.InsertRuns(t.Context(), []job.Run{r})
				wantError(t, err, apperr.Internal, "constraint")
			})
		}
	})
}

func TestStartRun(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, s *db.Store) {
		ctx := t.Context()
		j := dbtest.AddJob(t, s)
		want := dbtest.AddRun(t, s, j, job.RunQueued)
		at := dbtest.T0().Add(time.Minute)
		got, err := s.StartRun(ctx, want.ID, "n1", at)
		noError(t, err)
		want.State, want.NodeID, want.StartedAt, want.Epoch = job.RunRunning, "n1", at, 1
		wantEqual(t, got, want)
		stored, err := s.Run(ctx, want.ID)
		noError(t, err)
		wantEqual(t, stored, want)
		for _, state := range allRunStates[1:] {
			r := dbtest.AddRun(t, s, j, state)
			_, err = s.StartRun(ctx, r.ID, "n2", at)
			wantError(t, err, apperr.Conflict, "not_queued")
		}
		_, err = s.StartRun(ctx, "none", "n1", at)
		wantError(t, err, apperr.NotFound, "not_found")
	})
}

func TestOneOfManyStartersWins(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, s *db.Store) {
		ctx := t.Context()
		r := dbtest.AddRun(t, s, dbtest.AddJob(t, s), job.RunQueued)
		var wins, losses atomic.Int32
		var group sync.WaitGroup
		for i := range 16 {
			start := func(ctx context.Context) error {
				_, err := s.StartRun(ctx, r.ID, "n", dbtest.T0())
				return err
			}
			group.Go(func() {
				var err error
				switch i % 3 {
				case 0:
					err = s.InGroup(ctx, start)
				case 1:
					err = s.InTx(ctx, start)
				default:
					err = start(ctx)
				}
				switch {
				case err == nil:
					wins.Add(1)
				case apperr.CodeOf(err) == "not_queued":
					losses.Add(1)
				default:
					t.Error(err)
				}
			})
		}
		group.Wait()
		wantEqual(t, wins.Load(), 1)
		wantEqual(t, losses.Load(), 15)
		got, err := s.Run(ctx, r.ID)
		noError(t, err)
		wantEqual(t, got.Epoch, 1)
	})
}

func TestFinishRun(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, s *db.Store) {
		ctx := t.Context()
		j := dbtest.AddJob(t, s)
		code := 3
		r := dbtest.AddRun(t, s, j, job.RunRunning)
		r.State, r.Reason, r.FinishedAt, r.ExitCode = job.RunFailed, job.ReasonExit, dbtest.T0().Add(time.Minute), &code
		r.Result, r.Error, r.OutputBytes = "res", "err", 17

		late := r
		late.Epoch++
		wantError(t, s.FinishRun(ctx, late), apperr.Conflict, "not_running")
		unfinished := r
		unfinished.FinishedAt = time.Time{}
		wantError(t, s.FinishRun(ctx, unfinished), apperr.Internal, "constraint")
		notFinal := r
		notFinal.State = job.RunQueued
		wantError(t, s.FinishRun(ctx, notFinal), apperr.Internal, "constraint")

		noError(t, s.FinishRun(ctx, r))
		got, err := s.Run(ctx, r.ID)
		noError(t, err)
		wantEqual(t, got, r)
		for _, state := range allRunStates {
			if state == job.RunRunning {
				continue
			}
			other := dbtest.AddRun(t, s, j, state)
			other.State, other.FinishedAt = job.RunSucceeded, dbtest.T0()
			wantError(t, s.FinishRun(ctx, other), apperr.Conflict, "not_running")
		}
		r.ID = "none"
		wantError(t, s.FinishRun(ctx, r), apperr.NotFound, "not_found")
	})
}

func TestCancelAndDelete(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, s *db.Store) {
		ctx := t.Context()
		j := dbtest.AddJob(t, s)
		by, at := job.By{ID: "u2", Name: "bob"}, dbtest.T0().Add(time.Hour)
		for _, state := range allRunStates {
			r := dbtest.AddRun(t, s, j, state)
			err := s.RequestCancel(ctx, r.ID, job.ReasonUser, by)
			if state == job.RunRunning {
				noError(t, err)
				r.CancelReason, r.CancelActor = job.ReasonUser, by
			} else {
				wantError(t, err, apperr.Conflict, "not_running")
			}
			open := state == job.RunQueued || state == job.RunRunning
			if open {
				wantError(t, s.DeleteRun(ctx, r.ID), apperr.Conflict, "in_flight")
			}
			err = s.CancelQueued(ctx, r.ID, job.ReasonStopped, by, at)
			if state == job.RunQueued {
				noError(t, err)
				r.State, r.Reason, r.FinishedAt = job.RunCancelled, job.ReasonStopped, at
				r.CancelReason, r.CancelActor = job.ReasonStopped, by
			} else {
				wantError(t, err, apperr.Conflict, "not_queued")
			}
			got, err := s.Run(ctx, r.ID)
			noError(t, err)
			wantEqual(t, got, r)
			if state != job.RunRunning {
				noError(t, s.DeleteRun(ctx, r.ID))
				wantError(t, s.DeleteRun(ctx, r.ID), apperr.NotFound, "not_found")
			}
		}
		wantError(t, s.CancelQueued(ctx, "none", job.ReasonUser, by, at), apperr.NotFound, "not_found")
		wantError(t, s.RequestCancel(ctx, "none", job.ReasonUser, by), apperr.NotFound, "not_found")
	})
}
