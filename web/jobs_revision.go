package web

import (
	"net/http"
	"strconv"

	"carillon/internal/apperr"
	"carillon/internal/control"
	"carillon/internal/i18n"
	"carillon/internal/job"
	"carillon/internal/route"
	"carillon/views/layout"
	"carillon/views/page"
)

// revisionParam is the revision that the path names.
func (q *request) revisionParam() (int64, error) {
	n, err := strconv.ParseInt(q.param("revision"), 10, 64)
	if err != nil || n < 1 {
		return 0, refuse(http.StatusNotFound, i18n.Msg{})
	}
	return n, nil
}

// jobRevision shows one kept version of a job and what it changed.
func (s *Server) jobRevision(q *request) error {
	n, err := q.revisionParam()
	if err != nil {
		return err
	}
	j, err := s.Jobs.Job(q.ctx(), q.actor(), q.jobID())
	if err != nil {
		return err
	}
	revision, err := s.Jobs.Revision(q.ctx(), q.actor(), j.ID, n)
	if err != nil {
		return err
	}
	m := page.RevisionModel{Job: j, Kind: s.kindOf(revision.Definition.Kind), Zone: s.zoneOf(j)}
	if m.Shell, err = q.shell(i18n.M(j.Name), layout.SectionJobs); err != nil {
		return err
	}
	old, err := s.comparedWith(q, j.ID, n)
	if err != nil {
		return err
	}
	if old != nil {
		m.Against = old.Revision
		m.Changes = changesBetween(old.Definition, revision.Definition, s.Jobs.Zone())
	}
	revision.Definition.Args = maskArgs(revision.Definition.Args)
	m.Revision = revision
	return q.render(http.StatusOK, page.Revision(m))
}

// comparedWith is the revision that the query "against" names, or the one before; nil if
// there is none.
func (s *Server) comparedWith(q *request, id job.ID, n int64) (*job.Revision, error) {
	against := n - 1
	if asked, err := strconv.ParseInt(q.query().Get("against"), 10, 64); err == nil && asked != n {
		against = asked
	}
	if against < 1 {
		return nil, nil
	}
	old, err := s.Jobs.Revision(q.ctx(), q.actor(), id, against)
	if apperr.Is(err, apperr.NotFound) {
		return nil, nil
	}
	return &old, err
}

// jobRestore puts an earlier revision back in force, as a new one.
func (s *Server) jobRestore(q *request) error {
	n, err := q.revisionParam()
	if err != nil {
		return err
	}
	v, err := q.form()
	if err != nil {
		return err
	}
	current, err := strconv.ParseInt(v.Get("current"), 10, 64)
	if err != nil {
		return refuse(http.StatusBadRequest, i18n.M("web.error.form"))
	}
	j, err := s.Jobs.Restore(q.ctx(), q.actor(), q.jobID(), control.RestoreJob{
		Revision: n, Current: current, Note: i18n.T(q.ctx(), "web.note.restore", "number", n),
	})
	if err != nil {
		return err
	}
	return q.leave(route.Job(q.ctx(), j.ID), i18n.M("web.done.restore", "number", n, "name", j.Name))
}
