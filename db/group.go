package db

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"
)

const (
	// groupLimit is the most calls that share a transaction.
	groupLimit = 256
	// groupTimeout bounds a shared transaction, which no single caller's context governs.
	groupTimeout = 30 * time.Second
)

// groupCommit lets callers that wait at the same time share one transaction. There is no
// timer and no goroutine: the first caller leads, takes whoever waits by then, and hands
// the lead to the next.
type groupCommit struct {
	mu      sync.Mutex
	busy    bool // somebody leads
	waiting []*groupCall
}

// groupCall is one caller's part.
type groupCall struct {
	ctx      context.Context
	fn       func(ctx context.Context) error
	done     chan groupResult // receives once
	lead     chan struct{}    // receives when this call is to lead
	promoted bool             // it leads, or is about to; guarded by mu
}

// groupResult is how a call ended.
type groupResult struct {
	err      error
	panicked any
}

// InGroup runs fn like [Store.InTx], but in a transaction that callers who wait at the
// same time share. An error or a panic of one reaches its caller only: the others start
// over without it, which is why fn may be called more than once. A caller whose context
// ends while it waits is taken out; once its turn has come it stays to the end, because
// to interrupt a statement would harm the others.
//
// On PostgreSQL it is InTx: that server has many writers and joins their commits itself.
// Shared transactions were measured to be slower there (550 against 700 runs/s), and they
// would hold the locks of many jobs at once, in an order that differs between nodes.
func (s *Store) InGroup(ctx context.Context, fn func(ctx context.Context) error) error {
	if !s.sqlite {
		return s.InTx(ctx, fn)
	}
	if s.txOf(ctx) != nil {
		return fmt.Errorf("begin transaction: %w", errNested)
	}
	if err := ctx.Err(); err != nil {
		return fmt.Errorf("begin transaction: %w", err)
	}
	c := &groupCall{ctx: ctx, fn: fn, done: make(chan groupResult, 1), lead: make(chan struct{}, 1)}
	if !s.grouped.enter(c) {
		select {
		case r := <-c.done:
			return r.deliver()
		case <-c.lead:
		case <-ctx.Done():
			if s.grouped.withdraw(c) {
				return fmt.Errorf("begin transaction: %w", ctx.Err())
			}
			select {
			case r := <-c.done:
				return r.deliver()
			case <-c.lead:
			}
		}
	}
	s.runGroup(s.grouped.take())
	s.grouped.handOver()
	return (<-c.done).deliver()
}

// deliver returns the error in the caller's goroutine, or panics there.
func (r groupResult) deliver() error {
	if r.panicked != nil {
		panic(r.panicked)
	}
	return r.err
}

// enter queues a call and reports whether it leads.
func (g *groupCommit) enter(c *groupCall) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.waiting = append(g.waiting, c)
	c.promoted = !g.busy
	g.busy = true
	return c.promoted
}

// withdraw takes a call out of the queue, unless its turn has come.
func (g *groupCommit) withdraw(c *groupCall) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	if c.promoted {
		return false
	}
	for i, w := range g.waiting {
		if w == c {
			g.waiting = append(g.waiting[:i], g.waiting[i+1:]...)
			return true
		}
	}
	return false
}

// take removes the calls of the next transaction from the queue. The leader is the first.
func (g *groupCommit) take() []*groupCall {
	g.mu.Lock()
	defer g.mu.Unlock()
	n := min(groupLimit, len(g.waiting))
	calls := make([]*groupCall, n)
	copy(calls, g.waiting)
	g.waiting = append([]*groupCall(nil), g.waiting[n:]...)
	return calls
}

// handOver makes the longest waiting call the leader, if there is one.
func (g *groupCommit) handOver() {
	g.mu.Lock()
	defer g.mu.Unlock()
	if len(g.waiting) == 0 {
		g.busy = false
		return
	}
	g.waiting[0].promoted = true
	g.waiting[0].lead <- struct{}{}
}

// runGroup carries out the calls. A call that fails is taken out and run alone, so that
// its error is its own; the others start over together.
func (s *Store) runGroup(calls []*groupCall) {
	for len(calls) > 0 {
		failed, err := s.tryGroup(calls)
		if failed < 0 {
			for _, c := range calls {
				c.done <- groupResult{err: err}
			}
			return
		}
		if len(calls) > 1 {
			_, err = s.tryGroup(calls[failed : failed+1])
		}
		calls[failed].done <- asResult(err)
		calls = append(calls[:failed:failed], calls[failed+1:]...)
	}
}

// tryGroup runs the calls in one transaction. It returns the index of the call that
// failed with its error, or -1 with the error of the transaction itself.
func (s *Store) tryGroup(calls []*groupCall) (failed int, err error) {
	life, cancel := context.WithTimeout(context.Background(), groupTimeout)
	defer cancel()
	failed = -1
	err = s.runTx(life, life, func(ctx context.Context) error {
		for i, c := range calls {
			if err := callGuarded(s.rebase(c.ctx, ctx), c.fn); err != nil {
				failed = i
				return err
			}
		}
		return nil
	})
	return failed, err
}

// rebase gives a caller's values the life and the transaction of tx.
func (s *Store) rebase(caller, tx context.Context) context.Context {
	return context.WithValue(context.WithoutCancel(caller), txKey{}, s.txOf(tx))
}

// panicError carries a panic out of a shared transaction to the caller that caused it.
type panicError struct{ value any }

// Error implements error.
func (p *panicError) Error() string { return fmt.Sprintf("panic: %v", p.value) }

// callGuarded turns a panic of fn into an error.
func callGuarded(ctx context.Context, fn func(context.Context) error) (err error) {
	defer func() {
		if v := recover(); v != nil {
			err = &panicError{value: v}
		}
	}()
	return fn(ctx)
}

// asResult turns it back.
func asResult(err error) groupResult {
	if p, ok := errors.AsType[*panicError](err); ok {
		return groupResult{panicked: p.value}
	}
	return groupResult{err: err}
}
