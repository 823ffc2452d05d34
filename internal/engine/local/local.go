// Package local is the engine of a single process: a fixed number of workers, two
// heaps and nothing on disk.
package local

import (
	"context"
	"sync"
	"time"

	"carillon/internal/clock"
	"carillon/internal/engine"
	"carillon/internal/job"
)

// Engine hands runs to a fixed number of workers. See [engine.Engine].
type Engine struct {
	work    engine.Work
	clock   clock.Clock
	workers int

	mu       sync.Mutex
	free     *sync.Cond // signalled when something is ready or draining begins
	known    map[job.RunID]*entry
	ready    entryHeap
	delayed  entryHeap
	parked   map[job.ID]map[*entry]struct{}
	busy     map[job.ID]map[*entry]struct{}
	atWork   int
	draining bool

	wake    chan struct{} // asks the pump to look at the delayed heap again
	stop    chan struct{}
	done    sync.WaitGroup
	stopped sync.Once
}

var _ engine.Engine = (*Engine)(nil)

// New returns an engine with the given number of workers (at least 1).
func New(work engine.Work, clk clock.Clock, workers int) *Engine {
	e := &Engine{
		work:    work,
		clock:   clk,
		workers: max(1, workers),
		known:   map[job.RunID]*entry{},
		ready:   entryHeap{less: byUrgency},
		delayed: entryHeap{less: byWake},
		parked:  map[job.ID]map[*entry]struct{}{},
		busy:    map[job.ID]map[*entry]struct{}{},
		wake:    make(chan struct{}, 1),
		stop:    make(chan struct{}),
	}
	e.free = sync.NewCond(&e.mu)
	return e
}

// Start starts the workers.
func (e *Engine) Start() {
	e.done.Add(e.workers + 1)
	go e.pump()
	for range e.workers {
		go e.worker()
	}
}

// Submit implements [engine.Engine].
func (e *Engine) Submit(_ context.Context, tickets ...job.Ticket) {
	now := e.clock.Now()
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.draining {
		return
	}
	for _, t := range tickets {
		if _, held := e.known[t.RunID]; held {
			continue
		}
		held := &entry{Ticket: t, index: -1}
		e.known[t.RunID] = held
		if t.AvailableAt.After(now) {
			e.delay(held, t.AvailableAt)
		} else {
			e.makeReady(held)
		}
	}
}

// Cancel implements [engine.Engine].
func (e *Engine) Cancel(_ context.Context, id job.RunID, reason job.Reason) {
	e.mu.Lock()
	defer e.mu.Unlock()
	held, ok := e.known[id]
	if !ok {
		return
	}
	if held.place == atWork {
		held.cancel(job.Cancellation{Reason: reason})
		return
	}
	e.detach(held)
	delete(e.known, id)
}

// Drain implements [engine.Engine].
func (e *Engine) Drain(ctx context.Context) {
	e.mu.Lock()
	e.draining = true
	e.free.Broadcast()
	e.mu.Unlock()
	e.stopped.Do(func() { close(e.stop) })

	idle := make(chan struct{})
	go func() {
		e.done.Wait()
		close(idle)
	}()
	select {
	case <-idle:
		return
	case <-ctx.Done():
	}
	e.cancelAll(job.Cancellation{Reason: job.ReasonShutdown})
	<-idle
}

// Load tells how many runs wait and how many are at work.
func (e *Engine) Load() (waiting, working int) {
	e.mu.Lock()
	defer e.mu.Unlock()
	return len(e.known) - e.atWork, e.atWork
}

// Workers returns the number of workers.
func (e *Engine) Workers() int { return e.workers }

func (e *Engine) cancelAll(cause error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	for _, held := range e.known {
		if held.place == atWork {
			held.cancel(cause)
		}
	}
}

// worker hands out one run after the other until draining begins.
func (e *Engine) worker() {
	defer e.done.Done()
	for {
		held, ctx := e.next()
		if held == nil {
			return
		}
		e.work(ctx, held.RunID)
		held.cancel(nil)
		e.finished(held)
	}
}

// next waits for a ready run that may start now; nil once draining.
func (e *Engine) next() (*entry, context.Context) {
	e.mu.Lock()
	defer e.mu.Unlock()
	for {
		for e.ready.Len() == 0 && !e.draining {
			e.free.Wait()
		}
		if e.draining {
			return nil, nil
		}
		held := e.ready.take()
		held.place = nowhere
		if until, blocked := e.blockedUntil(held); blocked {
			e.park(held, until)
			continue
		}
		return held, e.begin(held)
	}
}

// begin marks an entry as being at work and returns the context of its run.
func (e *Engine) begin(held *entry) context.Context {
	ctx, cancel := context.WithCancelCause(context.Background())
	held.cancel = cancel
	held.place = atWork
	held.started = e.clock.Now()
	e.atWork++
	addTo(e.busy, held)
	return ctx
}

// finished forgets a run and frees those that waited for it.
func (e *Engine) finished(held *entry) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.atWork--
	delete(e.known, held.RunID)
	removeFrom(e.busy, held)
	for waiting := range e.parked[held.JobID] {
		e.detach(waiting)
		e.makeReady(waiting)
	}
}

// blockedUntil says whether an exclusive run must wait for another of its job, and
// when the last of their locks runs out (zero: never, wait for them to end).
func (e *Engine) blockedUntil(held *entry) (time.Time, bool) {
	if !held.Exclusive {
		return time.Time{}, false
	}
	now := e.clock.Now()
	var until time.Time
	blocked := false
	for other := range e.busy[held.JobID] {
		if other.LockTimeout <= 0 {
			return time.Time{}, true
		}
		if free := other.started.Add(other.LockTimeout.Duration()); free.After(now) {
			blocked = true
			if free.After(until) {
				until = free
			}
		}
	}
	return until, blocked
}

// The functions below are called with the lock held.

func (e *Engine) makeReady(held *entry) {
	held.place = inReady
	e.ready.add(held)
	e.free.Signal()
}

func (e *Engine) delay(held *entry, until time.Time) {
	held.place = inDelayed
	held.wakeAt = until
	e.delayed.add(held)
	if held.index == 0 {
		e.wakePump()
	}
}

func (e *Engine) park(held *entry, until time.Time) {
	addTo(e.parked, held)
	if !until.IsZero() {
		e.delay(held, until)
	}
	held.place = inParked
}

// detach takes a waiting entry out of whatever holds it.
func (e *Engine) detach(held *entry) {
	switch held.place {
	case inReady:
		e.ready.remove(held)
	case inDelayed:
		e.delayed.remove(held)
	case inParked:
		removeFrom(e.parked, held)
		if held.index >= 0 {
			e.delayed.remove(held)
		}
	case nowhere, atWork:
	}
	held.place = nowhere
}

func (e *Engine) wakePump() {
	select {
	case e.wake <- struct{}{}:
	default:
	}
}

// pump moves entries whose time has come to the ready heap.
func (e *Engine) pump() {
	defer e.done.Done()
	for {
		wait, any := e.moveDue()
		if !any {
			wait = time.Hour
		}
		timer := e.clock.NewTimer(wait)
		select {
		case <-e.stop:
			timer.Stop()
			return
		case <-e.wake:
			timer.Stop()
		case <-timer.C:
		}
	}
}

// maxNap bounds how long the pump sleeps, because wall clocks are set and machines suspended.
const maxNap = time.Second

// moveDue moves what is due and returns how long to wait for the next entry.
func (e *Engine) moveDue() (time.Duration, bool) {
	now := e.clock.Now()
	e.mu.Lock()
	defer e.mu.Unlock()
	for e.delayed.Len() > 0 {
		first := e.delayed.items[0]
		if first.wakeAt.After(now) {
			return min(first.wakeAt.Sub(now), maxNap), true
		}
		e.detach(first)
		e.makeReady(first)
	}
	return 0, false
}

func addTo(sets map[job.ID]map[*entry]struct{}, held *entry) {
	set := sets[held.JobID]
	if set == nil {
		set = map[*entry]struct{}{}
		sets[held.JobID] = set
	}
	set[held] = struct{}{}
}

func removeFrom(sets map[job.ID]map[*entry]struct{}, held *entry) {
	set := sets[held.JobID]
	delete(set, held)
	if len(set) == 0 {
		delete(sets, held.JobID)
	}
}
