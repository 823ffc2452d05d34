package db_test

import (
	"bytes"
	"context"
	"errors"
	"testing"
	"time"

	"carillon/db"
	"carillon/db/dbtest"
	"carillon/internal/apperr"
	"carillon/internal/job"
)

func chunks(id job.RunID, from, to int64, size int) []job.Chunk {
	var list []job.Chunk
	for seq := from; seq <= to; seq++ {
		list = append(list, job.Chunk{
			RunID: id, Seq: seq, At: dbtest.T0().Add(time.Duration(seq) * time.Millisecond),
			Stream: job.Stream(1 + seq%2), Data: bytes.Repeat([]byte{0, 0xff, byte(seq)}, size),
		})
	}
	return list
}

func TestOutput(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, s *db.Store) {
		ctx := t.Context()
		a, b := chunks("a", 1, 130, 4), chunks("b", 1, 3, 4)
		a[7].Data, a[7].Dropped = nil, 1<<40
		noError(t, s.AppendChunks(ctx, a[:1]))
		noError(t, s.AppendChunks(ctx, append(a[1:len(a):len(a)], b...)))
		noError(t, s.AppendChunks(ctx, nil))
		read := func(id job.RunID, after int64, most int) []job.Chunk {
			got, err := s.Chunks(ctx, id, after, most)
			noError(t, err)
			return got
		}
		wantEqual(t, read("a", 0, 1<<20), a)
		wantEqual(t, read("a", 129, 0), a[129:])
		wantEqual(t, read("a", 8, 25), a[8:11])
		wantEqual(t, len(read("a", 130, 100)), 0)
		wantEqual(t, read("b", 0, 1<<20), b)

		wantError(t, s.AppendChunks(ctx, append(chunks("c", 1, 120, 1), b[0])), apperr.Conflict, "exists")
		wantEqual(t, len(read("c", 0, 100)), 0) // all or none
		wantError(t, s.AppendChunks(ctx, []job.Chunk{{RunID: "c", Seq: 1, Stream: 3}}), apperr.Internal, "constraint")

		noError(t, s.DeleteOutput(ctx, []job.RunID{"a", "none"}))
		noError(t, s.DeleteOutput(ctx, nil))
		wantEqual(t, len(read("a", 0, 100)), 0)
		wantEqual(t, len(read("b", 0, 100)), 3)
	})
}

func TestOutputOfADeletedRunGoes(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, s *db.Store) {
		ctx := t.Context()
		r := dbtest.AddRun(t, s, dbtest.AddJob(t, s), job.RunFailed)
		noError(t, s.AppendChunks(ctx, chunks(r.ID, 1, 2, 1)))
		noError(t, s.DeleteRun(ctx, r.ID))
		got, err := s.Chunks(ctx, r.ID, 0, 100)
		noError(t, err)
		wantEqual(t, len(got), 0)
	})
}

func TestOutputInATransactionOfPostgres(t *testing.T) {
	t.Parallel()
	s := dbtest.NewPostgres(t)
	ctx, mine := t.Context(), errors.New("mine")
	err := s.InTx(ctx, func(ctx context.Context) error {
		noError(t, s.AppendChunks(ctx, chunks("a", 1, 120, 1)))
		got, err := s.Chunks(ctx, "a", 0, 1<<20)
		noError(t, err)
		wantEqual(t, len(got), 120)
		return mine
	})
	if !errors.Is(err, mine) {
		t.Error(err)
	}
	got, err := s.Chunks(ctx, "a", 0, 100)
	noError(t, err)
	wantEqual(t, len(got), 0)
}

func TestPurgeRuns(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, s *db.Store) {
		ctx, now := t.Context(), dbtest.T0()
		j := dbtest.AddJob(t, s)
		own := dbtest.AddJob(t, s, func(j *job.Job) { j.Retention.KeepDays = 400 })
		gone := dbtest.Job()
		add := func(j job.Job, state job.RunState, age int) job.Run {
			r := dbtest.AddRun(t, s, j, state, func(r *job.Run) { r.CreatedAt = now.AddDate(0, 0, -age) })
			noError(t, s.AppendChunks(ctx, chunks(r.ID, 1, 1, 1)))
			return r
		}
		var removed, kept []job.Run
		for _, state := range allRunStates {
			kept = append(kept, add(j, state, 1), add(own, state, 100))
			old := add(j, state, 40)
			switch state {
			case job.RunQueued, job.RunRunning, job.RunFailed, job.RunTimedOut, job.RunLost:
				kept = append(kept, old)
			default:
				removed = append(removed, old)
			}
		}
		removed = append(removed, add(gone, job.RunSucceeded, 31), add(j, job.RunFailed, 91))
		purge := func(limit int) int {
			n, err := s.PurgeRuns(ctx, now.AddDate(0, 0, -30), now.AddDate(0, 0, -90), limit)
			noError(t, err)
			return n
		}
		wantEqual(t, purge(2), 2)
		wantEqual(t, purge(100), len(removed)-2)
		wantEqual(t, purge(100), 0)
		check := func(runs []job.Run, want bool) {
			for _, r := range runs {
				_, err := s.Run(ctx, r.ID)
				out, outErr := s.Chunks(ctx, r.ID, 0, 10)
				noError(t, outErr)
				if (err == nil) != want || (len(out) == 1) != want {
					t.Errorf("%s, made %s: error %v, %d chunks", r.State, r.CreatedAt, err, len(out))
				}
			}
		}
		check(removed, false)
		check(kept, true)
		n, err := s.PurgeRuns(ctx, time.Time{}, time.Time{}, 100)
		noError(t, err)
		wantEqual(t, n, 0)
	})
}

func TestPurgeJobRuns(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, s *db.Store) {
		ctx, now := t.Context(), dbtest.T0()
		j, other := dbtest.AddJob(t, s), dbtest.AddJob(t, s)
		for age := range 10 {
			for i, of := range []job.Job{j, other} {
				dbtest.AddRun(t, s, of, []job.RunState{job.RunSucceeded, job.RunFailed}[(age+i)%2], func(r *job.Run) {
					r.CreatedAt = now.AddDate(0, 0, -age)
				})
			}
		}
		open := dbtest.AddRun(t, s, j, job.RunQueued, func(r *job.Run) { r.CreatedAt = now.AddDate(-1, 0, 0) })
		left := func(id job.ID) int {
			n, err := s.CountRuns(ctx, job.RunFilter{JobID: id}, 100)
			noError(t, err)
			return n
		}
		none := time.Time{}
		purge := func(keep int, old, failed time.Time, limit int) int {
			n, err := s.PurgeJobRuns(ctx, j.ID, keep, old, failed, limit)
			noError(t, err)
			return n
		}
		wantEqual(t, purge(0, none, none, 100), 0)
		wantEqual(t, purge(20, none, none, 100), 0)
		wantEqual(t, purge(8, none, none, 1), 1)
		wantEqual(t, purge(8, none, none, 100), 1)
		wantEqual(t, left(j.ID), 9) // 8 newest and the open one
		wantEqual(t, purge(0, now.AddDate(0, 0, -3), none, 100), 2)
		wantEqual(t, purge(0, none, now.AddDate(0, 0, -6), 100), 1)
		wantEqual(t, left(j.ID), 6)
		wantEqual(t, left(other.ID), 10)
		_, err := s.Run(ctx, open.ID)
		noError(t, err)
	})
}
