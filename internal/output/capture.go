package output

import (
	"context"
	"errors"
	"fmt"
	"io"
	"sync"
	"time"

	"carillon/internal/job"
)

// ErrLost says that a part of a run's output could not be stored.
var ErrLost = errors.New("output could not be stored")

// Capture collects the output of one run. Its head is stored as it comes. What comes
// after the head is numbered like the rest, but only the last of it is kept, in
// memory, and stored at the end. A hole stands for what was dropped between: it has the
// number of the last chunk that was dropped, so numbers never change, and those before
// a hole may be missing.
type Capture struct {
	rec  *Recorder
	id   job.RunID
	done chan struct{} // closed when everything is stored or given up; err is set before

	mu    sync.Mutex
	seq   int64 // of the last chunk that was numbered
	total int64 // bytes written to the run's streams
	taken int64 // bytes that are in segments or were

	headLeft int   // bytes that the head can still take
	headDone bool  // everything goes to the tail
	headEnd  int64 // where the tail begins; valid when headDone
	chunks   int   // chunks in the head

	current *segment    // what is being written; nil: nothing
	pending []job.Chunk // sealed chunks that wait for the store
	waiting int         // bytes in pending
	tail    ring

	stored   int64 // Seq of the last chunk the store has
	listed   bool  // on the flusher's list
	suspect  bool  // to be stored apart from other captures, having failed by itself
	warned   bool  // its failing is logged
	closed   bool
	closedAt time.Time
	ended    bool // done is closed
	err      error

	followers int
	changed   chan struct{} // closed at the next change; nil: nobody waits
}

// Stdout returns the run's standard output. Writes are safe for concurrent use, never
// fail and wait at most [Limits.Stall] for a slow store, once in a run's life.
func (c *Capture) Stdout() io.Writer { return stream{c, job.Stdout} }

// Stderr returns the run's standard error, like [Capture.Stdout].
func (c *Capture) Stderr() io.Writer { return stream{c, job.Stderr} }

type stream struct {
	capture *Capture
	stream  job.Stream
}

// Write implements [io.Writer].
func (s stream) Write(p []byte) (int, error) {
	s.capture.write(s.stream, p)
	return len(p), nil
}

func (c *Capture) write(to job.Stream, p []byte) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed {
		return // a straggler after the end of its run
	}
	c.total += int64(len(p))
	for len(p) > 0 && !c.headDone {
		if c.waiting >= c.rec.limits.Buffer && !c.waitForSpace() {
			c.endHead()
			break
		}
		p = p[c.writeHead(to, p):]
	}
	if c.closed {
		return
	}
	for len(p) > 0 {
		p = p[c.add(to, p):]
	}
	c.list(c.waiting >= c.rec.limits.Buffer/2)
}

// writeHead takes a piece of p into the head, returns its length, and ends the head
// when it is full.
func (c *Capture) writeHead(to job.Stream, p []byte) int {
	n := min(len(p), c.headLeft)
	if n < len(p) {
		n = wholeRunes(p[:n])
	}
	if n > 0 {
		n = c.add(to, p[:n])
		c.headLeft -= n
	}
	// Very many tiny chunks would make a cheap flood expensive to keep.
	if n == 0 || c.headLeft == 0 || c.chunks >= maxChunks(c.rec.limits.Head) {
		c.endHead()
	}
	return n
}

// add puts a piece of p into the current segment and returns its length.
func (c *Capture) add(to job.Stream, p []byte) int {
	if c.current != nil && c.current.stream != to {
		c.seal(len(c.current.data))
	}
	if c.current == nil {
		c.current = &segment{start: c.taken, at: c.rec.clk.Now(), stream: to, data: c.tail.buffer()}
	}
	size := c.rec.limits.chunk()
	n := min(len(p), size-len(c.current.data))
	c.current.data = append(c.current.data, p[:n]...)
	c.taken += int64(n)
	if len(c.current.data) >= size {
		c.seal(wholeLines(c.current.data))
	}
	return n
}

// seal numbers the first cut bytes of the current segment and makes them a chunk; the
// rest begins the next segment.
func (c *Capture) seal(cut int) {
	s := c.current
	if s == nil || cut == 0 {
		return
	}
	c.current = nil
	if cut < len(s.data) {
		rest := append(c.tail.buffer(), s.data[cut:]...)
		c.current = &segment{start: s.start + int64(cut), at: c.rec.clk.Now(), stream: s.stream, data: rest}
		s.data = s.data[:cut]
	}
	c.seq++
	s.seq = c.seq
	if c.headDone {
		c.tail.push(s, c.rec.limits.Tail)
		return
	}
	c.pending = append(c.pending, s.chunk(c.id))
	c.waiting += len(s.data)
	c.chunks++
}

// sealAll seals everything that was written.
func (c *Capture) sealAll() {
	if c.current != nil {
		c.seal(len(c.current.data))
	}
}

// sealRunes seals what was written, but for a rune that is only begun.
func (c *Capture) sealRunes() {
	if c.current != nil {
		c.seal(wholeRunes(c.current.data))
	}
}

// endHead seals what belongs to the head; from here on everything is tail.
func (c *Capture) endHead() {
	if !c.headDone {
		c.sealAll()
		c.headDone = true
		c.headEnd = c.taken
	}
}

// waitForSpace waits until the store has taken something, and reports whether it has.
// It gives up the lock meanwhile.
func (c *Capture) waitForSpace() bool {
	c.list(true)
	changed := c.watch()
	timer := c.rec.clk.NewTimer(c.rec.limits.Stall)
	defer timer.Stop()
	for c.waiting >= c.rec.limits.Buffer {
		c.mu.Unlock()
		expired := false
		select {
		case <-changed:
		case <-timer.C:
			expired = true
		}
		c.mu.Lock()
		if expired || c.closed || c.headDone {
			return false
		}
		changed = c.watch()
	}
	return true
}

// list puts the capture on the flusher's list if it has something to store or show.
func (c *Capture) list(urgent bool) {
	if !c.listed && (c.current != nil && !c.headDone || len(c.pending) > 0 || c.followers > 0 || c.closed) {
		c.listed = true
		c.rec.mark(c)
	}
	if urgent {
		notify(c.rec.urgent)
	}
}

// watch returns a channel that is closed at the next change.
func (c *Capture) watch() <-chan struct{} {
	if c.changed == nil {
		c.changed = make(chan struct{})
	}
	return c.changed
}

// announce tells everyone who watches that something changed.
func (c *Capture) announce() {
	if c.changed != nil {
		close(c.changed)
		c.changed = nil
	}
}

// Close ends the capture and returns once its output is stored, with the number of
// bytes the run printed before any cap. The error wraps [ErrLost] if a part could not
// be stored; if ctx ends first, storing goes on without the caller.
func (c *Capture) Close(ctx context.Context) (int64, error) {
	c.mu.Lock()
	c.finish()
	total := c.total
	c.mu.Unlock()
	select {
	case <-c.done:
		return total, c.err
	case <-ctx.Done():
		return total, fmt.Errorf("close output of run %s: %w", c.id, context.Cause(ctx))
	}
}

// finish seals everything, moves what is kept to the chunks that wait for the store
// and closes the capture for writers.
func (c *Capture) finish() {
	if c.closed {
		return
	}
	c.closed, c.closedAt = true, c.rec.clk.Now()
	c.sealAll()
	kept := c.tail.empty()
	if c.tail.evicted > 0 {
		tailBegin, at := c.taken, c.closedAt
		if len(kept) > 0 {
			tailBegin, at = kept[0].start, kept[0].at
		}
		c.pending = append(c.pending, job.Chunk{
			RunID: c.id, Seq: c.tail.evicted, At: at, Stream: job.Stdout, Dropped: tailBegin - c.headEnd,
		})
	}
	for _, s := range kept {
		c.pending = append(c.pending, s.chunk(c.id))
		c.waiting += len(s.data)
	}
	if len(c.pending) == 0 {
		c.end(nil)
		return
	}
	c.list(true)
	c.announce() // writers that wait for space
}

// end marks the capture as over. The caller holds the lock.
func (c *Capture) end(err error) {
	if c.ended {
		return
	}
	c.ended = true
	c.err = err
	close(c.done)
	c.announce()
	c.rec.forget(c)
}
