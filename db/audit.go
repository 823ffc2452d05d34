package db

import (
	"context"
	"encoding/json"

	"carillon/db/sqlgen"
	"carillon/internal/audit"
)

// InsertAudit adds an entry to the audit, as the last link of its chain. The end of the
// chain stays locked until the transaction ends, so entries are written one after another.
func (s *Store) InsertAudit(ctx context.Context, e audit.Entry) error {
	return s.writeAll(ctx, "insert audit entry", func(ctx context.Context, c conn) error {
		head, err := c.q.LockAuditHead(ctx)
		if err != nil {
			return err
		}
		e := stored(e).Seal(audit.Link{Seq: head.Seq, Hash: head.Hash})
		err = c.q.InsertAudit(ctx, sqlgen.InsertAuditParams{
			ID: e.ID, At: millisOr(e.At, 0), ActorID: e.ActorID, ActorName: e.ActorName, Via: e.Via,
			Address: e.Address, Action: string(e.Action), Subject: e.Subject, SubjectID: e.SubjectID,
			SubjectName: e.SubjectName, BeforeJson: jsonText(e.Before), AfterJson: jsonText(e.After),
			Note: e.Note, RequestID: e.RequestID, Seq: &e.Seq, Hash: &e.Hash,
		})
		if err != nil {
			return err
		}
		return c.q.MoveAuditHead(ctx, e.Seq, e.Hash)
	})
}

// stored returns the entry as reading gives it back.
func stored(e audit.Entry) audit.Entry {
	e.At = timeUnless(millisOr(e.At, 0), 0)
	for _, text := range []*string{
		&e.ID, &e.ActorID, &e.ActorName, &e.Via, &e.Address, (*string)(&e.Action), &e.Subject, &e.SubjectID,
		&e.SubjectName, &e.Note, &e.RequestID,
	} {
		*text = clean(*text)
	}
	e.Before, e.After = jsonOf(jsonText(e.Before)), jsonOf(jsonText(e.After))
	return e
}

// Audit returns one page of entries, newest first. Every query walks an index in this
// order; a search for a text walks it until the page is full, and ends after five seconds.
func (s *Store) Audit(ctx context.Context, f audit.Filter, after string, limit int) (audit.Page, error) {
	limit = pageLimit(limit)
	q, err := s.auditQuery(f, after, limit)
	if err != nil {
		return audit.Page{}, err
	}
	items, err := list(ctx, s, "list audit", q, scanAudit)
	if err != nil {
		return audit.Page{}, err
	}
	page := audit.Page{Items: items}
	if len(items) > limit {
		page.Items = items[:limit]
		page.Next = encodeCursor(auditOrder, auditKey(items[limit-1]))
	}
	return page, nil
}

// selectAudit reads what scanAudit takes.
const selectAudit = `SELECT id, at, actor_id, actor_name, via, address, action, subject, subject_id, subject_name,
before_json, after_json, note, request_id, COALESCE(seq, 0), COALESCE(hash, '') FROM audit`

// auditOrder names the order in cursors.
const auditOrder = "audit"

func auditKey(e audit.Entry) []any { return []any{millisOr(e.At, 0), e.ID} }

func (s *Store) auditQuery(f audit.Filter, after string, limit int) (*query, error) {
	var key []any
	if after != "" {
		var err error
		if key, err = decodeCursor(after, auditOrder, auditKey(audit.Entry{})); err != nil {
			return nil, err
		}
	}
	q := s.newQuery(selectAudit)
	// One condition may use its index: the one that leaves the fewest rows.
	equal(q, "subject_id", f.SubjectID)
	equal(q, q.unless(f.SubjectID == "", "actor_name"), f.ActorName)
	equal(q, q.unless(f.SubjectID == "" && f.ActorName == "", "action"), f.Action)
	q.contains(lowerASCII(f.Text), "LOWER(subject_name)", "LOWER(actor_name)", "LOWER(note)")
	between(q, "at", f.From, f.To)
	q.page([]string{"at", "id"}, true, key, limit+1, 0)
	return q, q.err
}

func scanAudit(row scanner) (audit.Entry, error) {
	var e audit.Entry
	var at int64
	var before, after *string
	err := row.Scan(&e.ID, &at, &e.ActorID, &e.ActorName, &e.Via, &e.Address, &e.Action, &e.Subject, &e.SubjectID,
		&e.SubjectName, &before, &after, &e.Note, &e.RequestID, &e.Seq, &e.Hash)
	if err != nil {
		return audit.Entry{}, err
	}
	e.At, e.Before, e.After = timeUnless(at, 0), jsonOf(before), jsonOf(after)
	return e, nil
}

// jsonText writes JSON; nil is NULL.
func jsonText(raw json.RawMessage) *string {
	if raw == nil {
		return nil
	}
	text := clean(string(raw))
	return &text
}

func jsonOf(text *string) json.RawMessage {
	if text == nil {
		return nil
	}
	return json.RawMessage(*text)
}
