package db_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"carillon/db"
	"carillon/db/dbtest"
	"carillon/internal/apperr"
	"carillon/internal/job"
)

// txFunc is InTx or InGroup: what holds for one holds for the other.
type txFunc = func(ctx context.Context, fn func(ctx context.Context) error) error

func eachTx(t *testing.T, fn func(t *testing.T, s *db.Store, in txFunc)) {
	t.Helper()
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, s *db.Store) {
		t.Run("InTx", func(t *testing.T) { fn(t, s, s.InTx) })
		t.Run("InGroup", func(t *testing.T) { fn(t, s, s.InGroup) })
	})
}

func exists(t *testing.T, s *db.Store, j job.Job) bool {
	t.Helper()
	_, err := s.Job(t.Context(), j.ID)
	if err != nil && !apperr.Is(err, apperr.NotFound) {
		t.Fatal(err)
	}
	return err == nil
}

func TestTransactionCommits(t *testing.T) {
	eachTx(t, func(t *testing.T, s *db.Store, in txFunc) {
		j := dbtest.Job()
		noError(t, in(t.Context(), func(ctx context.Context) error {
			noError(t, s.InsertJob(ctx, j))
			if _, err := s.Job(ctx, j.ID); err != nil {
				t.Errorf("own write is not seen: %v", err)
			}
			if exists(t, s, j) {
				t.Error("seen outside before the commit")
			}
			return nil
		}))
		if !exists(t, s, j) {
			t.Error("not committed")
		}
	})
}

func TestTransactionRollsBack(t *testing.T) {
	eachTx(t, func(t *testing.T, s *db.Store, in txFunc) {
		j := dbtest.Job()
		mine := errors.New("mine")
		err := in(t.Context(), func(ctx context.Context) error {
			return errors.Join(s.InsertJob(ctx, j), mine)
		})
		if !errors.Is(err, mine) {
			t.Errorf("error = %v", err)
		}
		func() {
			defer func() { wantEqual(t, recover(), any("boom")) }()
			_ = in(t.Context(), func(ctx context.Context) error {
				noError(t, s.InsertJob(ctx, j))
				panic("boom")
			})
			t.Error("the panic was lost")
		}()
		if exists(t, s, j) {
			t.Error("not rolled back")
		}
		noError(t, s.InsertJob(t.Context(), j)) // the writer is free again
	})
}

func TestTransactionsDoNotNest(t *testing.T) {
	eachTx(t, func(t *testing.T, s *db.Store, in txFunc) {
		noError(t, in(t.Context(), func(ctx context.Context) error {
			for _, inner := range []txFunc{s.InTx, s.InGroup} {
				if err := inner(ctx, func(context.Context) error { return nil }); err == nil {
					t.Error("nested")
				}
			}
			return nil
		}))
	})
}

func TestCancelledTransaction(t *testing.T) {
	eachTx(t, func(t *testing.T, s *db.Store, in txFunc) {
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		j := dbtest.Job()
		err := in(ctx, func(ctx context.Context) error { return s.InsertJob(ctx, j) })
		if !errors.Is(err, context.Canceled) || exists(t, s, j) {
			t.Errorf("error = %v", err)
		}
	})
}

// A context that ends within the transaction must not undo a part of it.
func TestNarrowerContextDoesNotSplitTransaction(t *testing.T) {
	eachTx(t, func(t *testing.T, s *db.Store, in txFunc) {
		a, b := dbtest.Job(), dbtest.Job()
		noError(t, in(t.Context(), func(ctx context.Context) error {
			narrow, cancel := context.WithCancel(ctx)
			cancel()
			return errors.Join(s.InsertJob(ctx, a), s.InsertJob(narrow, b))
		}))
		if !exists(t, s, a) || !exists(t, s, b) {
			t.Error("a part is missing")
		}
	})
}

func TestGroupKeepsErrorsApart(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, s *db.Store) {
		taken := dbtest.AddJob(t, s)
		type result struct {
			err      error
			panicked any
		}
		results := make([]result, 60)
		jobs := make([]job.Job, len(results))
		var wg sync.WaitGroup
		for i := range results {
			jobs[i] = dbtest.Job()
			wg.Go(func() {
				defer func() { results[i].panicked = recover() }()
				results[i].err = s.InGroup(t.Context(), func(ctx context.Context) error {
					err := s.InsertJob(ctx, jobs[i])
					switch i % 10 {
					case 3: // breaks a constraint, which ends a transaction of PostgreSQL
						return s.InsertJob(ctx, dbtest.Job(func(j *job.Job) { j.Name = taken.Name }))
					case 5:
						return errors.Join(err, fmt.Errorf("mine %d", i))
					case 7:
						panic(i)
					}
					return err
				})
			})
		}
		wg.Wait()
		for i, r := range results {
			fails := false
			switch i % 10 {
			case 3:
				wantError(t, r.err, apperr.Conflict, "name_taken")
				fails = true
			case 5:
				if r.err == nil || r.err.Error() != fmt.Sprintf("mine %d", i) {
					t.Errorf("%d: error = %v", i, r.err)
				}
				fails = true
			case 7:
				wantEqual(t, r.panicked, any(i))
				fails = true
			default:
				noError(t, r.err)
				wantEqual(t, r.panicked, nil)
			}
			if exists(t, s, jobs[i]) == fails {
				t.Errorf("%d: exists = %v", i, !fails)
			}
		}
	})
}

func TestGroupSharesTransactions(t *testing.T) {
	t.Parallel()
	s := dbtest.New(t)
	const callers = 600
	inside := make(chan struct{})
	open := make(chan struct{})
	var wg sync.WaitGroup
	wg.Go(func() {
		noError(t, s.InGroup(t.Context(), func(context.Context) error { close(inside); <-open; return nil }))
	})
	<-inside
	first := dbtest.Job()
	var sawFirst atomic.Int32
	var entered atomic.Int32
	for range callers {
		wg.Go(func() {
			entered.Add(1)
			noError(t, s.InGroup(t.Context(), func(ctx context.Context) error {
				if _, err := s.Job(ctx, first.ID); err == nil {
					sawFirst.Add(1)
					return nil
				}
				return s.InsertJob(ctx, first)
			}))
		})
	}
	for entered.Load() < callers {
		time.Sleep(time.Millisecond) // until all have started; the result does not depend on it
	}
	close(open)
	wg.Wait()
	wantEqual(t, sawFirst.Load(), callers-1)
}

func TestGroupWaiterMayLeave(t *testing.T) {
	t.Parallel()
	s := dbtest.New(t)
	inside, open := make(chan struct{}), make(chan struct{})
	var wg sync.WaitGroup
	wg.Go(func() {
		noError(t, s.InGroup(t.Context(), func(context.Context) error { close(inside); <-open; return nil }))
	})
	<-inside
	ctx, cancel := context.WithCancel(t.Context())
	left := make(chan error, 1)
	var ran atomic.Bool
	go func() {
		left <- s.InGroup(ctx, func(context.Context) error { ran.Store(true); return nil })
	}()
	cancel()
	if err := <-left; !errors.Is(err, context.Canceled) {
		t.Errorf("error = %v", err)
	}
	close(open)
	wg.Wait()
	noError(t, s.InGroup(t.Context(), func(context.Context) error { return nil }))
	if ran.Load() {
		t.Error("ran after it had left")
	}
}

func TestManyWritersAndReaders(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, s *db.Store) {
		ctx := t.Context()
		j := dbtest.AddJob(t, s)
		var wg sync.WaitGroup
		for i := range 50 {
			wg.Go(func() {
				for n := range 10 {
					write := func(ctx context.Context) error {
						now, err := s.JobForUpdate(ctx, j.ID)
						if err != nil {
							return err
						}
						now.TriggerCount++
						_, err = s.InsertRuns(ctx, []job.Run{dbtest.Run(j, job.RunQueued)})
						return errors.Join(err, s.UpdateJobStatus(ctx, now))
					}
					in := s.InTx
					if (i+n)%2 == 0 {
						in = s.InGroup
					}
					if err := in(ctx, write); err != nil {
						t.Error(err)
					}
					if err := s.AppendChunks(ctx, []job.Chunk{{RunID: job.RunID(fmt.Sprint(i)), Seq: int64(n + 1), Stream: job.Stdout}}); err != nil {
						t.Error(err)
					}
				}
			})
			wg.Go(func() {
				for range 10 {
					if _, err := s.Runs(ctx, job.RunFilter{JobID: j.ID}, job.RunPage{Limit: 3}); err != nil {
						t.Error(err)
					}
				}
			})
		}
		wg.Wait()
		got, err := s.Job(ctx, j.ID)
		noError(t, err)
		wantEqual(t, got.TriggerCount, 500)
		n, err := s.CountRuns(ctx, job.RunFilter{JobID: j.ID}, 1000)
		noError(t, err)
		wantEqual(t, n, 500)
	})
}

// Two transactions that wait for each other: PostgreSQL gives one up, which is run again.
func TestDeadlockIsRunAgain(t *testing.T) {
	t.Parallel()
	s := dbtest.NewPostgres(t)
	a, b := dbtest.AddJob(t, s), dbtest.AddJob(t, s)
	var ready, wg sync.WaitGroup
	ready.Add(2)
	var attempts atomic.Int32
	for _, order := range [][]job.ID{{a.ID, b.ID}, {b.ID, a.ID}} {
		wg.Go(func() {
			first := true
			err := s.InTx(t.Context(), func(ctx context.Context) error {
				attempts.Add(1)
				for i, id := range order {
					j, err := s.JobForUpdate(ctx, id)
					if err != nil {
						return err
					}
					j.TriggerCount++
					if err := s.UpdateJobStatus(ctx, j); err != nil {
						return err
					}
					if i == 0 && first {
						first = false
						ready.Done()
						ready.Wait() // each has its first job
					}
				}
				return nil
			})
			if err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if attempts.Load() < 3 {
		t.Errorf("%d attempts: nothing was run again", attempts.Load())
	}
	for _, id := range []job.ID{a.ID, b.ID} {
		got, err := s.Job(t.Context(), id)
		noError(t, err)
		wantEqual(t, got.TriggerCount, 2)
	}
}
