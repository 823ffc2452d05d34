package output

import (
	"fmt"
	"log/slog"
	"slices"
)

// The flusher's side of a capture.

// collect takes the capture off the list and returns what it has to store, how many
// bytes that is, and whether it is to be stored apart from others. Followers of a run
// beyond its head are told that there may be more to see.
func (c *Capture) collect() (p part, bytes int, suspect bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.listed = false
	if !c.headDone {
		c.sealRunes()
	}
	if len(c.pending) == 0 {
		c.announce()
	}
	// A copy: writers append to the slice while the store reads it.
	return part{capture: c, chunks: slices.Clone(c.pending)}, c.waiting, c.suspect
}

// storedSome notes that the first n pending chunks are stored.
func (c *Capture) storedSome(n int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, chunk := range c.pending[:n] {
		c.waiting -= len(chunk.Data)
		c.stored = chunk.Seq
	}
	c.pending = slices.Clone(c.pending[n:]) // lets go of the stored bytes
	c.suspect, c.warned = false, false
	switch {
	case len(c.pending) > 0:
		c.list(false)
	case c.closed:
		c.end(nil)
	}
	c.announce()
}

// failed notes that nothing could be stored now; alone says that it was tried apart
// from other captures. What is left of a run that ended
// some time ago is given up.
func (c *Capture) failed(err error, alone bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.warned {
		c.warned = true
		c.rec.log.Warn("output of a run is not stored yet", slog.String("run", c.id.String()), slog.Any("error", err))
	}
	c.suspect = alone
	if c.closed && c.rec.clk.Now().Sub(c.closedAt) >= c.rec.limits.GiveUp {
		c.drop(err)
		return
	}
	c.list(false)
}

// giveUp ends the capture without storing the rest.
func (c *Capture) giveUp(err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.drop(err)
}

// drop lets go of what is not stored and ends the capture. The caller holds the lock.
func (c *Capture) drop(err error) {
	if c.ended {
		return
	}
	c.rec.log.Error("output of a run is lost", slog.String("run", c.id.String()), slog.Int("bytes", c.waiting), slog.Any("error", err))
	c.pending, c.waiting = nil, 0
	c.end(fmt.Errorf("%w: %w", ErrLost, err))
}
