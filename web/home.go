package web

import (
	"net/http"
	"slices"
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
	if m.Attention, err = s.attention(q); err != nil {
		return m, err
	}
	if m.Running, err = s.running(q, m.Now); err != nil {
		return m, err
	}
	m.NextHour, m.Quiet, err = s.upcoming(q, m.Now)
	return m, err
}

// firstSteps fills the first page of a new installation and reports whether this is one:
// there is at most one job, and at most one run has ended, whose output is the last step.
func (s *Server) firstSteps(q *request, m *page.HomeModel) (bool, error) {
	jobs, err := s.Jobs.Jobs(q.ctx(), q.actor(), job.Filter{}, job.JobPage{Sort: job.SortCreated, Limit: 2})
	if err != nil || len(jobs.Items) > 1 {
		return false, err
	}
	ended, err := s.Jobs.Runs(q.ctx(), q.actor(), job.RunFilter{Ended: true}, job.RunPage{Limit: 2})
	if err != nil || len(ended.Items) > 1 {
		return false, err
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

// attention lists the jobs whose last run went wrong and those that were given up,
// newest trouble first.
func (s *Server) attention(q *request) ([]page.Attention, error) {
	abandoned := true
	filters := []job.Filter{
		{Abandoned: &abandoned},
		{LastOutcome: job.RunFailed}, {LastOutcome: job.RunTimedOut}, {LastOutcome: job.RunLost},
	}
	var list []page.Attention
	seen := map[job.ID]bool{}
	for _, f := range filters {
		jobs, err := s.Jobs.Jobs(q.ctx(), q.actor(), f, job.JobPage{Sort: job.SortLastRun, Desc: true, Limit: homeItems})
		if err != nil {
			return nil, err
		}
		for _, j := range jobs.Items {
			if seen[j.ID] || j.State == job.Stopped && !j.Abandoned {
				continue
			}
			seen[j.ID] = true
			run, err := s.lastRun(q, j)
			if err != nil {
				return nil, err
			}
			list = append(list, page.Attention{Job: j, Run: run, Since: j.LastRunAt})
		}
	}
	slices.SortStableFunc(list, func(a, b page.Attention) int { return b.Since.Compare(a.Since) })
	return list[:min(len(list), homeItems)], nil
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

// running lists the runs in flight with what their jobs usually take.
func (s *Server) running(q *request, now time.Time) ([]page.RunningItem, error) {
	f := job.RunFilter{States: []job.RunState{job.RunRunning}}
	runs, err := s.Jobs.Runs(q.ctx(), q.actor(), f, job.RunPage{Limit: homeItems})
	if err != nil {
		return nil, err
	}
	usual := map[job.ID]time.Duration{}
	var list []page.RunningItem
	for _, r := range runs.Items {
		if _, known := usual[r.JobID]; !known {
			stats, err := s.Jobs.Stats(q.ctx(), q.actor(), r.JobID, now.Add(-statsSince))
			if err != nil {
				return nil, err
			}
			usual[r.JobID] = stats.P50
		}
		list = append(list, page.RunningItem{Run: r, Usual: usual[r.JobID]})
	}
	return list, nil
}

// upcoming lists what is due within the hour, and what should have begun and has not.
func (s *Server) upcoming(q *request, now time.Time) (next []page.NextItem, quiet []page.Attention, err error) {
	f := job.Filter{States: []job.State{job.Active}}
	jobs, err := s.Jobs.Jobs(q.ctx(), q.actor(), f, job.JobPage{Sort: job.SortNextRun, Limit: homeItems})
	if err != nil {
		return nil, nil, err
	}
	for _, j := range jobs.Items {
		switch {
		case j.NextRunAt.IsZero() || j.NextRunAt.After(now.Add(time.Hour)):
		case j.NextRunAt.Before(now.Add(-j.Grace.Duration())):
			quiet = append(quiet, page.Attention{Job: j, Since: j.NextRunAt})
		default:
			next = append(next, page.NextItem{Job: j, Zone: s.zoneOf(j)})
		}
	}
	return next, quiet, nil
}

// zoneOf is a job's zone; the server's if it names none, or one that is no more.
func (s *Server) zoneOf(j job.Job) *time.Location {
	zone, err := job.LoadZone(j.Schedule.Zone, s.Jobs.Zone())
	if err != nil {
		return s.Jobs.Zone()
	}
	return zone
}
