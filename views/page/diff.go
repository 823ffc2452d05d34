package page

import (
	"cmp"
	"context"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"carillon/internal/access"
	"carillon/internal/i18n"
	"carillon/internal/job"
	"carillon/internal/route"
)

// FieldChange is one field of a definition with its value before and after, as the text
// that a job form shows. Field is the form's name of it.
type FieldChange struct {
	Field      string
	Old, New   string
	HiddenOnly bool // only parts that are hidden from view differ
}

// fieldOrder is the order in which changes are told: that of the form.
func fieldOrder() []string {
	return []string{
		"kind", "args", "schedule.type", "schedule.cron", "schedule.every", "schedule.zone", "schedule.begin_at",
		"schedule.end_at", "schedule.jitter", "timeout", "retry.limit", "retry.delay", "retry.factor", "retry.max_delay",
		"overlap", "misfire", "grace", "misfire_cap", "priority", "max_count", "max_tries", "node", "lock_timeout",
		"retention.keep_runs", "retention.keep_days", "retention.keep_failed_days", "group", "name", "description", "owner", "tags",
	}
}

// SortChanges puts changes in the order of the form.
func SortChanges(changes []FieldChange) {
	order := fieldOrder()
	place := func(c FieldChange) int {
		field, _, _ := strings.Cut(c.Field, ".")
		if field != "args" {
			field = c.Field
		}
		return slices.Index(order, field)
	}
	slices.SortFunc(changes, func(a, b FieldChange) int {
		return cmp.Or(cmp.Compare(place(a), place(b)), cmp.Compare(a.Field, b.Field))
	})
}

// label is the field's name in words; that of a parameter comes from its kind.
func (c FieldChange) label(ctx context.Context, kind string) string {
	if param, ok := strings.CutPrefix(c.Field, "args."); ok {
		return paramLabel(ctx, kind, param)
	}
	return changeLabel(ctx, c.Field)
}

// words is a value as people say it; "" stays empty.
func (c FieldChange) words(ctx context.Context, value string) string {
	families := map[string]string{
		"overlap": "ui.overlap.", "misfire": "ui.misfire.", "priority": "ui.priority.", "schedule.type": "ui.schedule.",
	}
	if value == "" {
		return ""
	}
	if family, ok := families[c.Field]; ok {
		return known(ctx, family+value, value)
	}
	switch c.Field {
	case "kind":
		return kindName(ctx, value)
	case "schedule.cron":
		if words := i18n.CronWords(ctx, value); words != "" {
			return value + " · " + words
		}
	}
	return value
}

// long reports whether the values are compared line by line.
func (c FieldChange) long() bool {
	return strings.Contains(c.Old, "\n") || strings.Contains(c.New, "\n")
}

// RunDiff is what a failed run is compared with.
type RunDiff struct {
	// Good is the newest run of the job that succeeded before; zero if none is near enough.
	Good job.Run
	// Params are the parameters that differ, secrets masked.
	Params []FieldChange
}

// oldNew is one fact about two runs. Changed is set when they differ enough to matter.
type oldNew struct {
	Word     string // message id
	Old, New string
	Changed  bool
}

// facts compares the run with the last good one.
func (m RunShowModel) facts(ctx context.Context) []oldNew {
	good, run := m.Diff.Good, m.Run
	span := func(r job.Run) string { return i18n.Duration(ctx, r.Elapsed(m.Now)) }
	far := func(a, b float64) bool { return a > 1.5*b || b > 1.5*a }
	node := func(r job.Run) string { return cmp.Or(r.NodeID, "–") }
	return []oldNew{
		{"ui.field.node", node(good), node(run), good.NodeID != run.NodeID},
		{"ui.col.trigger", known(ctx, "ui.trigger."+string(good.Trigger), string(good.Trigger)), known(ctx, "ui.trigger."+string(run.Trigger), string(run.Trigger)), good.Trigger != run.Trigger},
		{"ui.col.duration", span(good), span(run), far(good.Elapsed(m.Now).Seconds()+0.2, run.Elapsed(m.Now).Seconds()+0.2)},
		{"ui.fact.output_size", i18n.Bytes(good.OutputBytes), i18n.Bytes(run.OutputBytes), far(float64(good.OutputBytes+64), float64(run.OutputBytes+64))},
	}
}

// unchanged names what is as it was in the last good run, in words; "" if nothing is.
func (m RunShowModel) unchanged(ctx context.Context) string {
	var names []string
	if m.Diff.Good.JobRevision == m.Run.JobRevision {
		names = append(names, i18n.T(ctx, "ui.diff.definition"))
	}
	if len(m.Diff.Params) == 0 {
		names = append(names, i18n.T(ctx, "ui.parameters"))
	}
	for _, f := range m.facts(ctx) {
		if !f.Changed {
			names = append(names, i18n.T(ctx, f.Word))
		}
	}
	return strings.Join(names, i18n.T(ctx, "ui.list_comma"))
}

// diffURL shows a revision against another one.
func diffURL(ctx context.Context, id job.ID, revision, against int64) string {
	return route.With(route.JobRevision(ctx, id, revision), url.Values{"against": {strconv.FormatInt(against, 10)}})
}

// restorable reports whether the reader may put the revision back in force.
func (m RevisionModel) restorable() bool {
	return m.Revision.Revision != m.Job.Revision && m.Allowed(access.JobsUpdate) && mayChange(m.Shell, m.Job)
}
