package web

import (
	"net/http"
	"net/url"
	"slices"
	"strings"

	"carillon/internal/apperr"
	"carillon/internal/control"
	"carillon/internal/i18n"
	"carillon/internal/job"
	"carillon/views/layout"
	"carillon/views/page"
	"carillon/web/form"
)

// jobPauseSheet asks until when and why a job shall be paused.
func (s *Server) jobPauseSheet(q *request) error {
	j, err := s.Jobs.Job(q.ctx(), q.actor(), q.jobID())
	if err != nil {
		return err
	}
	v := url.Values{"reason": {j.PauseReason}, "until": {form.LocalTime(j.PausedUntil, q.zone())}}
	return s.showSheet(q, http.StatusOK, "pause", j, page.Form{Values: v})
}

// jobTriggerSheet asks for the parameters of one run, which are the job's own at first.
func (s *Server) jobTriggerSheet(q *request) error {
	j, err := s.Jobs.Job(q.ctx(), q.actor(), q.jobID())
	if err != nil {
		return err
	}
	return s.showSheet(q, http.StatusOK, "trigger", j, page.Form{Values: shownArgs(j)})
}

// showSheet answers with the form of a verb: in the dialog if there is one.
func (s *Server) showSheet(q *request, status int, verb string, j job.Job, values page.Form) error {
	m := page.SheetModel{Form: values, Verb: verb, Job: j, Kind: s.kindOf(j.Kind)}
	m.Values.Set("kind", m.Kind.Name)
	if q.wants(page.SheetID) || status != http.StatusOK && q.htmx() {
		m.Shell = s.bareShell(q, i18n.M(j.Name))
		m.Target = sheetTarget(q, j.ID)
		if status != http.StatusOK {
			q.w.Header().Set("Hx-Retarget", "#"+page.SheetID)
			q.w.Header().Set("Hx-Reswap", "innerHTML")
		}
		return q.render(status, page.SheetBody(m))
	}
	title := i18n.M("web.title.trigger", "name", j.Name)
	if verb == "pause" {
		title = i18n.M("web.title.pause", "name", j.Name)
	}
	var err error
	if m.Shell, err = q.shell(title, layout.SectionJobs); err != nil {
		return err
	}
	return q.render(status, page.Sheet(m))
}

// sheetTarget is what the answer to a sheet's form redraws: the job's row or the live part
// of a page.
func sheetTarget(q *request, id job.ID) string {
	asked := q.query().Get("target")
	if asked == "" {
		asked = q.r.PostForm.Get("target") //nolint:forbidigo // the field of a request, not the function
	}
	if slices.Contains([]string{page.HomeLiveID, page.JobItemID(id)}, asked) {
		return asked
	}
	return page.JobShowLiveID
}

// sheetFault shows a sheet's form again with what is wrong about it; other errors, and
// those of requests that came from no sheet, go on.
func (s *Server) sheetFault(q *request, verb string, v url.Values, err error) error {
	if v.Get("sheet") == "" || !apperr.Is(err, apperr.Invalid) {
		return err
	}
	j, missing := s.Jobs.Job(q.ctx(), q.actor(), q.jobID())
	if missing != nil {
		return missing
	}
	return s.showSheet(q, http.StatusUnprocessableEntity, verb, j, formOf(v, err))
}

// shownArgs are the fields of a job's parameters with secrets masked.
func shownArgs(j job.Job) url.Values {
	v := url.Values{}
	for name, value := range maskArgs(j.Args) {
		v.Set("args."+name, form.ArgText(value))
	}
	return v
}

// sheetArgs are the parameters that a sheet asked for; nil if they are the job's own.
// What was masked and left so is what the job has.
func (s *Server) sheetArgs(j job.Job, v url.Values) (job.Args, error) {
	shown := shownArgs(j)
	spec := s.kindOf(j.Kind)
	var faults apperr.Faults
	changed := false
	filled := url.Values{"kind": {spec.Name}}
	for _, p := range spec.Params {
		name := "args." + p.Name
		text := strings.ReplaceAll(v.Get(name), "\r\n", "\n")
		changed = changed || strings.TrimSpace(text) != strings.TrimSpace(shown.Get(name))
		text = unmask(text, shown.Get(name), form.ArgText(j.Args[p.Name]))
		if strings.Contains(text, masked) {
			faults.Add(name, "web.fault.masked")
		}
		if text != "" {
			filled.Set(name, text)
		}
	}
	if err := faults.Err(); err != nil || !changed {
		return nil, err
	}
	return form.Decode(filled, j.Definition, s.Jobs.Kinds(), s.Jobs.Zone()).Definition.Args, nil
}

// unmask puts the lines of a text back that were masked when it was shown.
func unmask(text, shown, real string) string {
	hidden := map[string]string{}
	from, to := strings.Split(shown, "\n"), strings.Split(real, "\n")
	if len(from) == len(to) {
		for i, line := range from {
			if line != to[i] {
				hidden[strings.TrimSpace(line)] = to[i]
			}
		}
	}
	lines := strings.Split(text, "\n")
	for i, line := range lines {
		if was, ok := hidden[strings.TrimSpace(line)]; ok {
			lines[i] = was
		}
	}
	return strings.Join(lines, "\n")
}

// triggerOf reads how a job shall be run now: by a sheet, or by what a program sent.
func (s *Server) triggerOf(q *request, v url.Values) (control.TriggerJob, error) {
	in := control.TriggerJob{Trigger: job.TriggerManual}
	if v.Get("sheet") == "" {
		var err error
		in.Args, err = s.triggerArgs(v)
		return in, err
	}
	j, err := s.Jobs.Job(q.ctx(), q.actor(), q.jobID())
	if err != nil {
		return in, err
	}
	in.Args, err = s.sheetArgs(j, v)
	return in, err
}
