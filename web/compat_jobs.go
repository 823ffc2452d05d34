package web

import (
	"maps"
	"net/http"
	"slices"
	"strings"

	"carillon/internal/access"
	"carillon/internal/apperr"
	"carillon/internal/control"
	"carillon/internal/i18n"
	"carillon/internal/job"
	"carillon/web/compat"
)

// maxTotal bounds the count of a list: totalCount says so many, plus one, for "more".
const maxTotal = 200_000

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }

// compatList is the paged list of jobs.
func (s *Server) compatList(q *request) error {
	filter, page, none, err := compat.JobQuery(q.query(), s.Jobs.Zone())
	if err != nil {
		return err
	}
	if none {
		return q.json(http.StatusOK, compat.Page[compat.Job]{Items: []compat.Job{}})
	}
	total, err := s.Jobs.CountJobs(q.ctx(), q.actor(), filter, maxTotal)
	if err != nil {
		return err
	}
	jobs, err := s.Jobs.Jobs(q.ctx(), q.actor(), filter, page)
	if err != nil {
		return err
	}
	items, err := s.compatItems(q, jobs.Items)
	if err != nil {
		return err
	}
	return q.json(http.StatusOK, compat.Page[compat.Job]{TotalCount: total, Items: items})
}

// compatItems adds to jobs what the wire shows of their runs.
func (s *Server) compatItems(q *request, jobs []job.Job) ([]compat.Job, error) {
	ids := make([]job.ID, len(jobs))
	for i, j := range jobs {
		ids[i] = j.ID
	}
	live, err := s.Jobs.Live(q.ctx(), q.actor(), ids)
	if err != nil {
		return nil, err
	}
	items := make([]compat.Job, len(jobs))
	for i, j := range jobs {
		last, err := s.lastRun(q, j)
		if err != nil {
			return nil, err
		}
		items[i] = compat.FromJob(j, live[j.ID], last)
	}
	return items, nil
}

// compatJob answers with one job.
func (s *Server) compatJob(q *request, j job.Job) error {
	items, err := s.compatItems(q, []job.Job{j})
	if err != nil {
		return err
	}
	return q.json(http.StatusOK, items[0])
}

func (s *Server) compatRead(q *request) error {
	j, err := s.Jobs.Job(q.ctx(), q.actor(), q.jobID())
	if err != nil {
		return err
	}
	return s.compatJob(q, j)
}

func (s *Server) compatSetting() compat.Setting {
	return compat.Setting{Zone: s.Jobs.Zone(), Now: s.Clock.Now(), Kinds: s.Jobs.Kinds()}
}

// compatCreate makes a job.
func (s *Server) compatCreate(q *request) error {
	var in compat.Input
	if err := q.body(&in); err != nil {
		return err
	}
	def, faults := in.Create(s.compatSetting())
	source := job.SourceUser
	if in.Source != nil {
		var ok bool
		if source, ok = in.Source.Source(); !ok {
			faults.Add("source", "web.fault.enum", "values", "-1, 0, 10")
		}
	}
	if err := s.compatFaults(q, faults, def); err != nil {
		return err
	}
	stopped := in.IsEnabled != nil && !*in.IsEnabled
	j, err := s.Jobs.Create(q.ctx(), q.actor(), control.NewJob{Definition: def, Source: source, Stopped: stopped})
	if err != nil {
		return err
	}
	return s.compatJob(q, j)
}

// compatFaults gathers what is wrong about the body and what validation finds besides,
// so that one answer names everything. It is nil if the mapping found nothing.
func (s *Server) compatFaults(q *request, faults *apperr.Faults, def job.Definition) error {
	if faults.Len() == 0 {
		return nil
	}
	_, err := s.Jobs.Validate(q.ctx(), def)
	if err := faults.Merge("", err); err != nil {
		return err
	}
	return faults.Err()
}

// compatUpdate changes a job. Whether it is enabled is changed after, by a verb of its own.
func (s *Server) compatUpdate(q *request) error {
	var in compat.Input
	if err := q.body(&in); err != nil {
		return err
	}
	j, err := s.Jobs.Job(q.ctx(), q.actor(), q.jobID())
	if err != nil {
		return err
	}
	if in.ConcurrencyStamp != nil && *in.ConcurrencyStamp != "" && *in.ConcurrencyStamp != compat.Stamp(j) {
		return apperr.New(apperr.Conflict, "stale", "web.error.stale_stamp")
	}
	verb := switchTo(j, in.IsEnabled)
	if verb != "" && !q.actor().Can(map[control.Verb]access.Permission{
		control.VerbStop: access.JobsStop, control.VerbStart: access.JobsStart,
	}[verb]) {
		return refuse(http.StatusForbidden, i18n.Msg{})
	}
	def, faults := in.Update(j.Definition, s.compatSetting())
	if err := s.compatFaults(q, faults, def); err != nil {
		return err
	}
	if j, err = s.Jobs.Update(q.ctx(), q.actor(), j.ID, control.EditJob{Definition: def, Revision: j.Revision}); err != nil {
		return err
	}
	switch verb {
	case control.VerbStop:
		j, err = s.Jobs.Stop(q.ctx(), q.actor(), j.ID)
	case control.VerbStart:
		j, err = s.Jobs.Start(q.ctx(), q.actor(), j.ID)
	}
	if err != nil {
		return err
	}
	return s.compatJob(q, j)
}

// switchTo is the verb that makes a job enabled or not; "" if there is nothing to do.
func switchTo(j job.Job, enabled *bool) control.Verb {
	switch {
	case enabled == nil, *enabled == (j.State != job.Stopped):
		return ""
	case *enabled:
		return control.VerbStart
	default:
		return control.VerbStop
	}
}

func (s *Server) compatDelete(q *request) error {
	if err := s.Jobs.Delete(q.ctx(), q.actor(), q.jobID()); err != nil {
		return err
	}
	return q.noContent()
}

func (s *Server) compatPause(q *request) error {
	_, err := s.Jobs.Pause(q.ctx(), q.actor(), q.jobID(), control.PauseJob{})
	return q.didCompat(err)
}

func (s *Server) compatResume(q *request) error {
	_, err := s.Jobs.Resume(q.ctx(), q.actor(), q.jobID())
	return q.didCompat(err)
}

func (s *Server) compatStart(q *request) error {
	_, err := s.Jobs.Start(q.ctx(), q.actor(), q.jobID())
	return q.didCompat(err)
}

func (s *Server) compatStop(q *request) error {
	_, err := s.Jobs.Stop(q.ctx(), q.actor(), q.jobID())
	return q.didCompat(err)
}

func (s *Server) compatTrigger(q *request) error {
	_, err := s.Jobs.Trigger(q.ctx(), q.actor(), q.jobID(), control.TriggerJob{Trigger: job.TriggerAPI})
	return q.didCompat(err)
}

// didCompat answers a verb. That a job is already as asked for is a success here, as in
// the original.
func (q *request) didCompat(err error) error {
	if err != nil && !strings.HasPrefix(apperr.CodeOf(err), "already_") {
		return err
	}
	return q.noContent()
}

// compatBulk does a verb on many jobs, all or nothing.
func (s *Server) compatBulk(verb control.Verb) handler {
	return func(q *request) error {
		var in struct {
			JobIDs []job.ID `json:"jobIds"`
		}
		if err := q.body(&in); err != nil {
			return err
		}
		ids, err := s.compatOpen(q, verb, in.JobIDs)
		if err != nil {
			return err
		}
		if len(ids) == 0 {
			return q.noContent()
		}
		if _, err := s.Jobs.Bulk(q.ctx(), q.actor(), verb, ids, true); err != nil {
			return err
		}
		return q.noContent()
	}
}

// compatOpen leaves out the jobs that are already as the verb would make them.
func (s *Server) compatOpen(q *request, verb control.Verb, ids []job.ID) ([]job.ID, error) {
	already := map[control.Verb]job.State{
		control.VerbPause: job.Paused, control.VerbResume: job.Active, control.VerbStart: job.Active, control.VerbStop: job.Stopped,
	}[verb]
	if already == "" {
		return ids, nil
	}
	var open []job.ID
	for _, id := range ids {
		j, err := s.Jobs.Job(q.ctx(), q.actor(), id)
		if err != nil {
			return nil, err
		}
		if j.State != already {
			open = append(open, id)
		}
	}
	return open, nil
}
