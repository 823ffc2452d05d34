package web

import (
	"io"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"carillon/internal/apperr"
	"carillon/internal/i18n"
	"carillon/internal/job"
	"carillon/internal/route"
	"carillon/views/layout"
	"carillon/views/page"
	"carillon/web/form"
)

const (
	runsPerPage = 50
	// maxAttempts is how many attempts at one occurrence a run's page lists.
	maxAttempts = 50
)

// runList is the list of all runs.
func (s *Server) runList(q *request) error {
	query := q.query()
	shell, err := q.shell(i18n.M("web.title.runs"), layout.SectionRuns)
	if err != nil {
		return err
	}
	m := page.RunListModel{Shell: shell, Query: query, Kinds: s.Jobs.Kinds()}
	filter := runFilter(query, q.zone())
	runs, err := s.Jobs.Runs(q.ctx(), q.actor(), filter, job.RunPage{Limit: runsPerPage, After: query.Get("after")})
	if err != nil {
		return err
	}
	m.Runs, m.Next = runs.Items, runs.Next
	if filter.JobID != "" {
		if m.Job, err = s.jobIfThere(q, filter.JobID); err != nil {
			return err
		}
	}
	if m.Groups, err = s.Jobs.Groups(q.ctx(), q.actor()); err != nil {
		return err
	}
	if q.wants(page.RunListLiveID) {
		return q.render(http.StatusOK, page.RunListLive(m))
	}
	return q.render(http.StatusOK, page.RunList(m))
}

// runFilter reads the list's filters; a value that means nothing does not restrict.
func runFilter(query url.Values, zone *time.Location) job.RunFilter {
	f := job.RunFilter{
		JobID: job.ID(query.Get("job")), Group: query.Get("group"), Kind: query.Get("kind"),
		Text: query.Get("q"), NodeID: query.Get("node"),
	}
	if state := query.Get("state"); state == "bad" {
		f.States = []job.RunState{job.RunFailed, job.RunTimedOut, job.RunLost}
	} else if job.RunState(state).Valid() {
		f.States = []job.RunState{job.RunState(state)}
	}
	if trigger := query.Get("trigger"); trigger != "" {
		f.Triggers = []job.Trigger{job.Trigger(trigger)}
	}
	f.From, _ = form.ParseLocalTime(query.Get("from"), zone)
	f.To, _ = form.ParseLocalTime(query.Get("to"), zone)
	return f
}

// jobIfThere returns a job; nil if it was deleted.
func (s *Server) jobIfThere(q *request, id job.ID) (*job.Job, error) {
	j, err := s.Jobs.Job(q.ctx(), q.actor(), id)
	if apperr.Is(err, apperr.NotFound) {
		return nil, nil // a deleted job is a fact, not an error
	}
	if err != nil {
		return nil, err
	}
	return &j, nil
}

// runShow is one run's page.
func (s *Server) runShow(q *request) error {
	run, err := s.Jobs.Run(q.ctx(), q.actor(), q.runID())
	if err != nil {
		return err
	}
	return s.showRun(q, run)
}

// jobRunAt leads to the run of a job that was made at a time. A list of jobs names its
// runs by their times, which are far shorter than ids.
func (s *Server) jobRunAt(q *request) error {
	ms, err := strconv.ParseInt(q.param("at"), 10, 64)
	if err != nil {
		return refuse(http.StatusNotFound, i18n.Msg{})
	}
	at := time.UnixMilli(ms)
	runs, err := s.Jobs.Runs(q.ctx(), q.actor(), job.RunFilter{JobID: q.jobID(), From: at, To: at}, job.RunPage{Limit: 1})
	if err != nil {
		return err
	}
	if len(runs.Items) == 0 {
		return refuse(http.StatusNotFound, i18n.Msg{})
	}
	http.Redirect(q.w, q.r, route.Run(q.ctx(), runs.Items[0].ID), http.StatusSeeOther)
	return nil
}

// showRun answers with a run's page or its live part.
func (s *Server) showRun(q *request, run job.Run) error {
	m, err := s.runShowModel(q, run)
	if err != nil {
		return err
	}
	if q.wants(page.RunShowLiveID) {
		return q.render(http.StatusOK, page.RunShowLive(m))
	}
	return q.render(http.StatusOK, page.RunShow(m))
}

func (s *Server) runShowModel(q *request, run job.Run) (page.RunShowModel, error) {
	shell, err := q.shell(i18n.M("web.title.run", "name", run.Name), layout.SectionRuns)
	m := page.RunShowModel{Shell: shell, Run: run, Kind: s.kindOf(run.Kind), JobZone: s.Jobs.Zone()}
	if err != nil {
		return m, err
	}
	if m.Job, err = s.jobIfThere(q, run.JobID); err != nil {
		return m, err
	}
	if m.Job != nil {
		m.JobZone = s.zoneOf(*m.Job)
	}
	args, err := s.argsOf(q, run)
	if err != nil {
		return m, err
	}
	m.Summary = s.Jobs.Summary(run.Kind, args)
	m.Args = maskArgs(args)
	if m.Attempts, err = s.attempts(q, run); err != nil {
		return m, err
	}
	if m.Diff, err = s.runDiff(q, run, args); err != nil {
		return m, err
	}
	if q.wants(page.RunShowLiveID) {
		return m, nil // the output has a stream of its own
	}
	m.Output, err = s.storedOutput(q.ctx(), run)
	return m, err
}

// argsOf are the parameters that a run had: its own, or those of its job's revision.
func (s *Server) argsOf(q *request, run job.Run) (job.Args, error) {
	if run.Args != nil {
		return run.Args, nil
	}
	revision, err := s.Jobs.Revision(q.ctx(), q.actor(), run.JobID, run.JobRevision)
	if apperr.Is(err, apperr.NotFound) {
		return nil, nil // deleted with its job
	}
	return revision.Definition.Args, err
}

// runDiff compares a run that went wrong with the last good one before it; nil for other runs.
func (s *Server) runDiff(q *request, run job.Run, args job.Args) (*page.RunDiff, error) {
	if !run.State.Bad() {
		return nil, nil
	}
	good, ok, err := s.Jobs.LastGood(q.ctx(), q.actor(), run.JobID, run)
	if err != nil || !ok {
		return &page.RunDiff{}, err
	}
	diff := &page.RunDiff{Good: good}
	if good.JobRevision != run.JobRevision || good.Args != nil || run.Args != nil {
		was, err := s.argsOf(q, good)
		if err != nil {
			return nil, err
		}
		diff.Params = paramChanges(was, args)
	}
	return diff, nil
}

// attempts lists all attempts at a run's occurrence, the first one first; nil if it is the only one.
func (s *Server) attempts(q *request, run job.Run) ([]job.Run, error) {
	root := run
	if run.RootID != "" && run.RootID != run.ID {
		first, err := s.Jobs.Run(q.ctx(), q.actor(), run.RootID)
		if err != nil && !apperr.Is(err, apperr.NotFound) {
			return nil, err
		}
		if err == nil {
			root = first
		}
	}
	near := job.RunFilter{JobID: run.JobID, From: root.CreatedAt}
	runs, err := s.Jobs.Runs(q.ctx(), q.actor(), near, job.RunPage{Ascending: true, Limit: maxAttempts})
	if err != nil {
		return nil, err
	}
	var list []job.Run
	for _, r := range runs.Items {
		if r.RootID == run.RootID && r.RootID != "" {
			list = append(list, r)
		}
	}
	if len(list) < 2 {
		return nil, nil
	}
	return list, nil
}

// runCancel cancels a waiting run or asks a running one to stop.
func (s *Server) runCancel(q *request) error {
	if err := s.Jobs.CancelRun(q.ctx(), q.actor(), q.runID()); err != nil {
		return err
	}
	run, err := s.Jobs.Run(q.ctx(), q.actor(), q.runID())
	if err != nil {
		return err
	}
	return q.done(i18n.M("web.done.cancel", "name", run.Name), route.Run(q.ctx(), run.ID), func() error { return s.runPart(q, run) })
}

// runPart answers with the part of the page that the verb's button asked for.
func (s *Server) runPart(q *request, run job.Run) error {
	switch q.r.Header.Get("Hx-Target") {
	case page.HomeLiveID:
		m, err := s.homeModel(q)
		if err != nil {
			return err
		}
		return q.render(http.StatusOK, page.HomeLive(m))
	case page.JobShowLiveID:
		j, err := s.Jobs.Job(q.ctx(), q.actor(), run.JobID)
		if err != nil {
			return err
		}
		m, err := s.jobShowModel(q, j)
		if err != nil {
			return err
		}
		return q.render(http.StatusOK, page.JobShowLive(m))
	case page.RunShowLiveID:
		m, err := s.runShowModel(q, run)
		if err != nil {
			return err
		}
		return q.render(http.StatusOK, page.RunShowLive(m))
	default:
		q.w.Header().Set("Hx-Reswap", "none") // the list hears of it by itself
		return q.empty()
	}
}

// runRetry runs an ended run's job again and leads to the new run.
func (s *Server) runRetry(q *request) error {
	run, err := s.Jobs.RetryRun(q.ctx(), q.actor(), q.runID())
	if err != nil {
		return err
	}
	return q.leave(route.Run(q.ctx(), run.ID), i18n.M("web.done.retry", "name", run.Name))
}

// runDelete removes an ended run. Its row goes; a page of its own is left for the list.
func (s *Server) runDelete(q *request) error {
	id := q.runID()
	if err := s.Jobs.DeleteRun(q.ctx(), q.actor(), id); err != nil {
		return err
	}
	text := i18n.M("web.done.delete_run")
	if q.wants(page.RunItemID(id)) {
		return q.done(text, "", func() error { return q.empty() })
	}
	return q.leave(route.Runs(q.ctx()), text)
}

// runOutput is a run's output as it was written, for reading and downloading. It is
// plain text whatever it looks like.
func (s *Server) runOutput(q *request) error {
	run, err := s.Jobs.Run(q.ctx(), q.actor(), q.runID())
	if err != nil {
		return err
	}
	reader := s.Outputs.Reader(q.ctx(), run.ID)
	defer func() { _ = reader.Close() }() // reading has told of any failure already
	h := q.w.Header()
	h.Set("Content-Type", "text/plain; charset=utf-8")
	h.Set("Content-Security-Policy", "sandbox; "+policy)
	if _, err := io.Copy(q.w, reader); err != nil {
		s.logError(q.r, err) // the answer has begun, so it can only be broken off
		panic(http.ErrAbortHandler)
	}
	return nil
}
