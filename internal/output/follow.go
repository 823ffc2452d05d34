package output

import (
	"context"
	"fmt"
	"iter"
	"slices"

	"carillon/internal/job"
)

// readBytes is about how much a follower takes from the store or the tail at a time.
const readBytes = 256 << 10

// Follow returns a run's chunks with Seq > after: first what is stored, then what
// comes, until the run's capture is closed and everything was seen. A follower that
// is slow delays nobody; beyond the head it may find a hole where it came too late.
// For a run that is not open in this process it returns what is stored. It ends
// without an error when ctx does; an error of the store is the last thing it yields.
func (r *Recorder) Follow(ctx context.Context, id job.RunID, after int64) iter.Seq2[job.Chunk, error] {
	return r.chunks(ctx, id, after, true)
}

// chunks is [Recorder.Follow], or the same without waiting for more.
func (r *Recorder) chunks(ctx context.Context, id job.RunID, after int64, wait bool) iter.Seq2[job.Chunk, error] {
	return func(yield func(job.Chunk, error) bool) {
		f := follower{rec: r, id: id, after: after, yield: yield, capture: r.capture(id)}
		if f.capture != nil {
			f.capture.follow(1)
			defer f.capture.follow(-1)
		}
		for f.step(ctx) {
			if !f.more {
				if !wait {
					return
				}
				select {
				case <-f.changed:
				case <-ctx.Done():
					return
				}
			}
		}
	}
}

// follower is one reader's position in a run's output.
type follower struct {
	rec     *Recorder
	capture *Capture // nil: the run is not open here
	id      job.RunID
	yield   func(job.Chunk, error) bool

	after   int64           // Seq of the last chunk that was seen
	pos     int64           // end of the last chunk that was seen live, in the run's bytes
	more    bool            // there may be more at once
	changed <-chan struct{} // closed when there may be more
}

// step yields what there is now, and reports whether to go on.
func (f *follower) step(ctx context.Context) bool {
	if ctx.Err() != nil {
		return false
	}
	if f.capture == nil {
		f.fromStore(ctx)
		return false
	}
	changed, stored, ended := f.capture.state()
	f.changed, f.more = changed, false
	if stored > f.after && !f.fromStore(ctx) {
		return false
	}
	if ended {
		return false
	}
	live := f.capture.live(f.after, f.pos)
	for _, l := range live {
		f.after, f.pos = l.chunk.Seq, l.end
		if !f.yield(l.chunk, nil) {
			return false
		}
	}
	f.more = len(live) > 0
	return true
}

// fromStore yields what is stored, and reports whether to go on.
func (f *follower) fromStore(ctx context.Context) bool {
	for {
		chunks, err := f.rec.store.Chunks(ctx, f.id, f.after, readBytes)
		if err != nil {
			if ctx.Err() == nil {
				f.yield(job.Chunk{}, fmt.Errorf("read output of run %s: %w", f.id, err))
			}
			return false
		}
		if len(chunks) == 0 {
			return true
		}
		for _, chunk := range chunks {
			f.after = chunk.Seq
			if chunk.Dropped > 0 && f.pos > 0 {
				// A part of what the hole counts was seen live.
				chunk.Dropped -= f.pos - f.capture.beginOfTail()
			}
			if !f.yield(chunk, nil) {
				return false
			}
		}
	}
}

// The followers' side of a capture.

// follow counts followers; as long as there are some, the flusher announces output
// beyond the head.
func (c *Capture) follow(n int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.followers += n
}

// state returns a channel that closes at the next change, the Seq up to which the
// store has everything, and whether the capture is over.
func (c *Capture) state() (changed <-chan struct{}, stored int64, ended bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.watch(), c.stored, c.ended
}

func (c *Capture) beginOfTail() int64 {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.headEnd
}

// liveChunk is a chunk of the tail with its end in the run's bytes.
type liveChunk struct {
	chunk job.Chunk
	end   int64
}

// live returns copies of the tail's chunks with Seq > after, for a follower that has
// seen the head. A hole stands for what came and went since the follower was here.
func (c *Capture) live(after, pos int64) []liveChunk {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.headDone || c.closed || len(c.pending) > 0 {
		return nil // the next of it will come from the store
	}
	c.sealRunes()
	segments := c.tail.segments
	first, _ := slices.BinarySearchFunc(segments, after+1, func(s *segment, seq int64) int { return int(s.seq - seq) })
	var live []liveChunk
	size := 0
	for _, s := range segments[first:] {
		if size >= readBytes {
			break
		}
		if len(live) == 0 && s.seq > after+1 {
			dropped := s.start - max(pos, c.headEnd)
			live = append(live, liveChunk{
				chunk: job.Chunk{RunID: c.id, Seq: s.seq - 1, At: s.at, Stream: job.Stdout, Dropped: dropped},
				end:   s.start,
			})
		}
		chunk := s.chunk(c.id)
		chunk.Data = slices.Clone(chunk.Data)
		live = append(live, liveChunk{chunk: chunk, end: s.end()})
		size += len(chunk.Data)
	}
	return live
}
