package db

import (
	"context"
	"database/sql"

	"carillon/db/sqlgen"
	"carillon/internal/audit"
)

// auditBatch is how many entries are read at once when the chain is walked.
const auditBatch = 500

// AuditHead returns the noted end of the audit's chain.
func (s *Store) AuditHead(ctx context.Context) (audit.Link, error) {
	return read(ctx, s, "read end of audit", func(ctx context.Context, c conn) (audit.Link, error) {
		head, err := c.q.GetAuditHead(ctx)
		return audit.Link{Seq: head.Seq, Hash: head.Hash}, err
	})
}

// AuditChain returns at most limit entries of the chain in its order, from the one after
// the number on.
func (s *Store) AuditChain(ctx context.Context, after int64, limit int) ([]audit.Entry, error) {
	q := s.newQuery(selectAudit)
	q.where("seq > ?", after)
	q.add(" ORDER BY seq LIMIT ?", pageLimit(limit))
	return list(ctx, s, "walk audit", q, scanAudit)
}

// StrayAudit returns an entry that is no part of the chain, or lies beyond its end; false
// if there is none.
func (s *Store) StrayAudit(ctx context.Context) (audit.Entry, bool, error) {
	for _, where := range []string{"seq IS NULL", "seq > (SELECT seq FROM audit_head)", "seq < 1"} {
		q := s.newQuery(selectAudit)
		q.where(where)
		q.add(" LIMIT 1")
		found, err := list(ctx, s, "look for stray audit entries", q, scanAudit)
		if err != nil {
			return audit.Entry{}, false, err
		}
		if len(found) > 0 {
			return found[0], true, nil
		}
	}
	return audit.Entry{}, false, nil
}

// chainAudit makes a chain of the entries written before there was one, in the order of
// their times. It is part of the migration that adds the chain.
func chainAudit(ctx context.Context, tx *sql.Tx, sqlite bool) error {
	generated := sqlgen.New(tx)
	var head audit.Link
	var key []any
	for {
		q := &query{sqlite: sqlite}
		q.add(selectAudit)
		q.page([]string{"at", "id"}, false, key, auditBatch, 0)
		batch, err := queryAll(ctx, tx, q, scanAudit)
		if err != nil {
			return err
		}
		for _, e := range batch {
			e = e.Seal(head)
			if err := generated.LinkAudit(ctx, sqlgen.LinkAuditParams{ID: e.ID, Seq: &e.Seq, Hash: &e.Hash}); err != nil {
				return err
			}
			head, key = e.Link(), auditKey(e)
		}
		if len(batch) < auditBatch {
			return generated.MoveAuditHead(ctx, head.Seq, head.Hash)
		}
	}
}
