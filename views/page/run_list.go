package page

import (
	"context"

	"github.com/a-h/templ"

	"carillon/internal/i18n"
	"carillon/internal/job"
	"carillon/internal/route"
	"carillon/views/component"
	"carillon/views/layout"
)

// RunList is the page of all runs.
func RunList(m RunListModel) templ.Component { return layout.Part(m.Shell, runList(m)) }

// RunListLive is the part of the run list that changes by itself.
func RunListLive(m RunListModel) templ.Component { return layout.Part(m.Shell, runListLive(m)) }

func (m RunListModel) url(ctx context.Context) string { return route.With(route.Runs(ctx), m.Query) }

func (m RunListModel) nextURL(ctx context.Context) string {
	if m.Next == "" {
		return ""
	}
	return route.With(route.Runs(ctx), with(m.Query, "after", m.Next))
}

func (m RunListModel) firstURL(ctx context.Context) string {
	if m.Query.Get("after") == "" {
		return ""
	}
	return route.With(route.Runs(ctx), without(m.Query, "after"))
}

// filters are the queries that are set.
func (m RunListModel) filters() []filter {
	var set []filter
	for _, f := range []filter{
		{"q", "ui.filter.text"}, {"job", "ui.col.job"}, {"group", "ui.filter.group"}, {"kind", "ui.filter.kind"},
		{"state", "ui.filter.state"}, {"trigger", "ui.col.trigger"}, {"from", "ui.filter.from"}, {"to", "ui.filter.to"},
	} {
		if m.Query.Get(f.name) != "" {
			set = append(set, f)
		}
	}
	return set
}

// filterValue is a filter's value in words.
func (m RunListModel) filterValue(ctx context.Context, name string) string {
	value := m.Query.Get(name)
	switch name {
	case "job":
		if m.Job != nil {
			return jobLabel(*m.Job)
		}
		return value
	case "kind":
		return kindName(ctx, value)
	case "state":
		return known(ctx, "ui.run."+value, value)
	case "trigger":
		return known(ctx, "ui.trigger."+value, value)
	default:
		return value
	}
}

func (m RunListModel) groupOptions(ctx context.Context) []component.Option {
	return JobListModel{Groups: m.Groups}.groupOptions(ctx)
}

func runStateOptions(ctx context.Context) []component.Option {
	options := []component.Option{
		{Label: i18n.T(ctx, "ui.filter.any_state")},
		{Value: "bad", Label: i18n.T(ctx, "ui.run.bad")},
	}
	for _, s := range []job.RunState{
		job.RunRunning, job.RunQueued, job.RunSucceeded, job.RunFailed, job.RunTimedOut,
		job.RunLost, job.RunCancelled, job.RunSkipped, job.RunMissed,
	} {
		options = append(options, component.Option{Value: string(s), Label: i18n.T(ctx, "ui.run."+string(s))})
	}
	return options
}

func triggerOptions(ctx context.Context) []component.Option {
	options := []component.Option{{Label: i18n.T(ctx, "ui.filter.any_trigger")}}
	for _, t := range []job.Trigger{
		job.TriggerSchedule, job.TriggerManual, job.TriggerAPI, job.TriggerRetry, job.TriggerCatchUp, job.TriggerChain,
	} {
		options = append(options, component.Option{Value: string(t), Label: i18n.T(ctx, "ui.trigger."+string(t))})
	}
	return options
}

// resultText is what a row of a run says of its result.
func resultText(ctx context.Context, r job.Run) string {
	if line := firstLine(r); line != "" {
		return line
	}
	if r.Reason != job.ReasonNone {
		return known(ctx, "reason."+string(r.Reason), string(r.Reason))
	}
	return ""
}
