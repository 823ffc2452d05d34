package web

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strings"

	"carillon/internal/apperr"
	"carillon/internal/control"
	"carillon/internal/i18n"
	"carillon/internal/job"
	"carillon/internal/route"
	"carillon/views/layout"
	"carillon/views/page"
	"carillon/web/form"
)

// jobPause keeps a job from firing, until a time if one is given.
func (s *Server) jobPause(q *request) error {
	v, err := q.form()
	if err != nil {
		return err
	}
	in, err := s.pauseOf(q, v)
	if err != nil {
		return s.sheetFault(q, "pause", v, err)
	}
	j, err := s.Jobs.Pause(q.ctx(), q.actor(), q.jobID(), in)
	if err != nil {
		return s.sheetFault(q, "pause", v, err)
	}
	return s.didJob(q, "pause", j, nil)
}

// pauseOf reads "until", a local time in the reader's zone, and "reason".
func (s *Server) pauseOf(q *request, v url.Values) (control.PauseJob, error) {
	in := control.PauseJob{Reason: strings.TrimSpace(v.Get("reason"))}
	if text := v.Get("until"); text != "" {
		until, ok := form.ParseLocalTime(text, q.zone())
		if !ok {
			var faults apperr.Faults
			faults.Add("until", "web.fault.time")
			return in, faults.Err()
		}
		in.Until = until
	}
	return in, nil
}

func (s *Server) jobResume(q *request) error {
	j, err := s.Jobs.Resume(q.ctx(), q.actor(), q.jobID())
	return s.didJob(q, "resume", j, err)
}

func (s *Server) jobStart(q *request) error {
	j, err := s.Jobs.Start(q.ctx(), q.actor(), q.jobID())
	return s.didJob(q, "start", j, err)
}

func (s *Server) jobStop(q *request) error {
	j, err := s.Jobs.Stop(q.ctx(), q.actor(), q.jobID())
	return s.didJob(q, "stop", j, err)
}

// jobTrigger runs a job now. A plain browser is led to the new run.
func (s *Server) jobTrigger(q *request) error {
	v, err := q.form()
	if err != nil {
		return err
	}
	in, err := s.triggerOf(q, v)
	if err != nil {
		return s.sheetFault(q, "trigger", v, err)
	}
	run, err := s.Jobs.Trigger(q.ctx(), q.actor(), q.jobID(), in)
	if err != nil {
		return s.sheetFault(q, "trigger", v, err)
	}
	text := i18n.M("web.done.trigger", "name", run.Name)
	if !q.htmx() {
		return q.leave(route.Run(q.ctx(), run.ID), text)
	}
	j, err := s.Jobs.Job(q.ctx(), q.actor(), run.JobID)
	if err != nil {
		return err
	}
	return q.done(text, "", func() error { return s.jobPart(q, j) })
}

// triggerArgs are the parameters to run with, as "args.<name>" or as JSON in "args";
// nil means the job's own.
func (s *Server) triggerArgs(v url.Values) (job.Args, error) {
	var args job.Args
	if text := strings.TrimSpace(v.Get("args")); text != "" {
		if json.Unmarshal([]byte(text), &args) != nil {
			var faults apperr.Faults
			faults.Add("args", "web.fault.args")
			return nil, faults.Err()
		}
	}
	for name, values := range v {
		if param, ok := strings.CutPrefix(name, "args."); ok && len(values) > 0 {
			if args == nil {
				args = job.Args{}
			}
			args[param] = values[0]
		}
	}
	return args, nil
}

// jobDelete removes a job. Its row goes; a page of its own is left for the list.
func (s *Server) jobDelete(q *request) error {
	j, err := s.Jobs.Job(q.ctx(), q.actor(), q.jobID())
	if err != nil {
		return err
	}
	if err := s.Jobs.Delete(q.ctx(), q.actor(), j.ID); err != nil {
		return err
	}
	text := i18n.M("web.done.delete", "name", j.Name)
	if q.wants(page.JobItemID(j.ID)) {
		return q.done(text, "", func() error { return q.empty() })
	}
	return q.leave(route.Jobs(q.ctx()), text)
}

// empty answers with nothing, which takes the target away.
func (q *request) empty() error {
	q.send(http.StatusOK, "text/html; charset=utf-8", nil)
	return nil
}

// didJob answers a verb on one job.
func (s *Server) didJob(q *request, verb string, j job.Job, err error) error {
	if err != nil {
		return err
	}
	text := i18n.M("web.done."+verb, "name", j.Name)
	return q.done(text, route.Job(q.ctx(), j.ID), func() error { return s.jobPart(q, j) })
}

// jobPart answers with the part of the page that the verb's button asked for.
func (s *Server) jobPart(q *request, j job.Job) error {
	switch q.r.Header.Get("Hx-Target") {
	case page.HomeLiveID:
		model, err := s.homeModel(q)
		if err != nil {
			return err
		}
		return q.render(http.StatusOK, page.HomeLive(model))
	case page.JobItemID(j.ID):
		row, err := s.jobRow(q, j)
		if err != nil {
			return err
		}
		shell := s.bareShell(q, i18n.M("web.title.jobs"))
		shell.Section = layout.SectionJobs
		return q.render(http.StatusOK, page.JobItem(shell, row, s.Jobs.Kinds()))
	default:
		model, err := s.jobShowModel(q, j)
		if err != nil {
			return err
		}
		return q.render(http.StatusOK, page.JobShowLive(model))
	}
}

// jobBulk does a verb on the chosen jobs, each for itself, and says what came of it.
func (s *Server) jobBulk(q *request) error {
	v, err := q.form()
	if err != nil {
		return err
	}
	verb := v.Get("verb")
	ids := make([]job.ID, 0, len(v["id"]))
	for _, id := range v["id"] {
		ids = append(ids, job.ID(id))
	}
	results, err := s.Jobs.Bulk(q.ctx(), q.actor(), control.Verb(verb), ids, false)
	if err != nil {
		return err
	}
	report := bulkReport(verb, results)
	back := s.backToList(q, v.Get("back"))
	model, err := s.jobListModel(q, back.Query())
	if err != nil {
		return err
	}
	model.Bulk = report
	model.Path = back.RequestURI()
	if q.wants(page.JobListLiveID) {
		return q.render(http.StatusOK, page.JobListLive(model))
	}
	// The report is too long for a message on the next page: the list is shown at once.
	return q.render(http.StatusOK, page.JobList(model))
}

// bulkReport says what a bulk verb did and could not do.
func bulkReport(verb string, results []control.BulkResult) *page.BulkReport {
	report := &page.BulkReport{Verb: verb}
	for _, result := range results {
		if result.Err == nil {
			report.Done++
			continue
		}
		fault := page.BulkFault{ID: result.ID, Name: result.Name, Why: i18n.M("web.error.internal_short")}
		if fault.Name == "" {
			fault.Name = result.ID.String()
		}
		if kind := apperr.KindOf(result.Err); kind != apperr.Internal {
			fault.Why = formOf(nil, result.Err).Fault
		}
		report.Faults = append(report.Faults, fault)
	}
	return report
}

// backToList reads the list's URL that a form carries; the plain list for any other.
func (s *Server) backToList(q *request, back string) *url.URL {
	list := route.Jobs(q.ctx())
	u, err := url.Parse(safeNext(q.r, back))
	if err != nil || u.Path != list {
		return &url.URL{Path: list}
	}
	return u
}
