package web

import (
	"slices"
	"sync"
	"time"

	"carillon/internal/job"
	"carillon/views/page"
)

// The strip of the last day.
const (
	stripSlots = 96
	stripWidth = 15 * time.Minute
	// stripLimit is how many runs of one state a slot counts exactly.
	stripLimit = 500
)

// homeFacts are what the first page shows and what costs more than a few reads. They are
// the same for everybody, and good for factsFor.
type homeFacts struct {
	strip page.Strip
	quiet []page.Attention
}

const factsFor = 5 * time.Second

// recentValue keeps something for a few seconds. While one asks for it anew, others wait.
type recentValue[T any] struct {
	mu    sync.Mutex
	at    time.Time // zero: never asked
	value T
}

// get returns the value, made anew by ask if it is older than factsFor. A failure is not kept.
func (r *recentValue[T]) get(now time.Time, ask func() (T, error)) (T, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if age := now.Sub(r.at); !r.at.IsZero() && age >= 0 && age < factsFor {
		return r.value, nil
	}
	fresh, err := ask()
	if err != nil {
		return fresh, err
	}
	r.at, r.value = now, fresh
	return fresh, nil
}

func (s *Server) slowFacts(q *request, now time.Time) (homeFacts, error) {
	facts := homeFacts{strip: page.Strip{Width: stripWidth, Limit: stripLimit}}
	from := now.Truncate(stripWidth).Add(-(stripSlots - 1) * stripWidth)
	var err error
	if facts.strip.Slots, err = s.Jobs.Slots(q.ctx(), q.actor(), from, stripWidth, stripSlots, stripLimit); err != nil {
		return facts, err
	}
	facts.quiet, err = s.quiet(q, now)
	return facts, err
}

const (
	// quietRuns is how many of the newest runs that came to nothing are looked at, of each sort.
	quietRuns = 100
	// quietLeast is how many runs of a job must come to nothing, one after the other.
	quietLeast = 3
	// quietGap is how often a job must be planned to be missed when it is quiet: daily. A
	// day on which clocks go back has 25 hours.
	quietGap = 25 * time.Hour
)

// quiet lists active jobs, planned at least daily, whose last three planned times or more
// went by without a success. Such a job leaves runs that were skipped, missed or cancelled,
// or it would stand under the failed or late ones; so that is where they are looked for.
func (s *Server) quiet(q *request, now time.Time) ([]page.Attention, error) {
	ids, err := s.cameToNothing(q)
	if err != nil {
		return nil, err
	}
	bars, err := s.Jobs.Bars(q.ctx(), q.actor(), ids, barsPerJob)
	if err != nil {
		return nil, err
	}
	var list []page.Attention
	for _, id := range ids {
		if !allInVain(bars[id], now) {
			continue
		}
		j, err := s.jobIfThere(q, id)
		if err != nil {
			return nil, err
		}
		if j == nil || j.State != job.Active || !daily(*j, now, s.Jobs.Zone()) {
			continue
		}
		since, err := s.lastSuccess(q, *j)
		if err != nil {
			return nil, err
		}
		list = append(list, page.Attention{Job: *j, Since: since, Trouble: page.TroubleQuiet})
	}
	slices.SortStableFunc(list, func(a, b page.Attention) int { return a.Since.Compare(b.Since) })
	return list, nil
}

// cameToNothing lists the jobs of the newest runs that were skipped, missed or cancelled.
func (s *Server) cameToNothing(q *request) ([]job.ID, error) {
	var ids []job.ID
	for _, state := range []job.RunState{job.RunSkipped, job.RunMissed, job.RunCancelled} {
		f := job.RunFilter{States: []job.RunState{state}}
		runs, err := s.Jobs.Runs(q.ctx(), q.actor(), f, job.RunPage{Limit: quietRuns})
		if err != nil {
			return nil, err
		}
		for _, id := range jobsOf(runs.Items) {
			if !slices.Contains(ids, id) {
				ids = append(ids, id)
			}
		}
	}
	return ids[:min(len(ids), homeItems)], nil
}

// allInVain reports whether none of a job's newest runs succeeded. One that is at work,
// and does not take longer than usual, gives hope: what it makes others skip is in order.
func allInVain(bars []job.Bar, now time.Time) bool {
	_, longest := usualOf(bars)
	vain := 0
	for _, b := range bars {
		switch {
		case b.State == job.RunSucceeded:
			return vain >= quietLeast
		case b.State != job.RunRunning:
			vain++
		case longest > 0 && !overrunning(now.Sub(b.StartedAt), longest):
			return false
		}
	}
	return vain >= quietLeast
}

// daily reports whether a job is planned at least once a day from now on.
func daily(j job.Job, now time.Time, zone *time.Location) bool {
	plan, err := j.Schedule.Compile(zone)
	if err != nil {
		return false
	}
	first, ok := plan.Next(now)
	if !ok {
		return false
	}
	second, ok := plan.Next(first)
	return ok && second.Sub(first) <= quietGap
}

// lastSuccess is when a job last succeeded; when it was made if it never has, as far as
// one looks back.
func (s *Server) lastSuccess(q *request, j job.Job) (time.Time, error) {
	if j.LastOutcome == job.RunSucceeded {
		return j.LastRunAt, nil
	}
	good, ok, err := s.Jobs.LastGood(q.ctx(), q.actor(), j.ID, job.Run{})
	if err != nil || ok {
		return good.StartedAt, err
	}
	return j.CreatedAt, nil
}
