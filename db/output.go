package db

import (
	"context"
	"database/sql"

	"carillon/internal/job"
)

// chunkBatch is how many chunks one statement inserts or reads.
const chunkBatch = 50

// outputConn returns where statements about output go: on PostgreSQL the transaction of
// ctx if there is one, else the given pool. On SQLite output lies in a file of its own
// and takes no part in transactions.
func (s *Store) outputConn(ctx context.Context, pool *sql.DB) (context.Context, querier) {
	if t := s.txOf(ctx); t != nil && !s.sqlite {
		return t.ctx, t.sqlTx
	}
	return ctx, pool
}

// AppendChunks adds chunks of output, all or none. A (run, seq) that exists already is an
// apperr Conflict "exists".
func (s *Store) AppendChunks(ctx context.Context, chunks []job.Chunk) error {
	if len(chunks) == 0 {
		return nil
	}
	ctx, on := s.outputConn(ctx, s.out.write)
	if len(chunks) <= chunkBatch {
		return mapped("append output", s.insertChunks(ctx, on, chunks))
	}
	pool, ok := on.(*sql.DB)
	if !ok {
		return mapped("append output", s.insertChunkBatches(ctx, on, chunks))
	}
	tx, err := pool.BeginTx(ctx, nil)
	if err != nil {
		return mapped("append output", err)
	}
	defer func() { _ = tx.Rollback() }() // does nothing after a commit
	if err := s.insertChunkBatches(ctx, tx, chunks); err != nil {
		return mapped("append output", err)
	}
	return mapped("append output", tx.Commit())
}

func (s *Store) insertChunkBatches(ctx context.Context, on querier, chunks []job.Chunk) error {
	return inBatches(chunks, chunkBatch, func(batch []job.Chunk) error { return s.insertChunks(ctx, on, batch) })
}

func (s *Store) insertChunks(ctx context.Context, on querier, chunks []job.Chunk) error {
	q := s.newQuery("INSERT INTO run_output (run_id, seq, at, stream, data, dropped) VALUES ")
	for i, c := range chunks {
		if i > 0 {
			q.add(", ")
		}
		data := c.Data
		if data == nil {
			data = []byte{} // NULL is not "no bytes"
		}
		q.add("(?, ?, ?, ?, ?, ?)", string(c.RunID), c.Seq, millisOr(c.At, 0), int64(c.Stream), data, c.Dropped)
	}
	_, err := on.ExecContext(ctx, q.text.String(), q.args...)
	return err
}

// Chunks returns a run's chunks with Seq > after, in order, until about maxBytes of data
// are gathered, at least one. There may be more.
func (s *Store) Chunks(ctx context.Context, id job.RunID, after int64, maxBytes int) ([]job.Chunk, error) {
	ctx, cancel := context.WithTimeout(ctx, readTimeout)
	defer cancel()
	ctx, on := s.outputConn(ctx, s.out.read)
	var chunks []job.Chunk
	size := 0
	for {
		more, err := s.readChunks(ctx, on, id, after)
		if err != nil {
			return nil, mapped("read output", err)
		}
		for _, c := range more {
			size += len(c.Data)
			chunks = append(chunks, c)
			if size >= maxBytes {
				return chunks, nil
			}
		}
		if len(more) < chunkBatch {
			return chunks, nil
		}
		after = more[len(more)-1].Seq
	}
}

// readChunks reads the next few chunks: a result of PostgreSQL is received whole even if
// only its first rows are wanted.
func (s *Store) readChunks(ctx context.Context, on querier, id job.RunID, after int64) ([]job.Chunk, error) {
	q := s.newQuery("")
	q.add("SELECT run_id, seq, at, stream, data, dropped FROM run_output WHERE run_id = ? AND seq > ? ORDER BY seq LIMIT ?",
		string(id), after, chunkBatch)
	return queryAll(ctx, on, q, func(row scanner) (job.Chunk, error) {
		var c job.Chunk
		var at int64
		err := row.Scan(&c.RunID, &c.Seq, &at, &c.Stream, &c.Data, &c.Dropped)
		c.At = timeUnless(at, 0)
		if len(c.Data) == 0 {
			c.Data = nil // the drivers differ
		}
		return c, err
	})
}

// DeleteOutput removes all output of the runs; runs without any are no error.
func (s *Store) DeleteOutput(ctx context.Context, ids []job.RunID) error {
	ctx, on := s.outputConn(ctx, s.out.write)
	err := inBatches(ids, idBatch, func(batch []job.RunID) error {
		q := s.newQuery("DELETE FROM run_output")
		in(q, "run_id", batch)
		_, err := on.ExecContext(ctx, q.text.String(), q.args...)
		return err
	})
	return mapped("delete output", err)
}
