package db_test

import (
	"testing"
	"time"

	"carillon/db"
	"carillon/db/dbtest"
	"carillon/internal/job"
)

// madeAt is a run made so long after T0.
func madeAt(after time.Duration) func(*job.Run) {
	return func(r *job.Run) {
		r.CreatedAt, r.AvailableAt = dbtest.T0().Add(after), dbtest.T0().Add(after)
	}
}

func TestLastGood(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, s *db.Store) {
		j, other := dbtest.AddJob(t, s), dbtest.AddJob(t, s)
		first := dbtest.AddRun(t, s, j, job.RunSucceeded, madeAt(0))
		second := dbtest.AddRun(t, s, j, job.RunSucceeded, madeAt(time.Minute))
		failed := dbtest.AddRun(t, s, j, job.RunFailed, madeAt(2*time.Minute))
		dbtest.AddRun(t, s, other, job.RunSucceeded, madeAt(90*time.Second))
		for name, tc := range map[string]struct {
			before job.Run
			want   job.Run
			ok     bool
		}{
			"before the failed one": {failed, second, true},
			"newest":                {job.Run{}, second, true},
			"not itself":            {second, first, true},
			"none before the first": {first, job.Run{}, false},
		} {
			got, ok, err := s.LastGood(t.Context(), j.ID, tc.before)
			noError(t, err)
			if ok != tc.ok || got.ID != tc.want.ID {
				t.Errorf("%s: %v %s, want %v %s", name, ok, got.ID, tc.ok, tc.want.ID)
			}
		}
		got, _, err := s.LastGood(t.Context(), j.ID, failed)
		noError(t, err)
		wantEqual(t, got, second)
	})
}

func TestRunsByID(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, s *db.Store) {
		j := dbtest.AddJob(t, s)
		a := dbtest.AddRun(t, s, j, job.RunFailed)
		dbtest.AddRun(t, s, j, job.RunFailed)
		got, err := s.RunsByID(t.Context(), []job.RunID{a.ID, "none"})
		noError(t, err)
		wantEqual(t, got, []job.Run{a})
		got, err = s.RunsByID(t.Context(), nil)
		noError(t, err)
		wantEqual(t, len(got), 0)
	})
}

func TestSlots(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, s *db.Store) {
		j := dbtest.AddJob(t, s)
		for i := range 5 {
			dbtest.AddRun(t, s, j, job.RunSucceeded, madeAt(time.Duration(i)*time.Second))
		}
		dbtest.AddRun(t, s, j, job.RunFailed, madeAt(time.Minute))
		dbtest.AddRun(t, s, j, job.RunLost, madeAt(2*time.Minute-time.Millisecond))
		dbtest.AddRun(t, s, j, job.RunRunning, madeAt(time.Minute))
		dbtest.AddRun(t, s, j, job.RunFailed, madeAt(3*time.Minute))
		dbtest.AddRun(t, s, j, job.RunFailed, madeAt(-time.Millisecond))
		got, err := s.Slots(t.Context(), dbtest.T0(), time.Minute, 3, 3)
		noError(t, err)
		wantEqual(t, got, []job.Slot{
			{From: dbtest.T0(), Runs: map[job.RunState]int{job.RunSucceeded: 4}}, // "more than 3"
			{From: dbtest.T0().Add(time.Minute), Runs: map[job.RunState]int{job.RunFailed: 1, job.RunLost: 1}},
			{From: dbtest.T0().Add(2 * time.Minute), Runs: map[job.RunState]int{}},
		})
	})
}
