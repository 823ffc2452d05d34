package page

import (
	"context"
	"strconv"
	"strings"

	"github.com/a-h/templ"

	"carillon/internal/access"
	"carillon/internal/i18n"
	"carillon/internal/job"
	"carillon/internal/route"
	"carillon/views/component"
	"carillon/views/layout"
)

// JobList is the page of all jobs.
func JobList(m JobListModel) templ.Component { return layout.Part(m.Shell, jobList(m)) }

// JobListLive is the part of the job list that changes by itself.
func JobListLive(m JobListModel) templ.Component { return layout.Part(m.Shell, jobListPart(m)) }

// JobItem is one row of the job list.
func JobItem(s layout.Shell, row JobRow, kinds []job.KindSpec) templ.Component {
	return layout.Part(s, jobItem(s, row, kinds))
}

// url is the list's own URL with its filter, sort and page.
func (m JobListModel) url(ctx context.Context) string { return route.With(route.Jobs(ctx), m.Query) }

// band is a group's jobs that stand together on the page.
type band struct {
	group  string
	rows   []JobRow
	failed int
}

// bands splits the rows by group while the list is sorted by group; otherwise there is one band without a name.
func (m JobListModel) bands() []band {
	if m.Sort != job.SortGroupName && m.Sort != "" {
		return []band{{rows: m.Rows}}
	}
	var list []band
	for _, row := range m.Rows {
		if len(list) == 0 || list[len(list)-1].group != row.Job.Group {
			list = append(list, band{group: row.Job.Group})
		}
		last := &list[len(list)-1]
		last.rows = append(last.rows, row)
		if runBad(row.Job.LastOutcome) || row.Job.Abandoned {
			last.failed++
		}
	}
	return list
}

// grouped reports whether the bands have names.
func (m JobListModel) grouped() bool { return m.Sort == job.SortGroupName || m.Sort == "" }

// count says how many jobs match.
func (m JobListModel) count(ctx context.Context) string {
	if m.TotalLimit > 0 && m.Total > m.TotalLimit {
		return i18n.T(ctx, "ui.jobs_more_than", "limit", m.TotalLimit)
	}
	return i18n.T(ctx, "ui.jobs_count", "count", m.Total)
}

// filtered reports whether anything narrows the list.
func (m JobListModel) filtered() bool { return len(m.filters()) > 0 }

type filter struct{ name, label string }

// filters are the queries that are set, in the order in which chips stand.
func (m JobListModel) filters() []filter {
	var set []filter
	for _, f := range []filter{
		{"q", "ui.filter.text"}, {"group", "ui.filter.group"}, {"kind", "ui.filter.kind"},
		{"state", "ui.filter.state"}, {"outcome", "ui.filter.outcome"}, {"tag", "ui.filter.tag"}, {"owner", "ui.filter.owner"},
	} {
		if m.Query.Get(f.name) != "" {
			set = append(set, f)
		}
	}
	return set
}

// filterValue is a filter's value in words.
func (m JobListModel) filterValue(ctx context.Context, name string) string {
	value := m.Query.Get(name)
	switch name {
	case "kind":
		return kindName(ctx, value)
	case "state":
		return known(ctx, "ui.job."+value, value)
	case "outcome":
		return known(ctx, "ui.run."+value, value)
	default:
		return value
	}
}

func (m JobListModel) groupOptions(ctx context.Context) []component.Option {
	options := []component.Option{{Label: i18n.T(ctx, "ui.filter.any_group")}}
	for _, g := range m.Groups {
		options = append(options, component.Option{Value: g.Group, Label: g.Group + " (" + strconv.Itoa(g.Jobs) + ")"})
	}
	return options
}

func kindOptions(ctx context.Context, kinds []job.KindSpec) []component.Option {
	options := []component.Option{{Label: i18n.T(ctx, "ui.filter.any_kind")}}
	for _, k := range kinds {
		options = append(options, component.Option{Value: k.Name, Label: kindName(ctx, k.Name)})
	}
	return options
}

func stateOptions(ctx context.Context) []component.Option {
	options := []component.Option{{Label: i18n.T(ctx, "ui.filter.any_state")}}
	for _, s := range []string{"active", "running", "paused", "stopped", "completed", "abandoned"} {
		options = append(options, component.Option{Value: s, Label: i18n.T(ctx, "ui.job."+s)})
	}
	return options
}

func outcomeOptions(ctx context.Context) []component.Option {
	options := []component.Option{{Label: i18n.T(ctx, "ui.filter.any_outcome")}}
	for _, s := range []job.RunState{job.RunSucceeded, job.RunFailed, job.RunTimedOut, job.RunLost, job.RunCancelled} {
		options = append(options, component.Option{Value: string(s), Label: i18n.T(ctx, "ui.run."+string(s))})
	}
	return options
}

// sortURL sorts by a column: down and up in turn.
func (m JobListModel) sortURL(ctx context.Context, by job.JobSort) string {
	query := with(without(m.Query, "after", "desc"), "sort", string(by))
	if m.Sort == by && !m.Desc {
		query.Set("desc", "1")
	}
	return route.With(route.Jobs(ctx), query)
}

// ariaSort tells how the list is sorted by a column.
func (m JobListModel) ariaSort(by job.JobSort) string {
	switch {
	case m.Sort != by:
		return "none"
	case m.Desc:
		return "descending"
	default:
		return "ascending"
	}
}

// nextText says what stands in place of the next run when there is none.
func nextText(ctx context.Context, row JobRow) string {
	j := row.Job
	switch {
	case j.Abandoned:
		return i18n.T(ctx, "ui.next.abandoned", "count", j.TryCount)
	case j.State == job.Paused && !j.PausedUntil.IsZero():
		return i18n.T(ctx, "ui.next.paused_until", "time", i18n.Time(ctx, j.PausedUntil, row.Zone))
	case j.State == job.Paused:
		return i18n.T(ctx, "ui.next.paused")
	case j.State == job.Stopped:
		return i18n.T(ctx, "ui.next.stopped")
	case j.State == job.Completed:
		return i18n.T(ctx, "ui.next.completed")
	default:
		return i18n.T(ctx, "ui.next.none")
	}
}

// lastTook is the duration of the newest run that ended; "" when not known.
func (r JobRow) lastTook(ctx context.Context) string {
	for _, b := range r.Bars {
		if !b.StartedAt.IsZero() && !b.FinishedAt.IsZero() {
			return i18n.Duration(ctx, b.FinishedAt.Sub(b.StartedAt))
		}
	}
	return ""
}

// bulkVerbs are the verbs for many jobs that the user may use.
func (m JobListModel) bulkVerbs(ctx context.Context) []action {
	all := []struct {
		action
		needs access.Permission
	}{
		{action{verb: "trigger", icon: "play", word: "ui.verb.trigger"}, access.JobsTrigger},
		{action{verb: "pause", icon: "pause", word: "ui.verb.pause"}, access.JobsPause},
		{action{verb: "resume", icon: "circle-play", word: "ui.verb.resume"}, access.JobsResume},
		{action{verb: "stop", icon: "circle-stop", word: "ui.verb.stop", confirm: i18n.T(ctx, "ui.confirm.bulk_stop")}, access.JobsStop},
		{action{verb: "start", icon: "circle-play", word: "ui.verb.start"}, access.JobsStart},
		{action{verb: "delete", icon: "trash-2", word: "ui.verb.delete", danger: true, confirm: i18n.T(ctx, "ui.confirm.bulk_delete")}, access.JobsDelete},
	}
	var list []action
	for _, a := range all {
		if m.Allowed(a.needs) {
			list = append(list, a.action)
		}
	}
	return list
}

// dim reports whether the row stands back because the job does not fire.
func (r JobRow) dim() bool { return r.Job.State != job.Active && !r.Live.Any() && !r.Job.Abandoned }

// jobLabel is a job's full name.
func jobLabel(j job.Job) string { return strings.TrimPrefix(j.Group+"/"+j.Name, "/") }

// tone is that of the worst that happened.
func (r BulkReport) tone() string {
	switch {
	case len(r.Faults) == 0:
		return "ok"
	case r.Done == 0:
		return "failed"
	default:
		return "warning"
	}
}

// nextURL is the next page of the list; "" at the end.
func (m JobListModel) nextURL(ctx context.Context) string {
	if m.Next == "" {
		return ""
	}
	return route.With(route.Jobs(ctx), with(m.Query, "after", m.Next))
}

// firstURL is the first page; "" while it is open.
func (m JobListModel) firstURL(ctx context.Context) string {
	if m.Query.Get("after") == "" {
		return ""
	}
	return route.With(route.Jobs(ctx), without(m.Query, "after"))
}
