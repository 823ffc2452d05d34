package db

import (
	"context"
	"time"
)

// pageLimit keeps the size of a page between 1 and [maxPage].
func pageLimit(n int) int { return min(max(n, 1), maxPage) }

// single returns the only value, or "" if there is none or several.
func single[T ~string](values []T) T {
	if len(values) == 1 {
		return values[0]
	}
	return ""
}

// equal adds column = value, unless the value is "".
func equal[T ~string](q *query, column string, value T) {
	if value != "" {
		q.where(column+" = ?", clean(string(value)))
	}
}

// between adds bounds, both included; a zero time is no bound.
func between(q *query, column string, from, to time.Time) {
	if !from.IsZero() {
		q.where(column+" >= ?", from.UnixMilli())
	}
	if !to.IsZero() {
		q.where(column+" <= ?", to.UnixMilli())
	}
}

// list runs a query and reads all its rows.
func list[T any](ctx context.Context, s *Store, op string, q *query, scan func(scanner) (T, error)) ([]T, error) {
	if q.err != nil {
		return nil, q.err
	}
	return read(ctx, s, op, func(ctx context.Context, c conn) ([]T, error) {
		return queryAll(ctx, c.raw, q, scan)
	})
}

// queryAll is [list] on a given connection.
func queryAll[T any](ctx context.Context, on querier, q *query, scan func(scanner) (T, error)) ([]T, error) {
	rows, err := on.QueryContext(ctx, q.text.String(), q.args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close() //nolint:errcheck // rows.Err says what went wrong
	items := []T{}
	for rows.Next() {
		item, err := scan(rows)
		if err != nil {
			return nil, err
		}
		items = append(items, item)
	}
	return items, rows.Err()
}

// count runs a query that returns one number.
func count(ctx context.Context, s *Store, op string, q *query) (int, error) {
	if q.err != nil {
		return 0, q.err
	}
	return read(ctx, s, op, func(ctx context.Context, c conn) (int, error) {
		var n int
		err := c.raw.QueryRowContext(ctx, q.text.String(), q.args...).Scan(&n)
		return n, err
	})
}

// inBatches calls fn with at most size items at a time.
func inBatches[T any](items []T, size int, fn func(batch []T) error) error {
	for len(items) > 0 {
		n := min(size, len(items))
		if err := fn(items[:n]); err != nil {
			return err
		}
		items = items[n:]
	}
	return nil
}
