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
	filter := audit.Filter{
		Action: audit.Action(query.Get("action")), ActorName: query.Get("actor"),
		SubjectID: query.Get("subject"), Text: query.Get("q"),
	}
	filter.From, _ = form.ParseLocalTime(query.Get("from"), q.zone())
	filter.To, _ = form.ParseLocalTime(query.Get("to"), q.zone())
	entries, err := s.Jobs.Audit(q.ctx(), q.actor(), filter, query.Get("after"), auditPerPage)
	if err != nil {
		return err
	}
	return q.render(http.StatusOK, page.Audit(page.AuditModel{
		Shell: shell, Query: query, Entries: entries.Items, Next: entries.Next, Actions: auditActions(),
	}))
}

// auditActions are the actions to choose from.
func auditActions() []audit.Action {
	return []audit.Action{
		audit.JobCreate, audit.JobUpdate, audit.JobPause, audit.JobResume, audit.JobStart, audit.JobStop,
		audit.JobTrigger, audit.JobDelete, audit.RunCancel, audit.RunRetry, audit.RunDelete,
		audit.UserCreate, audit.UserUpdate, audit.SignIn, audit.SignInFail, audit.SignOut,
		audit.TokenCreate, audit.TokenRevoke,
	}
}

// system is the facts of the running process.
func (s *Server) system(q *request) error {
	status, err := s.System.Status(q.ctx())
	if err != nil {
		return err
	}
	shell, err := q.shell(i18n.M("web.title.system"), layout.SectionSystem)
	if err != nil {
		return err
	}
	return q.render(http.StatusOK, page.System(page.SystemModel{
		Shell: shell, Started: status.Started, Node: status.Node, Database: status.Database,
		DatabaseBytes: status.DatabaseBytes, OutputBytes: status.OutputBytes, LastTick: status.LastTick,
		Draining: status.Draining, DatabaseOK: status.DatabaseOK, Workers: status.Workers,
		Queued: status.Queued, Running: status.Running, ServerZone: s.Jobs.Zone().String(),
		GoVersion: status.GoVersion, MemoryBytes: status.MemoryBytes, Duties: status.Duties,
	}))
}

// gallery shows every component in every state; in development only.
func (s *Server) gallery(q *request) error {
	return q.render(http.StatusOK, page.Gallery(s.bareShell(q, i18n.M("web.title.gallery"))))
}
