package db

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"

	"carillon/db/sqlgen"
)

const (
	// readTimeout bounds a read outside of a transaction: on SQLite a reader that stays
	// keeps the write-ahead log from being emptied.
	readTimeout = 5 * time.Second
	// maxAttempts is how often a transaction is run that PostgreSQL gives up.
	maxAttempts = 5
)

// errNested is a defect of the caller.
var errNested = errors.New("a transaction is open in this context already")

// conn is where a method sends its queries: a pool or the transaction of the context.
type conn struct {
	q   *sqlgen.Queries
	raw querier
}

// txKey finds the transaction in a context.
type txKey struct{}

// transaction is the open transaction of a context.
type transaction struct {
	store *Store
	// ctx governs every statement. A narrower context must not: SQLite rolls the whole
	// transaction back when it interrupts a write, and what follows would commit alone.
	ctx context.Context
	conn
	sqlTx *sql.Tx
}

// txOf returns the open transaction of ctx, or nil.
func (s *Store) txOf(ctx context.Context) *transaction {
	if t, _ := ctx.Value(txKey{}).(*transaction); t != nil && t.store == s {
		return t
	}
	return nil
}

// InTx runs fn in one read-write transaction, which travels in the context given to fn:
// every method called with that context takes part. It commits if fn returns nil, and
// rolls back if fn returns an error or panics. Inside a transaction it is an error.
//
// On PostgreSQL fn is run again, up to five times, if the server gives the transaction
// up to resolve a conflict with others.
//
// Output is apart: on SQLite it lies in another file and takes no part.
func (s *Store) InTx(ctx context.Context, fn func(ctx context.Context) error) error {
	if s.txOf(ctx) != nil {
		return fmt.Errorf("begin transaction: %w", errNested)
	}
	return s.retrying(ctx, func() error { return s.runTx(ctx, ctx, fn) })
}

// runTx makes one attempt. life governs the transaction, inner each statement in it;
// inner is handed to fn.
func (s *Store) runTx(life, inner context.Context, fn func(ctx context.Context) error) error {
	tx, err := s.main.write.BeginTx(life, nil)
	if err != nil {
		return mapped("begin transaction", err)
	}
	// After a commit this does nothing; after an error or a panic it undoes all.
	defer func() { _ = tx.Rollback() }()
	if err := fn(s.withTx(inner, tx)); err != nil {
		return err
	}
	return mapped("commit", tx.Commit())
}

func (s *Store) withTx(ctx context.Context, tx *sql.Tx) context.Context {
	return context.WithValue(ctx, txKey{}, &transaction{
		store: s, ctx: ctx, sqlTx: tx, conn: conn{q: s.writeQ.WithTx(tx), raw: tx},
	})
}

// retrying calls attempt again while PostgreSQL gives it up, with growing pauses.
func (s *Store) retrying(ctx context.Context, attempt func() error) error {
	for n := 1; ; n++ {
		err := attempt()
		if err == nil || s.sqlite || n == maxAttempts || !retryable(err) {
			return err
		}
		pause := time.NewTimer(time.Duration(n) * time.Duration(5+rand.IntN(20)) * time.Millisecond) //nolint:gosec // jitter is no secret
		select {
		case <-pause.C:
		case <-ctx.Done():
			pause.Stop()
			return err
		}
	}
}

// read runs fn in the transaction of ctx, or on a reader for at most [readTimeout].
func read[T any](ctx context.Context, s *Store, op string, fn func(ctx context.Context, c conn) (T, error)) (T, error) {
	if t := s.txOf(ctx); t != nil {
		v, err := fn(t.ctx, t.conn)
		return v, mapped(op, err)
	}
	ctx, cancel := context.WithTimeout(ctx, readTimeout)
	defer cancel()
	v, err := fn(ctx, conn{q: s.readQ, raw: s.main.read})
	return v, mapped(op, err)
}

// write runs fn, which sends one statement, in the transaction of ctx or on the writer.
func (s *Store) write(ctx context.Context, op string, fn func(ctx context.Context, c conn) error) error {
	if t := s.txOf(ctx); t != nil {
		return mapped(op, fn(t.ctx, t.conn))
	}
	return mapped(op, fn(ctx, conn{q: s.writeQ, raw: s.main.write}))
}

// writeAll is [Store.write] for several statements that belong together.
func (s *Store) writeAll(ctx context.Context, op string, fn func(ctx context.Context, c conn) error) error {
	if s.txOf(ctx) != nil {
		return s.write(ctx, op, fn)
	}
	return s.InTx(ctx, func(ctx context.Context) error { return s.write(ctx, op, fn) })
}
