// Package gather lets callers that wait at the same time share one piece of work, such
// as a transaction. There is no timer and no goroutine: the first caller leads, works
// for whoever waits by then, and hands the lead to the next. A caller that comes alone
// is served at once; the more come, the more share.
package gather

import (
	"context"
	"sync"
)

// Group gathers callers. Limit must be set before its first use.
type Group[T any] struct {
	// Limit is the most callers that share one piece of work, at least 1.
	Limit int

	mu      sync.Mutex
	busy    bool // somebody leads
	waiting []*member[T]
}

// member is one caller's part.
type member[T any] struct {
	part     T
	done     chan struct{} // closed when the work with its part has ended
	lead     chan struct{} // receives when this caller is to lead
	promoted bool          // it leads, or is about to; guarded by mu
}

// Join has work called with part among others, in one of the callers' goroutines, and
// returns when that call has ended. What came of a part is for work to note in it; work
// must not panic. If ctx ends while the caller waits, it is taken out and the error is
// that of ctx; once its turn has come it stays to the end.
func (g *Group[T]) Join(ctx context.Context, part T, work func(parts []T)) error {
	m := &member[T]{part: part, done: make(chan struct{}), lead: make(chan struct{}, 1)}
	if !g.enter(m) {
		select {
		case <-m.done:
			return nil
		case <-m.lead:
		case <-ctx.Done():
			if g.withdraw(m) {
				return ctx.Err()
			}
			select {
			case <-m.done:
				return nil
			case <-m.lead:
			}
		}
	}
	g.perform(work)
	return nil
}

// perform works for those who wait, the leader first among them.
func (g *Group[T]) perform(work func([]T)) {
	members := g.take()
	parts := make([]T, len(members))
	for i, m := range members {
		parts[i] = m.part
	}
	work(parts)
	g.handOver() // before the others are told, so that the next work begins at once
	for _, m := range members {
		close(m.done)
	}
}

// enter queues a caller and reports whether it leads.
func (g *Group[T]) enter(m *member[T]) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.waiting = append(g.waiting, m)
	m.promoted = !g.busy
	g.busy = true
	return m.promoted
}

// withdraw takes a caller out of the queue, unless its turn has come.
func (g *Group[T]) withdraw(m *member[T]) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	if m.promoted {
		return false
	}
	for i, w := range g.waiting {
		if w == m {
			g.waiting = append(g.waiting[:i], g.waiting[i+1:]...)
			return true
		}
	}
	return false
}

// take removes the next callers from the queue. The leader is the first.
func (g *Group[T]) take() []*member[T] {
	g.mu.Lock()
	defer g.mu.Unlock()
	n := min(max(1, g.Limit), len(g.waiting))
	members := make([]*member[T], n)
	copy(members, g.waiting)
	g.waiting = append([]*member[T](nil), g.waiting[n:]...)
	return members
}

// handOver makes the longest waiting caller the leader, if there is one.
func (g *Group[T]) handOver() {
	g.mu.Lock()
	defer g.mu.Unlock()
	if len(g.waiting) == 0 {
		g.busy = false
		return
	}
	g.waiting[0].promoted = true
	g.waiting[0].lead <- struct{}{}
}
