package output

import (
	"context"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"carillon/internal/clock"
	"carillon/internal/job"
)

// Limits bound what is kept of a run's output and how long things may take. A zero
// field means its default.
type Limits struct {
	// Head and Tail are how many bytes are kept of the beginning and of the end; what
	// lies between is left out. 1 MiB each.
	Head, Tail int
	// Flush is how long output may wait before it is stored and seen. 200 ms.
	Flush time.Duration
	// Buffer is how many bytes of one run may wait for the store. 256 KiB.
	Buffer int
	// Stall is how long a write waits for a full buffer. After it the run's further
	// output is kept in memory as its tail until the run ends. 2 s.
	Stall time.Duration
	// Call bounds one call to the store. 15 s.
	Call time.Duration
	// GiveUp is how long storing the rest of an ended run's output is tried. 30 s.
	GiveUp time.Duration
}

func (l Limits) withDefaults() Limits {
	def := func(v *int, d int) {
		if *v <= 0 {
			*v = d
		}
	}
	defDuration := func(v *time.Duration, d time.Duration) {
		if *v <= 0 {
			*v = d
		}
	}
	def(&l.Head, 1<<20)
	def(&l.Tail, 1<<20)
	def(&l.Buffer, 256<<10)
	defDuration(&l.Flush, 200*time.Millisecond)
	defDuration(&l.Stall, 2*time.Second)
	defDuration(&l.Call, 15*time.Second)
	defDuration(&l.GiveUp, 30*time.Second)
	return l
}

// chunk is the most bytes of a chunk: small enough that dropping whole ones keeps
// nearly all of a tail.
func (l Limits) chunk() int { return min(maxChunk, max(l.Tail/16, 64)) }

// Recorder captures the output of runs and lets people follow it. One goroutine
// writes for all captures, so that many small outputs share few transactions.
type Recorder struct {
	store  Store
	clk    clock.Clock
	log    *slog.Logger
	limits Limits

	mu     sync.Mutex
	open   map[job.RunID]*Capture
	closed bool       // no more captures
	dirty  []*Capture // captures with something to store or to show, each once
	wake   chan struct{}
	urgent chan struct{}

	ctx     context.Context // ends the flusher's calls at a forced stop
	cancel  context.CancelFunc
	stop    sync.Once
	closing chan struct{} // closed when the recorder is to stop
	done    chan struct{} // closed when the flusher has ended
}

// New returns a recorder. Its goroutine runs until [Recorder.Close].
func New(store Store, clk clock.Clock, log *slog.Logger, limits Limits) *Recorder {
	r := &Recorder{
		store: store, clk: clk, log: log, limits: limits.withDefaults(),
		open:    map[job.RunID]*Capture{},
		wake:    make(chan struct{}, 1),
		urgent:  make(chan struct{}, 1),
		closing: make(chan struct{}),
		done:    make(chan struct{}),
	}
	r.ctx, r.cancel = context.WithCancel(context.Background())
	go r.loop()
	return r
}

// Open begins the capture of a run's output. A run is captured once; its capture must
// be closed. Opening costs nothing until the run prints something.
func (r *Recorder) Open(id job.RunID) *Capture {
	c := &Capture{rec: r, id: id, headLeft: r.limits.Head, done: make(chan struct{})}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.closed { // nobody would store it
		c.closed, c.ended = true, true
		close(c.done)
		return c
	}
	r.open[id] = c
	return c
}

// Delete removes the output of runs.
func (r *Recorder) Delete(ctx context.Context, ids []job.RunID) error {
	if err := r.store.DeleteOutput(ctx, ids); err != nil {
		return fmt.Errorf("delete output: %w", err)
	}
	return nil
}

// Close closes the captures that are still open, stores what waits to be stored, ends
// all followers and stops the recorder. What is printed afterwards is lost. If ctx ends
// first, what is not stored by then is lost and the error says so.
func (r *Recorder) Close(ctx context.Context) error {
	r.stop.Do(func() { close(r.closing) })
	defer r.cancel()
	select {
	case <-r.done:
		return nil
	case <-ctx.Done():
		return fmt.Errorf("close output: %w", context.Cause(ctx))
	}
}

// capture returns the open capture of a run, or nil.
func (r *Recorder) capture(id job.RunID) *Capture {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.open[id]
}

// forget removes a capture that has ended.
func (r *Recorder) forget(c *Capture) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.open[c.id] == c {
		delete(r.open, c.id)
	}
}

// mark puts a capture on the flusher's list; the caller knows that it is not on it.
func (r *Recorder) mark(c *Capture) {
	r.mu.Lock()
	r.dirty = append(r.dirty, c)
	r.mu.Unlock()
	notify(r.wake)
}

// take returns the captures on the list and empties it.
func (r *Recorder) take() []*Capture {
	r.mu.Lock()
	defer r.mu.Unlock()
	list := r.dirty
	r.dirty = nil
	return list
}

func (r *Recorder) idle() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return len(r.dirty) == 0
}

// notify wakes the reader of a channel of capacity one; a signal that already waits
// is enough.
func notify(ch chan struct{}) {
	select {
	case ch <- struct{}{}:
	default:
	}
}
