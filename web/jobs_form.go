package web

import (
	"cmp"
	"errors"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"

	"carillon/internal/apperr"
	"carillon/internal/control"
	"carillon/internal/i18n"
	"carillon/internal/job"
	"carillon/internal/route"
	"carillon/views/layout"
	"carillon/views/page"
	"carillon/web/form"
)

// jobNew is the form of a new job. Fields may be filled in by the query.
func (s *Server) jobNew(q *request) error {
	values := form.Encode(job.Defaults(), s.Jobs.Zone())
	maps.Copy(values, q.query())
	return s.showForm(q, http.StatusOK, page.JobFormModel{Mode: page.FormNew, Form: page.Form{Values: values}})
}

// jobEdit is the form of an existing job.
func (s *Server) jobEdit(q *request) error {
	j, err := s.Jobs.Job(q.ctx(), q.actor(), q.jobID())
	if err != nil {
		return err
	}
	return s.showForm(q, http.StatusOK, page.JobFormModel{
		Mode: page.FormEdit, Job: j, Form: page.Form{Values: s.valuesOf(j)},
	})
}

// jobClone is the form of a new job that starts as a copy.
func (s *Server) jobClone(q *request) error {
	j, err := s.Jobs.Job(q.ctx(), q.actor(), q.jobID())
	if err != nil {
		return err
	}
	values := s.valuesOf(j)
	values.Del("revision")
	values.Set("name", i18n.T(q.ctx(), "web.clone_name", "name", j.Name))
	return s.showForm(q, http.StatusOK, page.JobFormModel{Mode: page.FormClone, Job: j, Form: page.Form{Values: values}})
}

// valuesOf are the fields of a form that shows the job.
func (s *Server) valuesOf(j job.Job) url.Values {
	values := form.Encode(j.Definition, s.Jobs.Zone())
	values.Set("revision", strconv.FormatInt(j.Revision, 10))
	return values
}

// jobCreate saves a new job.
func (s *Server) jobCreate(q *request) error {
	v, err := q.form()
	if err != nil {
		return err
	}
	model := page.JobFormModel{Mode: page.FormNew, Form: page.Form{Values: v}}
	if v.Get("mode") == string(page.FormClone) {
		model.Mode = page.FormClone
	}
	if v.Get("reload") == "1" {
		return s.showForm(q, http.StatusOK, model)
	}
	in := form.Decode(v, job.Defaults(), s.Jobs.Kinds(), s.Jobs.Zone())
	if err := s.formFaults(q, in); err != nil {
		return s.refuseForm(q, model, err)
	}
	j, err := s.Jobs.Create(q.ctx(), q.actor(), control.NewJob{Definition: in.Definition, Stopped: in.Disabled, Note: in.Note})
	if err != nil {
		return s.refuseForm(q, model, err)
	}
	return q.leave(route.Job(q.ctx(), j.ID), i18n.M("web.done.create", "name", j.Name))
}

// jobUpdate saves a changed job.
func (s *Server) jobUpdate(q *request) error {
	v, err := q.form()
	if err != nil {
		return err
	}
	j, err := s.Jobs.Job(q.ctx(), q.actor(), q.jobID())
	if err != nil {
		return err
	}
	model := page.JobFormModel{Mode: page.FormEdit, Job: j, Form: page.Form{Values: v}}
	if v.Get("reload") == "1" {
		return s.showForm(q, http.StatusOK, model)
	}
	in := form.Decode(v, j.Definition, s.Jobs.Kinds(), s.Jobs.Zone())
	if err := s.formFaults(q, in); err != nil {
		return s.refuseForm(q, model, err)
	}
	j, err = s.Jobs.Update(q.ctx(), q.actor(), j.ID, control.EditJob{Definition: in.Definition, Revision: in.Revision, Note: in.Note})
	if apperr.CodeOf(err) == "stale" {
		return s.showStale(q, model, in.Definition)
	}
	if err != nil {
		return s.refuseForm(q, model, err)
	}
	return q.leave(route.Job(q.ctx(), j.ID), i18n.M("web.done.update", "name", j.Name))
}

// formFaults gathers everything that is wrong about a form at once: what could not be
// read, and what validation finds in the rest. It is nil if nothing is.
func (s *Server) formFaults(q *request, in form.Input) error {
	if in.Faults.Len() == 0 {
		return nil // Create and Update validate
	}
	_, err := s.Jobs.Validate(q.ctx(), in.Definition)
	if err := in.Faults.Merge("", err); err != nil {
		return err
	}
	return in.Faults.Err()
}

// refuseForm shows the form again with its faults; nothing typed is lost. An error that
// is not about the input goes up.
func (s *Server) refuseForm(q *request, model page.JobFormModel, err error) error {
	var e *apperr.Error
	if !errors.As(err, &e) || !(e.Kind == apperr.Invalid || e.Code == "name_taken") {
		return err
	}
	if e.Code == "name_taken" && len(e.Fields) == 0 {
		taken := apperr.Fault{Msg: "web.fault.name_taken", Args: map[string]any{"group": model.Get("group")}}
		err = &apperr.Error{Kind: apperr.Conflict, Code: e.Code, Msg: "error.invalid", Fields: map[string]apperr.Fault{"name": taken}}
	}
	model.Form = formOf(model.Values, err)
	return s.showForm(q, http.StatusUnprocessableEntity, model)
}

// showStale shows both versions of a job that somebody else saved meanwhile. Saving
// again overwrites, since the form then carries the new revision.
func (s *Server) showStale(q *request, model page.JobFormModel, mine job.Definition) error {
	now, err := s.Jobs.Job(q.ctx(), q.actor(), model.Job.ID)
	if err != nil {
		return err
	}
	model.Job = now
	if valid, err := s.Jobs.Validate(q.ctx(), mine); err == nil {
		mine = valid
	}
	typed, saved := form.Encode(mine, s.Jobs.Zone()), form.Encode(now.Definition, s.Jobs.Zone())
	names := map[string]bool{}
	for name := range typed {
		names[name] = true
	}
	for name := range saved {
		names[name] = true
	}
	stale := &page.StaleForm{By: now.UpdatedBy, At: now.UpdatedAt}
	for name := range names {
		if typed.Get(name) != saved.Get(name) {
			stale.Changes = append(stale.Changes, page.Change{Field: name, Mine: typed.Get(name), Theirs: saved.Get(name)})
		}
	}
	slices.SortFunc(stale.Changes, func(a, b page.Change) int { return cmp.Compare(a.Field, b.Field) })
	model.Stale = stale
	model.Fault = i18n.M("error.control.stale")
	model.Values.Set("revision", strconv.FormatInt(now.Revision, 10))
	return s.showForm(q, http.StatusConflict, model)
}

// showForm completes the model of a job form and answers with it.
func (s *Server) showForm(q *request, status int, m page.JobFormModel) error {
	title := i18n.M("web.title.new_job")
	if m.Mode == page.FormEdit {
		title = i18n.M("web.title.edit_job", "name", m.Job.Name)
	}
	var err error
	if m.Shell, err = q.shell(title, layout.SectionJobs); err != nil {
		return err
	}
	if err := s.fillForm(q, &m); err != nil {
		return err
	}
	if status == http.StatusConflict && q.htmx() {
		status = http.StatusUnprocessableEntity // htmx shows only this one of the refusals
	}
	return q.render(status, page.JobForm(m))
}

// fillForm adds what a job form offers to choose from.
func (s *Server) fillForm(q *request, m *page.JobFormModel) error {
	groups, err := s.Jobs.Groups(q.ctx(), q.actor())
	if err != nil {
		return err
	}
	for _, g := range groups {
		m.Groups = append(m.Groups, g.Group)
	}
	if status, ok := s.recent(q.ctx()); ok && status.Node != "" {
		m.Nodes = []string{status.Node}
	}
	m.Owners = []string{q.user().Name}
	m.Kinds = s.Jobs.Kinds()
	m.Zones = job.Zones()
	m.ServerZone = s.Jobs.Zone().String()
	for _, spec := range m.Kinds { // names are matched without case
		if chosen := s.kindOf(m.Get("kind")); chosen.Name == spec.Name {
			m.Values.Set("kind", spec.Name)
		}
	}
	m.Preview = s.preview(m.Values)
	return nil
}

// jobFields answers the parameter fields of the chosen kind.
func (s *Server) jobFields(q *request) error {
	m := page.JobFormModel{Mode: page.FormNew, Form: page.Form{Values: q.query()}, Kinds: s.Jobs.Kinds()}
	m.Shell = s.bareShell(q, i18n.M("web.title.new_job"))
	if spec := s.kindOf(m.Get("kind")); spec.Name != "" {
		m.Values.Set("kind", spec.Name)
	}
	return q.render(http.StatusOK, page.KindFields(m))
}

// previewTimes is how many next times a preview shows.
const previewTimes = 5

// jobPreview answers the schedule fields as they are typed.
func (s *Server) jobPreview(q *request) error {
	return q.render(http.StatusOK, page.SchedulePreview(s.preview(q.query())))
}

// preview says what a schedule means: its next times, or what is wrong with it.
func (s *Server) preview(v url.Values) page.PreviewModel {
	in := form.Decode(v, job.Defaults(), nil, s.Jobs.Zone())
	now := s.Clock.Now()
	schedule := in.Definition.Schedule
	m := page.PreviewModel{Schedule: schedule, Now: now, Zone: s.Jobs.Zone()}
	if blank(v) {
		return m
	}
	if fault, ok := scheduleFault(in.Faults.Err()); ok {
		m.Fault = fault
		return m
	}
	plan, err := schedule.Anchored(now).Compile(s.Jobs.Zone())
	if err != nil {
		m.Fault, _ = scheduleFault(err)
		return m
	}
	m.Zone = plan.Zone()
	m.Next = occurrences(plan.Preview(now, previewTimes))
	return m
}

// blank reports whether the field on which the chosen type depends is still empty: too
// early to complain.
func blank(v url.Values) bool {
	switch job.ScheduleType(v.Get("schedule.type")) {
	case job.Cron:
		return v.Get("schedule.cron") == ""
	case job.Interval:
		return v.Get("schedule.every") == ""
	case job.Once:
		return v.Get("schedule.begin_at") == ""
	default:
		return false
	}
}

// scheduleFault returns the first fault about the schedule in an error.
func scheduleFault(err error) (i18n.Msg, bool) {
	faults := formOf(nil, err).Faults
	for _, field := range []string{
		"schedule.type", "schedule.cron", "schedule.every", "schedule.zone", "schedule.begin_at", "schedule.end_at",
	} {
		if fault, ok := faults[field]; ok {
			return fault, true
		}
	}
	return i18n.Msg{}, false
}
