package scheduler_test

import (
	"context"
	"errors"
	"log/slog"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"

	"carillon/internal/clock"
	"carillon/internal/scheduler"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func startDuties(t *testing.T, duties ...scheduler.Duty) *scheduler.Clockwork {
	t.Helper()
	c, err := scheduler.NewClockwork(clock.System(), slog.New(slog.DiscardHandler), duties...)
	if err != nil {
		t.Fatal(err)
	}
	c.Start()
	return c
}

func stop(t *testing.T, c *scheduler.Clockwork) {
	t.Helper()
	if err := c.Stop(); err != nil {
		t.Error(err)
	}
}

func TestClockworkTicksAtEachFullSecond(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var ticks, off atomic.Int64
		c := startDuties(t, scheduler.Duty{Name: "tick", EachSecond: true, Do: func(context.Context) error {
			ticks.Add(1)
			if time.Now().Nanosecond() != 0 {
				off.Add(1)
			}
			return nil
		}})
		time.Sleep(time.Hour + 500*time.Millisecond)
		synctest.Wait()
		if ticks.Load() != 3600 || off.Load() != 0 {
			t.Errorf("%d ticks in an hour, %d of them off the second", ticks.Load(), off.Load())
		}
		stop(t, c)
	})
}

func TestClockworkSurvivesPanicsAndErrors(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var panics, faults atomic.Int64
		c := startDuties(t,
			scheduler.Duty{Name: "panics", Every: time.Second, Do: func(context.Context) error { panics.Add(1); panic("boom") }},
			scheduler.Duty{Name: "fails", Every: time.Second, Do: func(context.Context) error { faults.Add(1); return errors.New("no") }},
		)
		time.Sleep(10*time.Second + 500*time.Millisecond)
		synctest.Wait()
		if panics.Load() != 10 || faults.Load() != 10 {
			t.Errorf("%d and %d times, want 10 each", panics.Load(), faults.Load())
		}
		stop(t, c)
	})
}

func TestClockworkNeverRunsADutyTwiceAtOnce(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var now, most, times atomic.Int64
		c := startDuties(t, scheduler.Duty{Name: "slow", EachSecond: true, Do: func(ctx context.Context) error {
			times.Add(1)
			most.Store(max(most.Load(), now.Add(1)))
			defer now.Add(-1)
			time.Sleep(2500 * time.Millisecond)
			return ctx.Err()
		}})
		time.Sleep(30 * time.Second)
		synctest.Wait()
		if most.Load() != 1 || times.Load() < 9 {
			t.Errorf("at most %d at once, %d times; want 1 and about 10", most.Load(), times.Load())
		}
		stop(t, c)
	})
}

func TestClockworkStopWaitsForDutiesAndEndsTheirContext(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var ended atomic.Bool
		c := startDuties(t, scheduler.Duty{Name: "waits", Every: time.Second, Do: func(ctx context.Context) error {
			<-ctx.Done()
			time.Sleep(200 * time.Millisecond)
			ended.Store(true)
			return ctx.Err()
		}})
		time.Sleep(1500 * time.Millisecond)
		stop(t, c)
		if !ended.Load() {
			t.Error("Stop returned before the duty did")
		}
	})
}
