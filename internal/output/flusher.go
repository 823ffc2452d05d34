package output

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"carillon/internal/job"
)

const (
	// gather is how long a flush that someone waits for lingers, so that runs that end
	// together share a transaction.
	gather = 5 * time.Millisecond
	// batchBytes is about how much is stored in one call.
	batchBytes = 1 << 20
	// batchChunks bounds the chunks of one call.
	batchChunks = 2000
	// maxApart is how many captures in a row may fail by themselves before the store
	// itself is taken to be out of order.
	maxApart = 3

	minBackoff = 100 * time.Millisecond
	maxBackoff = 2 * time.Second
)

// part is what one capture has to store.
type part struct {
	capture *Capture
	chunks  []job.Chunk
}

// loop stores what captures collect, until the recorder closes.
func (r *Recorder) loop() {
	defer close(r.done)
	var backoff time.Duration
	for {
		select {
		case <-r.wake:
		case <-r.closing:
			r.finish()
			return
		}
		r.linger(backoff)
		backoff = r.flush(backoff)
	}
}

// linger waits for more output to come, but not when a run's end or a full buffer
// waits for the store. After a failure it waits out the backoff.
func (r *Recorder) linger(backoff time.Duration) {
	if backoff > 0 {
		r.pause(backoff, nil)
	} else if r.pause(r.limits.Flush, r.urgent) {
		r.pause(gather, nil)
	}
}

// pause waits for d, for the recorder's end or for the signal, and reports whether it
// was the signal.
func (r *Recorder) pause(d time.Duration, signal <-chan struct{}) bool {
	timer := r.clk.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-r.closing:
	case <-signal:
		return true
	}
	return false
}

// flush stores what the listed captures have, once, and returns how long to wait
// before the next time: nothing unless the store failed altogether.
func (r *Recorder) flush(backoff time.Duration) time.Duration {
	now := round{rec: r}
	var batch, suspects []part
	size, chunks := 0, 0
	for _, c := range r.take() {
		p, bytes, suspect := c.collect()
		switch {
		case len(p.chunks) == 0:
		case suspect:
			suspects = append(suspects, p)
		default:
			batch, size, chunks = append(batch, p), size+bytes, chunks+len(p.chunks)
			if size >= batchBytes || chunks >= batchChunks {
				now.together(batch)
				batch, size, chunks = nil, 0, 0
			}
		}
	}
	now.together(batch)
	now.apart(suspects)
	if now.failed && !now.stored {
		return min(max(2*backoff, minBackoff), maxBackoff)
	}
	return 0
}

// round is one pass over what there is to store.
type round struct {
	rec            *Recorder
	stored, failed bool  // something was
	inRow          int   // captures that failed by themselves, one after the other
	down           error // why the store is taken to be out of order; the rest is not tried
}

// together stores the parts in one call, or each by itself if that fails: one capture
// that the store refuses must not hold up the others.
func (r *round) together(parts []part) {
	if len(parts) == 0 {
		return
	}
	if r.down == nil {
		var all []job.Chunk
		for _, p := range parts {
			all = append(all, p.chunks...)
		}
		err := r.rec.append(all)
		if err == nil {
			r.stored = true
			for _, p := range parts {
				p.capture.storedSome(len(p.chunks))
			}
			return
		}
		if errors.Is(err, context.DeadlineExceeded) {
			r.down = err // it hangs; more calls would too
		}
	}
	r.apart(parts)
}

// apart stores each part in a call of its own.
func (r *round) apart(parts []part) {
	for _, p := range parts {
		if r.down != nil {
			r.failed = true
			p.capture.failed(r.down, false)
			continue
		}
		err := r.rec.storeAgain(p)
		if err == nil {
			r.stored, r.inRow = true, 0
			continue
		}
		r.failed = true
		r.inRow++
		p.capture.failed(err, true)
		if r.inRow >= maxApart || errors.Is(err, context.DeadlineExceeded) {
			r.down = err
		}
	}
}

// storeAgain stores a part after a failure. The failed call may have stored something
// all the same, which must not be stored twice.
func (r *Recorder) storeAgain(p part) error {
	ctx, cancel := context.WithTimeout(r.ctx, r.limits.Call)
	defer cancel()
	after := p.chunks[0].Seq - 1
	there, err := r.store.Chunks(ctx, p.capture.id, after, 2*batchBytes)
	if err != nil {
		return fmt.Errorf("read back output: %w", err)
	}
	for _, chunk := range there {
		after = max(after, chunk.Seq)
	}
	left := slices.IndexFunc(p.chunks, func(c job.Chunk) bool { return c.Seq > after })
	if left >= 0 {
		if err := r.append(p.chunks[left:]); err != nil {
			return err
		}
	}
	p.capture.storedSome(len(p.chunks))
	return nil
}

func (r *Recorder) append(chunks []job.Chunk) error {
	ctx, cancel := context.WithTimeout(r.ctx, r.limits.Call)
	defer cancel()
	if err := r.store.AppendChunks(ctx, chunks); err != nil {
		return fmt.Errorf("store output: %w", err)
	}
	return nil
}

// finish closes what is open and stores what waits, until all is stored or given up.
func (r *Recorder) finish() {
	r.mu.Lock()
	r.closed = true
	left := slices.Collect(maps.Values(r.open))
	r.mu.Unlock()
	for _, c := range left {
		c.mu.Lock()
		c.finish()
		c.mu.Unlock()
	}
	var backoff time.Duration
	for !r.idle() {
		if backoff > 0 {
			timer := r.clk.NewTimer(backoff)
			select {
			case <-timer.C:
			case <-r.ctx.Done():
			}
			timer.Stop()
		}
		if r.ctx.Err() != nil {
			for _, c := range r.take() {
				c.giveUp(context.Cause(r.ctx))
			}
			return
		}
		backoff = r.flush(backoff)
	}
}
