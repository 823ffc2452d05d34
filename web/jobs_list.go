package web

import (
	"net/http"
	"net/url"
	"slices"

	"carillon/internal/i18n"
	"carillon/internal/job"
	"carillon/views/layout"
	"carillon/views/page"
)

// Sizes of the job list.
const (
	jobsPerPage = 40
	barsPerJob  = 30
	countJobs   = 1000
)

// jobList is the list of jobs. Filter, sort and page are all in the URL.
func (s *Server) jobList(q *request) error {
	model, err := s.jobListModel(q, q.query())
	if err != nil {
		return err
	}
	if q.wants(page.JobListLiveID) {
		return q.render(http.StatusOK, page.JobListLive(model))
	}
	return q.render(http.StatusOK, page.JobList(model))
}

func (s *Server) jobListModel(q *request, query url.Values) (page.JobListModel, error) {
	shell, err := q.shell(i18n.M("web.title.jobs"), layout.SectionJobs)
	shell.Query = query.Get("q")
	m := page.JobListModel{Shell: shell, Query: query, Kinds: s.Jobs.Kinds(), TotalLimit: countJobs}
	if err != nil {
		return m, err
	}
	filter := jobFilter(query)
	m.Sort, m.Desc = jobSort(query)
	jobs, err := s.Jobs.Jobs(q.ctx(), q.actor(), filter, job.JobPage{
		Sort: m.Sort, Desc: m.Desc, Limit: jobsPerPage, After: query.Get("after"),
	})
	if err != nil {
		return m, err
	}
	m.Next = jobs.Next
	if m.Rows, err = s.jobRows(q, jobs.Items); err != nil {
		return m, err
	}
	if m.Total, err = s.Jobs.CountJobs(q.ctx(), q.actor(), filter, countJobs); err != nil {
		return m, err
	}
	if m.Groups, err = s.Jobs.Groups(q.ctx(), q.actor()); err != nil {
		return m, err
	}
	m.Empty = len(m.Groups) == 0
	return m, nil
}

// jobFilter reads the list's filters; a value that means nothing does not restrict.
func jobFilter(query url.Values) job.Filter {
	f := job.Filter{
		Text: query.Get("q"), Group: query.Get("group"), Kind: query.Get("kind"),
		Tag: query.Get("tag"), Owner: query.Get("owner"), Node: query.Get("node"),
		HideSystem: query.Get("system") != "1",
	}
	switch state := query.Get("state"); state {
	case "running":
		f.Running = true
	case "abandoned":
		abandoned := true
		f.Abandoned = &abandoned
	default:
		if job.State(state).Valid() {
			f.States = []job.State{job.State(state)}
		}
	}
	if outcome := job.RunState(query.Get("outcome")); outcome.Valid() {
		f.LastOutcome = outcome
	}
	return f
}

func jobSort(query url.Values) (sort job.JobSort, desc bool) {
	sort = job.JobSort(query.Get("sort"))
	known := []job.JobSort{job.SortGroupName, job.SortName, job.SortNextRun, job.SortLastRun, job.SortCreated, job.SortPriority}
	if !slices.Contains(known, sort) {
		return job.SortGroupName, false
	}
	return sort, query.Get("desc") == "1"
}

// jobRows gathers what a list shows of each job.
func (s *Server) jobRows(q *request, jobs []job.Job) ([]page.JobRow, error) {
	ids := make([]job.ID, len(jobs))
	for i, j := range jobs {
		ids[i] = j.ID
	}
	live, err := s.Jobs.Live(q.ctx(), q.actor(), ids)
	if err != nil {
		return nil, err
	}
	bars, err := s.Jobs.Bars(q.ctx(), q.actor(), ids, barsPerJob)
	if err != nil {
		return nil, err
	}
	last, err := s.lastRuns(q, jobs)
	if err != nil {
		return nil, err
	}
	rows := make([]page.JobRow, len(jobs))
	for i, j := range jobs {
		rows[i] = page.JobRow{Job: j, Live: live[j.ID], Bars: bars[j.ID], Zone: s.zoneOf(j)}
		if last := last[j.ID]; last != nil {
			rows[i].LastTrigger, rows[i].LastActor = last.Trigger, last.Actor
		}
	}
	return rows, nil
}

// jobRow is the row of one job.
func (s *Server) jobRow(q *request, j job.Job) (page.JobRow, error) {
	rows, err := s.jobRows(q, []job.Job{j})
	if err != nil {
		return page.JobRow{}, err
	}
	return rows[0], nil
}
