package web

import (
	"slices"
	"time"

	"carillon/internal/job"
	"carillon/views/page"
)

// When something on the first page counts as trouble.
const (
	// lateJob is how long after its time a job that has not been dispatched is late, and
	// how long a run that could start waits without remark.
	lateJob = time.Minute
	// A run overruns when it takes longer than overrunFactor times the longest of its job's
	// last runs, and at least overrunLeast; of fewer than usualLeast runs nothing is usual.
	overrunFactor = 2
	overrunLeast  = 10 * time.Second
	usualLeast    = 5
	// missedFor is how long back missed runs are looked for.
	missedFor = 24 * time.Hour
)

// attention lists the jobs whose last run went wrong, those that were given up, those
// with missed or long waiting runs, and what was found before; newest trouble first.
func (s *Server) attention(q *request, now time.Time, found []page.Attention) ([]page.Attention, error) {
	failed, err := s.failed(q)
	if err != nil {
		return nil, err
	}
	waiting, err := s.waiting(q, now)
	if err != nil {
		return nil, err
	}
	missed, err := s.missed(q, now)
	if err != nil {
		return nil, err
	}
	list := slices.Concat(failed, found)
	for _, more := range [][]page.Attention{waiting, missed} {
		list = append(list, unless(more, list)...)
	}
	slices.SortStableFunc(list, func(a, b page.Attention) int { return b.Since.Compare(a.Since) })
	return list[:min(len(list), homeItems)], nil
}

// unless leaves out the jobs that stand in another list already.
func unless(list, others []page.Attention) []page.Attention {
	var rest []page.Attention
	for _, a := range list {
		if !slices.ContainsFunc(others, func(other page.Attention) bool { return other.Job.ID == a.Job.ID }) {
			rest = append(rest, a)
		}
	}
	return rest
}

// failed lists the jobs whose last run went wrong and those that were given up.
func (s *Server) failed(q *request) ([]page.Attention, error) {
	abandoned := true
	filters := []job.Filter{
		{Abandoned: &abandoned},
		{LastOutcome: job.RunFailed}, {LastOutcome: job.RunTimedOut}, {LastOutcome: job.RunLost},
	}
	var jobs []job.Job
	seen := map[job.ID]bool{}
	for _, f := range filters {
		found, err := s.Jobs.Jobs(q.ctx(), q.actor(), f, job.JobPage{Sort: job.SortLastRun, Desc: true, Limit: homeItems})
		if err != nil {
			return nil, err
		}
		for _, j := range found.Items {
			if !seen[j.ID] && (j.State != job.Stopped || j.Abandoned) {
				seen[j.ID] = true
				jobs = append(jobs, j)
			}
		}
	}
	slices.SortStableFunc(jobs, func(a, b job.Job) int { return b.LastRunAt.Compare(a.LastRunAt) })
	jobs = jobs[:min(len(jobs), homeItems)]
	runs, err := s.lastRuns(q, jobs)
	if err != nil {
		return nil, err
	}
	var list []page.Attention
	for _, j := range jobs {
		list = append(list, page.Attention{Job: j, Run: runs[j.ID], Since: j.LastRunAt})
	}
	return list, nil
}

// lastRuns reads the last runs of jobs; one whose job has none, or that retention has
// removed, is absent.
func (s *Server) lastRuns(q *request, jobs []job.Job) (map[job.ID]*job.Run, error) {
	var ids []job.RunID
	for _, j := range jobs {
		if j.LastRunID != "" {
			ids = append(ids, j.LastRunID)
		}
	}
	found, err := s.Jobs.RunsByID(q.ctx(), q.actor(), ids)
	last := make(map[job.ID]*job.Run, len(found))
	for _, run := range found {
		last[run.JobID] = &run
	}
	return last, err
}

// waiting lists runs that could have started long ago: no worker is free, or the node
// that they ask for is not there. One that waits for a run of its own job is in order.
func (s *Server) waiting(q *request, now time.Time) ([]page.Attention, error) {
	f := job.RunFilter{States: []job.RunState{job.RunQueued}}
	runs, err := s.Jobs.Runs(q.ctx(), q.actor(), f, job.RunPage{Ascending: true, Limit: homeItems})
	if err != nil {
		return nil, err
	}
	live, err := s.Jobs.Live(q.ctx(), q.actor(), jobsOf(runs.Items))
	if err != nil {
		return nil, err
	}
	var late []page.Attention
	for _, r := range runs.Items {
		if r.AvailableAt.Before(now.Add(-lateJob)) && live[r.JobID].Running == 0 {
			late = append(late, page.Attention{Run: &r, Since: r.AvailableAt, Trouble: page.TroubleWaiting})
		}
	}
	return s.withJobs(q, late, func(page.Attention) bool { return true })
}

// missed lists jobs with runs missed lately that no later run has made up for.
func (s *Server) missed(q *request, now time.Time) ([]page.Attention, error) {
	f := job.RunFilter{States: []job.RunState{job.RunMissed}, From: now.Add(-missedFor)}
	runs, err := s.Jobs.Runs(q.ctx(), q.actor(), f, job.RunPage{Limit: homeItems})
	if err != nil {
		return nil, err
	}
	var list []page.Attention
	for _, r := range runs.Items {
		if r.Reason != job.ReasonCoalesced { // that one has been made up for
			list = append(list, page.Attention{Run: &r, Since: r.CreatedAt, Trouble: page.TroubleMissed})
		}
	}
	return s.withJobs(q, list, func(a page.Attention) bool { return a.Job.LastRunAt.Before(a.Run.CreatedAt) })
}

// withJobs gives entries their jobs, one entry a job, and keeps those that fit; a job
// that was deleted needs nobody.
func (s *Server) withJobs(q *request, list []page.Attention, fits func(page.Attention) bool) ([]page.Attention, error) {
	var kept []page.Attention
	for _, a := range list {
		if slices.ContainsFunc(kept, func(k page.Attention) bool { return k.Job.ID == a.Run.JobID }) {
			continue
		}
		j, err := s.jobIfThere(q, a.Run.JobID)
		if err != nil {
			return nil, err
		}
		if j == nil {
			continue
		}
		a.Job = *j
		if fits(a) {
			kept = append(kept, a)
		}
	}
	return kept, nil
}

// jobsOf lists the jobs of runs, each once.
func jobsOf(runs []job.Run) []job.ID {
	var ids []job.ID
	for _, r := range runs {
		if !slices.Contains(ids, r.JobID) {
			ids = append(ids, r.JobID)
		}
	}
	return ids
}

// usualOf is what a job's runs usually take, and the longest of them; 0 of too few.
func usualOf(bars []job.Bar) (median, longest time.Duration) {
	var spans []time.Duration
	for _, b := range bars {
		if b.State == job.RunSucceeded {
			spans = append(spans, max(0, b.FinishedAt.Sub(b.StartedAt)))
		}
	}
	if len(spans) == 0 {
		return 0, 0
	}
	slices.Sort(spans)
	median = spans[len(spans)/2]
	if len(spans) >= usualLeast {
		longest = spans[len(spans)-1]
	}
	return median, longest
}

// overrunning reports whether a run takes much longer than its job's runs do.
func overrunning(elapsed, longest time.Duration) bool {
	return longest > 0 && elapsed > max(overrunLeast, overrunFactor*longest)
}
