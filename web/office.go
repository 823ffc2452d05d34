package web

import (
	"net/http"

	"carillon/internal/i18n"
	"carillon/views/layout"
	"carillon/views/page"
)

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
