package runner

import (
	"context"
	"errors"
	"log/slog"
	"testing"
	"testing/synctest"
	"time"

	"carillon/internal/clock"
	"carillon/internal/job"
)

// awayStore is a database that does not answer.
type awayStore struct {
	Store
	calls int
}

func (s *awayStore) InGroup(context.Context, func(context.Context) error) error {
	s.calls++
	return errors.New("connection refused")
}

func TestResultsWaitForTheDatabaseUntilTheProgramEnds(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		store := &awayStore{}
		r := New(Deps{Store: store, Clock: clock.System(), Log: slog.New(slog.DiscardHandler)})
		ended := make(chan struct{})
		go func() {
			defer close(ended)
			r.finish(t.Context(), started{run: job.Run{ID: "r"}}, job.Outcome{State: job.RunSucceeded})
		}()
		time.Sleep(10 * time.Minute)
		synctest.Wait()
		select {
		case <-ended:
			t.Fatal("the result was given up while the program lives")
		default:
		}
		if store.calls < 100 || store.calls > 200 {
			t.Errorf("tried %d times in ten minutes, want about one each five seconds", store.calls)
		}
		r.GiveUp()
		r.GiveUp()
		<-ended
	})
}
