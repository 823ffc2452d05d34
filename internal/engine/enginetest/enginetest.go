// Package enginetest is the suite that every engine passes. It runs in a synctest
// bubble: time is fake, and nothing sleeps for real.
package enginetest

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"carillon/internal/engine"
	"carillon/internal/job"
)

// Make returns a new engine that calls work, with so many workers.
type Make func(work engine.Work, workers int) engine.Engine

// Run runs the suite.
func Run(t *testing.T, mk Make) {
	t.Helper()
	for name, test := range map[string]func(*testing.T, Make){
		"hands out each run once":                               eachOnce,
		"goes by priority, then time, then id":                  order,
		"waits until a run is available":                        delays,
		"never has more at work than workers":                   bounded,
		"keeps exclusive runs of a job apart":                   exclusive,
		"lets an exclusive run go when the lock runs out":       lockRunsOut,
		"lets runs that may overlap overlap":                    parallel,
		"a blocked job does not block others":                   noHeadOfLine,
		"cancels a run at work with its reason":                 cancelRunning,
		"forgets a waiting run that is cancelled":               cancelWaiting,
		"forgets a delayed and a parked run that is cancelled":  cancelDelayedAndParked,
		"drain waits for runs at work and starts no other":      drainWaits,
		"drain stops runs at work when its time is up":          drainStops,
		"takes a run again after it has ended":                  again,
		"survives thousands of submissions, cancels and drains": stress,
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) { test(t, mk) })
		})
	}
}

// recorder is a Work that notes what it was handed.
type recorder struct {
	mu     sync.Mutex
	ids    []job.RunID
	now    int
	most   int
	causes map[job.RunID]error
	do     func(ctx context.Context, id job.RunID)
}

func (r *recorder) work(ctx context.Context, id job.RunID) {
	r.mu.Lock()
	r.ids = append(r.ids, id)
	r.now++
	r.most = max(r.most, r.now)
	r.mu.Unlock()
	if r.do != nil {
		r.do(ctx, id)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.now--
	if r.causes == nil {
		r.causes = map[job.RunID]error{}
	}
	r.causes[id] = context.Cause(ctx)
}

func (r *recorder) seen() []job.RunID {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.ids)
}

func (r *recorder) cause(id job.RunID) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.causes[id]
}

// sleepFor is work that takes d, or until its context ends.
func sleepFor(d time.Duration) func(context.Context, job.RunID) {
	return func(ctx context.Context, _ job.RunID) {
		select {
		case <-ctx.Done():
		case <-time.After(d):
		}
	}
}

func start(t *testing.T, mk Make, r *recorder, workers int) engine.Engine {
	t.Helper()
	e := mk(r.work, workers)
	e.Start()
	t.Cleanup(func() { drain(e, 0) })
	return e
}

// drain drains with a limit of d.
func drain(e engine.Engine, d time.Duration) {
	ctx, cancel := context.WithTimeout(context.Background(), d)
	defer cancel()
	e.Drain(ctx)
}

func ticket(id, of string) job.Ticket {
	return job.Ticket{RunID: job.RunID(id), JobID: job.ID(of), Priority: job.Normal, Exclusive: true}
}

func eachOnce(t *testing.T, mk Make) {
	r := &recorder{}
	e := start(t, mk, r, 4)
	for i := range 100 {
		id := fmt.Sprintf("run-%03d", i)
		e.Submit(t.Context(), ticket(id, "job-"+id), ticket(id, "job-"+id))
	}
	synctest.Wait()
	ids := r.seen()
	slices.Sort(ids)
	if n := len(slices.Compact(slices.Clone(ids))); n != 100 || len(ids) != 100 {
		t.Fatalf("handed out %d runs, %d different ones; want 100 and 100", len(ids), n)
	}
}

func order(t *testing.T, mk Make) {
	r := &recorder{do: sleepFor(time.Second)}
	e := start(t, mk, r, 1)
	now := time.Now()
	e.Submit(t.Context(), ticket("first", "j0"))
	synctest.Wait()
	low, high, late, early, b := ticket("low", "j1"), ticket("high", "j2"), ticket("late", "j3"), ticket("early", "j4"), ticket("b", "j5")
	low.Priority, high.Priority = job.Low, job.High
	late.AvailableAt, early.AvailableAt = now.Add(-time.Second), now.Add(-time.Minute)
	b.AvailableAt = late.AvailableAt
	e.Submit(t.Context(), low, late, b, early, high)
	time.Sleep(10 * time.Second)
	want := []job.RunID{"first", "high", "early", "b", "late", "low"}
	if got := r.seen(); !slices.Equal(got, want) {
		t.Fatalf("order %v, want %v", got, want)
	}
}

func delays(t *testing.T, mk Make) {
	r := &recorder{}
	e := start(t, mk, r, 1)
	soon := ticket("soon", "j1")
	soon.AvailableAt = time.Now().Add(90 * time.Second)
	e.Submit(t.Context(), soon)
	time.Sleep(89 * time.Second)
	synctest.Wait()
	if got := r.seen(); len(got) != 0 {
		t.Fatalf("handed out %v a second early", got)
	}
	time.Sleep(time.Second)
	synctest.Wait()
	if got := r.seen(); len(got) != 1 {
		t.Fatal("not handed out at its time")
	}
}

func bounded(t *testing.T, mk Make) {
	r := &recorder{do: sleepFor(time.Second)}
	e := start(t, mk, r, 3)
	for i := range 20 {
		e.Submit(t.Context(), ticket(fmt.Sprint("r", i), fmt.Sprint("j", i)))
	}
	time.Sleep(30 * time.Second)
	if len(r.seen()) != 20 || r.most != 3 {
		t.Fatalf("%d runs, at most %d at once; want 20 and exactly 3", len(r.seen()), r.most)
	}
}

func exclusive(t *testing.T, mk Make) {
	r := &recorder{do: sleepFor(time.Second)}
	e := start(t, mk, r, 4)
	for i := range 5 {
		e.Submit(t.Context(), ticket(fmt.Sprint("r", i), "one"))
	}
	time.Sleep(10 * time.Second)
	if len(r.seen()) != 5 || r.most != 1 {
		t.Fatalf("%d runs, at most %d at once; want 5 and 1", len(r.seen()), r.most)
	}
}

func lockRunsOut(t *testing.T, mk Make) {
	r := &recorder{do: sleepFor(time.Hour)}
	e := start(t, mk, r, 4)
	a, b := ticket("a", "one"), ticket("b", "one")
	a.LockTimeout, b.LockTimeout = 30, 30
	e.Submit(t.Context(), a, b)
	time.Sleep(29 * time.Second)
	synctest.Wait()
	if n := len(r.seen()); n != 1 {
		t.Fatalf("%d runs at work before the lock ran out, want 1", n)
	}
	time.Sleep(2 * time.Second)
	synctest.Wait()
	if n := len(r.seen()); n != 2 {
		t.Fatalf("%d runs at work after the lock ran out, want 2", n)
	}
}

func parallel(t *testing.T, mk Make) {
	r := &recorder{do: sleepFor(time.Second)}
	e := start(t, mk, r, 4)
	a, b := ticket("a", "one"), ticket("b", "one")
	a.Exclusive, b.Exclusive = false, false
	e.Submit(t.Context(), a, b)
	synctest.Wait()
	if r.most != 2 {
		t.Fatalf("%d at once, want 2", r.most)
	}
}

func noHeadOfLine(t *testing.T, mk Make) {
	r := &recorder{do: sleepFor(time.Minute)}
	e := start(t, mk, r, 2)
	e.Submit(t.Context(), ticket("a", "one"), ticket("b", "one"), ticket("c", "one"), ticket("d", "two"))
	synctest.Wait()
	if got := r.seen(); !slices.Contains(got, "d") {
		t.Fatalf("at work: %v; the other job's run had to wait", got)
	}
}

func cancelRunning(t *testing.T, mk Make) {
	r := &recorder{do: sleepFor(time.Hour)}
	e := start(t, mk, r, 1)
	e.Submit(t.Context(), ticket("a", "one"))
	synctest.Wait()
	e.Cancel(t.Context(), "a", job.ReasonUser)
	synctest.Wait()
	if got := r.cause("a"); !errors.Is(got, job.Cancellation{Reason: job.ReasonUser}) {
		t.Fatalf("cause %v", got)
	}
}

func cancelWaiting(t *testing.T, mk Make) {
	r := &recorder{do: sleepFor(time.Second)}
	e := start(t, mk, r, 1)
	e.Submit(t.Context(), ticket("a", "one"), ticket("b", "two"))
	synctest.Wait()
	e.Cancel(t.Context(), "b", job.ReasonUser)
	e.Cancel(t.Context(), "unknown", job.ReasonUser)
	time.Sleep(5 * time.Second)
	if got := r.seen(); !slices.Equal(got, []job.RunID{"a"}) {
		t.Fatalf("handed out %v, want only a", got)
	}
}

func cancelDelayedAndParked(t *testing.T, mk Make) {
	r := &recorder{do: sleepFor(time.Minute)}
	e := start(t, mk, r, 3)
	later, a, b := ticket("later", "two"), ticket("a", "one"), ticket("b", "one")
	later.AvailableAt = time.Now().Add(time.Second)
	a.LockTimeout, b.LockTimeout = 5, 5
	e.Submit(t.Context(), later, a, b, ticket("c", "one"))
	synctest.Wait()
	for _, id := range []job.RunID{"later", "b", "c"} {
		e.Cancel(t.Context(), id, job.ReasonUser)
	}
	time.Sleep(time.Hour)
	if got := r.seen(); !slices.Equal(got, []job.RunID{"a"}) {
		t.Fatalf("handed out %v, want only a", got)
	}
}

func drainWaits(t *testing.T, mk Make) {
	r := &recorder{do: sleepFor(time.Minute)}
	e := start(t, mk, r, 1)
	e.Submit(t.Context(), ticket("a", "one"), ticket("b", "two"))
	synctest.Wait()
	began := time.Now()
	drain(e, time.Hour)
	if took := time.Since(began); took != time.Minute {
		t.Fatalf("drain took %v, want the minute the run needed", took)
	}
	e.Submit(t.Context(), ticket("c", "three"))
	synctest.Wait()
	if got := r.seen(); !slices.Equal(got, []job.RunID{"a"}) {
		t.Fatalf("handed out %v, want only a", got)
	}
}

func drainStops(t *testing.T, mk Make) {
	r := &recorder{do: sleepFor(time.Hour)}
	e := start(t, mk, r, 1)
	e.Submit(t.Context(), ticket("a", "one"))
	synctest.Wait()
	drain(e, time.Minute)
	if got := r.cause("a"); !errors.Is(got, job.Cancellation{Reason: job.ReasonShutdown}) {
		t.Fatalf("cause %v, want shutdown", got)
	}
}

func again(t *testing.T, mk Make) {
	r := &recorder{}
	e := start(t, mk, r, 1)
	for range 3 {
		e.Submit(t.Context(), ticket("a", "one"))
		synctest.Wait()
	}
	if n := len(r.seen()); n != 3 {
		t.Fatalf("handed out %d times, want 3: an engine keeps nothing of an ended run", n)
	}
}

// stress is a net for races and lost wake-ups: every run that is not cancelled is handed out.
func stress(t *testing.T, mk Make) {
	r := &recorder{do: sleepFor(time.Millisecond)}
	e := start(t, mk, r, 8)
	var group sync.WaitGroup
	for g := range 8 {
		group.Go(func() {
			for i := range 300 {
				tk := ticket(fmt.Sprintf("%d-%d", g, i), fmt.Sprint("job", i%7))
				tk.AvailableAt = time.Now().Add(time.Duration(i%5) * time.Second)
				tk.Exclusive = i%3 != 0
				tk.LockTimeout = job.Seconds(i % 2)
				e.Submit(t.Context(), tk)
				if i%10 == 0 {
					e.Cancel(t.Context(), tk.RunID, job.ReasonUser)
				}
			}
		})
	}
	group.Wait()
	time.Sleep(time.Hour)
	ids := r.seen()
	slices.Sort(ids)
	distinct := len(slices.Compact(slices.Clone(ids)))
	if distinct != len(ids) || distinct < 8*270 {
		t.Fatalf("%d handed out, %d different; want each once and at least %d", len(ids), distinct, 8*270)
	}
}
