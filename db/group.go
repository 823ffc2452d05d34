package db

import (
	"context"
	"errors"
	"fmt"
	"time"
)

const (
	// groupLimit is the most calls that share a transaction.
	groupLimit = 256
	// groupTimeout bounds a shared transaction, which no single caller's context governs.
	groupTimeout = 30 * time.Second
)

// groupCall is one caller's part of a shared transaction.
type groupCall struct {
	ctx    context.Context
	fn     func(ctx context.Context) error
	result groupResult
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
	c := &groupCall{ctx: ctx, fn: fn}
	if err := s.grouped.Join(ctx, c, s.runGroup); err != nil {
		return fmt.Errorf("begin transaction: %w", err)
	}
	return c.result.deliver()
}

// deliver returns the error in the caller's goroutine, or panics there.
func (r groupResult) deliver() error {
	if r.panicked != nil {
		panic(r.panicked)
	}
	return r.err
}

// runGroup carries out the calls. A call that fails is taken out and run alone, so that
// its error is its own; the others start over together.
func (s *Store) runGroup(calls []*groupCall) {
	for len(calls) > 0 {
		failed, err := s.tryGroup(calls)
		if failed < 0 {
			for _, c := range calls {
				c.result = groupResult{err: err}
			}
			return
		}
		if len(calls) > 1 {
			_, err = s.tryGroup(calls[failed : failed+1])
		}
		calls[failed].result = asResult(err)
		calls = append(calls[:failed:failed], calls[failed+1:]...)
	}
}

// tryGroup runs the calls in one transaction. It returns the index of the call that
// failed with its error, or -1 with the error of the transaction itself. The time limit
// ends the transaction between two statements, it interrupts none: that would cost a
// goroutine for each, and a statement waits for nothing but the disk.
func (s *Store) tryGroup(calls []*groupCall) (failed int, err error) {
	life, cancel := context.WithTimeout(context.Background(), groupTimeout)
	defer cancel()
	failed = -1
	err = s.runTx(life, context.Background(), func(ctx context.Context) error {
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
