package web

import (
	"net/http"

	"carillon/internal/audit"
	"carillon/internal/i18n"
	"carillon/views/layout"
	"carillon/views/page"
	"carillon/web/form"
)

const auditPerPage = 50

// auditList is who did what, newest first.
func (s *Server) auditList(q *request) error {
	query := q.query()
	shell, err := q.shell(i18n.M("web.title.audit"), layout.SectionAudit)
	if err != nil {
		return err
	}
	entries, err := s.Jobs.Audit(q.ctx(), q.actor(), auditFilter(q), query.Get("after"), auditPerPage)
	if err != nil {
		return err
	}
	return q.render(http.StatusOK, page.Audit(page.AuditModel{
		Shell: shell, Query: query, Entries: entries.Items, Next: entries.Next, Actions: audit.Actions(),
	}))
}

// auditFilter is what the query selects.
func auditFilter(q *request) audit.Filter {
	query := q.query()
	f := audit.Filter{
		Action: audit.Action(query.Get("action")), ActorName: query.Get("actor"),
		SubjectID: query.Get("subject"), Text: query.Get("q"),
	}
	f.From, _ = form.ParseLocalTime(query.Get("from"), q.zone())
	f.To, _ = form.ParseLocalTime(query.Get("to"), q.zone())
	return f
}
