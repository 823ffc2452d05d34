package web

import (
	"net/http"
	"strings"
	"time"

	"carillon/internal/i18n"
	"carillon/internal/job"
	"carillon/views/layout"
	"carillon/views/page"
)

// What a job's page shows of each.
const (
	jobRuns        = 20
	jobHistory     = 100
	jobRevisions   = 10
	jobOccurrences = 10
)

// jobShow is one job's page.
func (s *Server) jobShow(q *request) error {
	j, err := s.Jobs.Job(q.ctx(), q.actor(), q.jobID())
	if err != nil {
		return err
	}
	return s.showJob(q, j)
}

// showJob answers with a job's page or its live part.
func (s *Server) showJob(q *request, j job.Job) error {
	model, err := s.jobShowModel(q, j)
	if err != nil {
		return err
	}
	if q.wants(page.JobShowLiveID) {
		return q.render(http.StatusOK, page.JobShowLive(model))
	}
	return q.render(http.StatusOK, page.JobShow(model))
}

func (s *Server) jobShowModel(q *request, j job.Job) (page.JobShowModel, error) {
	shell, err := q.shell(i18n.M(j.Name), layout.SectionJobs)
	m := page.JobShowModel{Shell: shell, Kind: s.kindOf(j.Kind), Summary: s.Jobs.Summary(j.Kind, j.Args)}
	j.Args = maskArgs(j.Args)
	if err != nil {
		return m, err
	}
	if m.JobRow, err = s.jobRow(q, j); err != nil {
		return m, err
	}
	if m.Stats, err = s.Jobs.Stats(q.ctx(), q.actor(), j.ID, m.Now.Add(-statsSince)); err != nil {
		return m, err
	}
	runs, err := s.Jobs.Runs(q.ctx(), q.actor(), job.RunFilter{JobID: j.ID}, job.RunPage{Limit: jobHistory})
	if err != nil {
		return m, err
	}
	m.History, m.Runs = runs.Items, runs.Items[:min(len(runs.Items), jobRuns)]
	if m.Revisions, err = s.Jobs.Revisions(q.ctx(), q.actor(), j.ID, 0, jobRevisions); err != nil {
		return m, err
	}
	if j.LastOutcome.Bad() {
		if m.Failure, err = s.lastRun(q, j); err != nil {
			return m, err
		}
	}
	m.JobRow.Zone = s.zoneOf(j)
	m.Next = s.nextOf(j, m.Now)
	return m, nil
}

// nextOf lists the next occurrences of a job that fires.
func (s *Server) nextOf(j job.Job, now time.Time) []page.Occurrence {
	if j.State != job.Active || j.NextRunAt.IsZero() {
		return nil
	}
	plan, err := j.Schedule.Compile(s.Jobs.Zone())
	if err != nil {
		return nil // stored before the zone was taken out of the time zone data; the run says so
	}
	next := occurrences(plan.Preview(now, jobOccurrences))
	if len(next) == 0 { // a job whose only time has passed runs at once
		next = []page.Occurrence{{At: j.NextRunAt}}
	}
	return next
}

// occurrences puts the remarks on changes of the clocks into words.
func occurrences(list []job.Occurrence) []page.Occurrence {
	out := make([]page.Occurrence, 0, len(list))
	for _, o := range list {
		next := page.Occurrence{At: o.At}
		if id := o.Note.Message(); id != "" {
			next.Remark = i18n.M(id, "wall", o.Wall)
		}
		out = append(out, next)
	}
	return out
}

// kindOf describes a kind; without parameters if this build does not know it.
func (s *Server) kindOf(name string) job.KindSpec {
	for _, spec := range s.Jobs.Kinds() {
		if strings.EqualFold(spec.Name, name) {
			return spec
		}
	}
	return job.KindSpec{}
}
