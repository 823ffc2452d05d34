package control

import (
	"context"
	"errors"
	"fmt"
	"time"

	"carillon/internal/access"
	"carillon/internal/audit"
)

// auditBatch is how many entries of the audit are read at once.
const auditBatch = 500

// ExportAudit records that the actor takes a copy of the audit, and calls each with the
// entries that the filter selects, newest first. It ends with each's first error. Format
// is only noted.
func (s *Accounts) ExportAudit(ctx context.Context, actor access.Actor, format string, f audit.Filter, each func(audit.Entry) error) error {
	if err := s.need(actor, access.AuditView); err != nil {
		return err
	}
	err := s.store.InTx(ctx, func(ctx context.Context) error {
		return s.record(ctx, actor, audit.AuditExport, subject{kind: "audit", name: format, after: filterFacts(f)})
	})
	if err != nil {
		return fmt.Errorf("export audit: %w", err)
	}
	for after, more := "", true; more; more = after != "" {
		page, err := s.store.Audit(ctx, f, after, auditBatch)
		if err != nil {
			return fmt.Errorf("export audit: %w", err)
		}
		for _, e := range page.Items {
			if err := each(e); err != nil {
				return err
			}
		}
		after = page.Next
	}
	return nil
}

// filterFacts is what the audit says of an export: which entries were asked for.
func filterFacts(f audit.Filter) map[string]any {
	m := map[string]any{}
	for name, value := range map[string]string{
		"action": string(f.Action), "actor": f.ActorName, "subject": f.SubjectID, "text": f.Text,
	} {
		if value != "" {
			m[name] = value
		}
	}
	for name, at := range map[string]time.Time{"from": f.From, "to": f.To} {
		if !at.IsZero() {
			m[name] = at.UTC().Format(time.RFC3339)
		}
	}
	return m
}

// VerifyAudit walks the chain of the audit and returns its end. A chain that is broken is
// an [*audit.Break] at the first broken link. Known is a link that the chain must hold,
// such as one that an earlier check returned; the zero Link asks for none. The audit may
// grow meanwhile.
func (s *Accounts) VerifyAudit(ctx context.Context, actor access.Actor, known audit.Link) (audit.Link, error) {
	if err := s.need(actor, access.AuditView); err != nil {
		return audit.Link{}, err
	}
	head, err := s.store.AuditHead(ctx)
	if err != nil {
		return audit.Link{}, fmt.Errorf("verify audit: %w", err)
	}
	if err := s.walkAudit(ctx, head, known); err != nil {
		if broken, ok := errors.AsType[*audit.Break](err); ok {
			return audit.Link{}, broken
		}
		return audit.Link{}, fmt.Errorf("verify audit: %w", err)
	}
	stray, found, err := s.store.StrayAudit(ctx)
	if err != nil {
		return audit.Link{}, fmt.Errorf("verify audit: %w", err)
	}
	if found {
		return audit.Link{}, &audit.Break{Fault: audit.Stray, Seq: stray.Seq, ID: stray.ID, At: stray.At}
	}
	return head, nil
}

// walkAudit checks every link from the first to head.
func (s *Accounts) walkAudit(ctx context.Context, head, known audit.Link) error {
	if known.Seq > head.Seq {
		return &audit.Break{Fault: audit.CutOff, Seq: head.Seq + 1}
	}
	var prev audit.Link
	for prev.Seq < head.Seq {
		batch, err := s.store.AuditChain(ctx, prev.Seq, auditBatch)
		if err != nil {
			return err
		}
		if len(batch) == 0 {
			return &audit.Break{Fault: audit.CutOff, Seq: prev.Seq + 1}
		}
		for _, e := range batch[:min(len(batch), int(head.Seq-prev.Seq))] {
			if broken := audit.Follow(prev, e); broken != nil {
				return broken
			}
			if e.Seq == known.Seq && e.Hash != known.Hash {
				return &audit.Break{Fault: audit.Changed, Seq: e.Seq, ID: e.ID, At: e.At}
			}
			prev = e.Link()
		}
	}
	if prev.Hash != head.Hash {
		return &audit.Break{Fault: audit.CutOff, Seq: head.Seq}
	}
	return nil
}
