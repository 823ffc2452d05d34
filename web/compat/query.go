package compat

import (
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"carillon/internal/apperr"
	"carillon/internal/job"
)

// Sizes of pages.
const (
	DefaultPage = 10
	MaxPage     = 1000
)

// JobQuery reads the query of the job list. Names are matched without case. none is
// true when no job can match.
func JobQuery(v url.Values, zone *time.Location) (f job.Filter, p job.JobPage, none bool, err error) {
	q := query{v: lower(v), zone: zone}
	f = job.Filter{Text: q.text("filter"), Name: q.text("name"), Group: q.text("group"), Kind: q.text("type")}
	f.BeginFrom, f.EndTo = q.time("beginTime"), q.time("endTime")
	f.LastRunFrom, f.LastRunTo = q.time("beginLastRunTime"), q.time("endLastRunTime")
	f.CreatedFrom, f.CreatedTo = q.time("beginCreationTime"), q.time("endCreationTime")
	f.Abandoned = q.boolean("isAbandoned")
	if n, ok := q.number("priority"); ok {
		f.Priority = job.Priority(n)
		none = !slices.Contains(job.Priorities(), f.Priority)
	}
	if n, ok := q.number("jobType"); ok {
		var known bool
		f.Type, known = JobType(n).ScheduleType()
		none = none || !known
	}
	if n, ok := q.number("source"); ok {
		var known bool
		f.Source, known = Source(n).Source()
		none = none || !known
	}
	if n, ok := q.number("status"); ok {
		none = !byStatus(&f, Status(n)) || none
	}
	p.Sort, p.Desc = q.jobSort()
	p.Offset, p.Limit = q.page()
	return f, p, none, q.faults.Err()
}

// byStatus restricts a filter to a status; false if no job ever has it. A waiting retry
// is recognised by the job being active after a failure.
func byStatus(f *job.Filter, s Status) bool {
	switch s {
	case StatusCompleted:
		f.States = []job.State{job.Completed}
	case StatusQueuing:
		f.States = []job.State{job.Active}
	case StatusRunning:
		f.Running = true
	case StatusFailedRetry:
		f.States, f.LastOutcome = []job.State{job.Active}, job.RunFailed
	case StatusPaused:
		f.States = []job.State{job.Paused}
	case StatusStopped:
		f.States = []job.State{job.Stopped}
	default:
		return false
	}
	return true
}

// LogQuery reads the query of the log.
func LogQuery(v url.Values, zone *time.Location) (job.RunFilter, job.RunPage, error) {
	q := query{v: lower(v), zone: zone}
	f := job.RunFilter{
		JobID: job.ID(q.text("jobId")), Text: q.text("filter"), Name: q.text("name"), Group: q.text("group"), Kind: q.text("type"),
		From: q.time("beginRunTime"), To: q.time("endRunTime"), HasError: q.boolean("hasExceptions"),
		States: LogStates(),
	}
	var p job.RunPage
	p.Ascending = q.logSort()
	p.Offset, p.Limit = q.page()
	return f, p, q.faults.Err()
}

// query reads values and gathers faults under their names on the wire.
type query struct {
	v      url.Values
	zone   *time.Location
	faults apperr.Faults
}

func lower(v url.Values) url.Values {
	out := url.Values{}
	for name, values := range v {
		out[strings.ToLower(name)] = values
	}
	return out
}

func (q *query) text(name string) string { return strings.TrimSpace(q.v.Get(strings.ToLower(name))) }

func (q *query) number(name string) (int, bool) {
	text := q.text(name)
	if text == "" {
		return 0, false
	}
	n, err := strconv.Atoi(text)
	if err != nil {
		q.faults.Add(name, "web.fault.whole")
		return 0, false
	}
	return n, true
}

func (q *query) boolean(name string) *bool {
	text := q.text(name)
	if text == "" {
		return nil
	}
	yes, err := strconv.ParseBool(strings.ToLower(text))
	if err != nil {
		q.faults.Add(name, "web.fault.boolean")
		return nil
	}
	return &yes
}

func (q *query) time(name string) time.Time {
	text := q.text(name)
	if text == "" {
		return time.Time{}
	}
	// A "+" that was not encoded has become a space: "…T10:00:00 02:00".
	t, ok := ParseTime(text, q.zone)
	if !ok {
		if i := strings.LastIndexByte(text, ' '); i > 0 {
			t, ok = ParseTime(text[:i]+"+"+text[i+1:], q.zone)
		}
	}
	if !ok {
		q.faults.Add(name, "web.fault.rfc3339")
	}
	return t
}

func (q *query) page() (offset, limit int) {
	limit = DefaultPage
	if n, ok := q.number("maxResultCount"); ok {
		if n < 1 || n > MaxPage {
			q.faults.Add("maxResultCount", "web.fault.range", "min", 1, "max", MaxPage)
		}
		limit = min(max(n, 1), MaxPage)
	}
	if n, ok := q.number("skipCount"); ok {
		if n < 0 {
			q.faults.Add("skipCount", "web.fault.range", "min", 0, "max", 1<<31-1)
		}
		offset = min(max(n, 0), 1<<31-1)
	}
	return offset, limit
}

// sorting reads "field", "field desc" or "field asc"; of several orders the first counts.
func (q *query) sorting() (field string, desc bool) {
	first, _, _ := strings.Cut(q.text("sorting"), ",")
	words := strings.Fields(strings.ToLower(first))
	if len(words) == 0 {
		return "", false
	}
	switch {
	case len(words) > 2, len(words) == 2 && words[1] != "desc" && words[1] != "asc" && words[1] != "descending" && words[1] != "ascending":
		q.faults.Add("sorting", "web.fault.sorting")
	case len(words) == 2:
		desc = strings.HasPrefix(words[1], "desc")
	}
	return words[0], desc
}

// jobSort is the order of jobs: newest first if none is asked for.
func (q *query) jobSort() (job.JobSort, bool) {
	field, desc := q.sorting()
	switch field {
	case "":
		return job.SortCreated, true
	case "name":
		return job.SortName, desc
	case "group":
		return job.SortGroupName, desc
	case "creationtime":
		return job.SortCreated, desc
	case "nextruntime":
		return job.SortNextRun, desc
	case "lastruntime":
		return job.SortLastRun, desc
	case "priority":
		return job.SortPriority, desc
	default:
		q.faults.Add("sorting", "web.fault.sorting")
		return job.SortCreated, true
	}
}

// logSort reports whether the log is asked for oldest first.
func (q *query) logSort() bool {
	field, desc := q.sorting()
	if field != "" && field != "runtime" && field != "id" {
		q.faults.Add("sorting", "web.fault.sorting")
	}
	return field != "" && !desc
}
