package web

import (
	"net/http"
	"time"

	"carillon/internal/apperr"
	"carillon/internal/i18n"
	"carillon/internal/job"
	"carillon/views/layout"
	"carillon/views/page"
)

// How much the first page shows, and for how long back.
const (
	homeItems  = 20
	statsSince = 30 * 24 * time.Hour
)

// home is the first page: what is wrong, what runs, what comes next.
func (s *Server) home(q *request) error {
	model, err := s.homeModel(q)
	if err != nil {
		return err
	}
	if q.wants(page.HomeLiveID) {
		return q.render(http.StatusOK, page.HomeLive(model))
	}
	return q.render(http.StatusOK, page.Home(model))
}

func (s *Server) homeModel(q *request) (page.HomeModel, error) {
	shell, err := q.shell(i18n.M("web.title.home"), layout.SectionHome)
	m := page.HomeModel{Shell: shell, Kinds: s.Jobs.Kinds()}
	if err != nil {
		return m, err
	}
	if m.Fresh, err = s.firstSteps(q, &m); m.Fresh || err != nil {
		return m, err
	}
	var over, late []page.Attention
	if m.Running, over, err = s.running(q, m.Now); err != nil {
		return m, err
	}
	if m.NextHour, late, err = s.upcoming(q, m.Now); err != nil {
		return m, err
	}
	if m.Attention, err = s.attention(q, m.Now, append(over, late...)); err != nil {
		return m, err
	}
	facts, err := s.homeFacts.get(m.Now, func() (homeFacts, error) { return s.slowFacts(q, m.Now) })
	if err != nil {
		return m, err
	}
	m.Strip, m.Quiet = facts.strip, unless(facts.quiet, m.Attention)
	return m, nil
}

// firstSteps fills the first page of a new installation and reports whether this is one:
// there is at most one job, and at most one run has ended, whose output is the last step.
// A first run that went wrong needs attention at once.
func (s *Server) firstSteps(q *request, m *page.HomeModel) (bool, error) {
	jobs, err := s.Jobs.Jobs(q.ctx(), q.actor(), job.Filter{}, job.JobPage{Sort: job.SortCreated, Limit: 2})
	if err != nil || len(jobs.Items) > 1 {
		return false, err
	}
	ended, err := s.Jobs.Runs(q.ctx(), q.actor(), job.RunFilter{Ended: true}, job.RunPage{Limit: 2})
	if err != nil || len(ended.Items) > 1 {
		return false, err
	}
	if len(ended.Items) == 1 && ended.Items[0].State != job.RunSucceeded {
		return false, nil
	}
	runs, err := s.Jobs.Runs(q.ctx(), q.actor(), job.RunFilter{}, job.RunPage{Limit: 1})
	if err != nil {
		return false, err
	}
	if len(jobs.Items) > 0 {
		m.FirstJob = &jobs.Items[0]
	}
	if len(runs.Items) > 0 {
		m.FirstRun = &runs.Items[0]
	}
	return true, nil
}

// lastRun returns the job's last run; nil if it has none or retention has removed it.
func (s *Server) lastRun(q *request, j job.Job) (*job.Run, error) {
	if j.LastRunID == "" {
		return nil, nil
	}
	run, err := s.Jobs.Run(q.ctx(), q.actor(), j.LastRunID)
	if apperr.Is(err, apperr.NotFound) {
		return nil, nil
	}
	return &run, err
}

// running lists the runs in flight, the longest first, with what their jobs usually take,
// and those of them that take much longer.
func (s *Server) running(q *request, now time.Time) ([]page.RunningItem, []page.Attention, error) {
	f := job.RunFilter{States: []job.RunState{job.RunRunning}}
	runs, err := s.Jobs.Runs(q.ctx(), q.actor(), f, job.RunPage{Ascending: true, Limit: homeItems})
	if err != nil {
		return nil, nil, err
	}
	bars, err := s.Jobs.Bars(q.ctx(), q.actor(), jobsOf(runs.Items), barsPerJob)
	if err != nil {
		return nil, nil, err
	}
	var list []page.RunningItem
	var over []page.Attention
	for _, r := range runs.Items {
		usual, longest := usualOf(bars[r.JobID])
		list = append(list, page.RunningItem{Run: r, Usual: usual})
		if !overrunning(r.Elapsed(now), longest) {
			continue
		}
		j, err := s.jobIfThere(q, r.JobID)
		if err != nil {
			return nil, nil, err
		}
		if j != nil {
			over = append(over, page.Attention{Job: *j, Run: &r, Since: r.StartedAt, Trouble: page.TroubleOverrun, Usual: usual})
		}
	}
	return list, over, nil
}

// upcoming lists what is due within the hour, and what should have begun and has not.
func (s *Server) upcoming(q *request, now time.Time) (next []page.NextItem, late []page.Attention, err error) {
	f := job.Filter{States: []job.State{job.Active}}
	jobs, err := s.Jobs.Jobs(q.ctx(), q.actor(), f, job.JobPage{Sort: job.SortNextRun, Limit: homeItems})
	if err != nil {
		return nil, nil, err
	}
	for _, j := range jobs.Items {
		switch {
		case j.NextRunAt.IsZero() || j.NextRunAt.After(now.Add(time.Hour)):
		case j.NextRunAt.Before(now.Add(-max(j.Grace.Duration(), lateJob))):
			late = append(late, page.Attention{Job: j, Since: j.NextRunAt, Trouble: page.TroubleLate})
		default:
			next = append(next, page.NextItem{Job: j, Zone: s.zoneOf(j)})
		}
	}
	return next, late, nil
}

// zoneOf is a job's zone; the server's if it names none, or one that is no more.
func (s *Server) zoneOf(j job.Job) *time.Location {
	zone, err := job.LoadZone(j.Schedule.Zone, s.Jobs.Zone())
	if err != nil {
		return s.Jobs.Zone()
	}
	return zone
}
