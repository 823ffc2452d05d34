package page

import (
	"context"
	"encoding/json"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/a-h/templ"

	"carillon/internal/i18n"
	"carillon/internal/job"
	"carillon/internal/route"
	"carillon/views/layout"
)

// JobShow is one job's page.
func JobShow(m JobShowModel) templ.Component { return layout.Part(m.Shell, jobShow(m)) }

// JobShowLive is the part of a job's page that changes by itself.
func JobShowLive(m JobShowModel) templ.Component { return layout.Part(m.Shell, jobShowLive(m)) }

// Revision is one kept version of a job.
func Revision(m RevisionModel) templ.Component { return layout.Part(m.Shell, revision(m)) }

// eventsURL is the stream of changes since the page was made: of one job or run if name
// says which of the two id is of, else of all.
func eventsURL(ctx context.Context, s layout.Shell, name, id string) string {
	v := url.Values{}
	if name != "" {
		v.Set(name, id)
	}
	if s.Seen != "" {
		v.Set("seen", s.Seen)
	}
	return route.With(route.Events(ctx), v)
}

// successRate is the share of good runs in percent; "–" if there were none.
func successRate(s job.Stats) string {
	if s.Total == 0 {
		return "–"
	}
	percent := float64(s.Succeeded) * 100 / float64(s.Total)
	return strconv.FormatFloat(percent, 'f', 1, 64) + " %"
}

// labelled is a name with its value in words.
type labelled struct{ Label, Value string }

// limits lists those limits of a definition that differ from "none".
func limits(ctx context.Context, d job.Definition) []labelled {
	var list []labelled
	add := func(on bool, word, value string) {
		if on {
			list = append(list, labelled{i18n.T(ctx, word), value})
		}
	}
	span := func(s job.Seconds) string { return i18n.Duration(ctx, s.Duration()) }
	add(d.Timeout > 0, "ui.field.timeout", span(d.Timeout))
	add(d.Retry.Limit != 0, "ui.fact.retries", retryWords(ctx, d.Retry))
	add(d.MaxTries > 0, "ui.field.max_tries", i18n.T(ctx, "ui.fact.failures", "count", d.MaxTries))
	add(d.MaxCount > 0, "ui.field.max_count", i18n.T(ctx, "ui.fact.runs", "count", d.MaxCount))
	add(d.Overlap != "", "ui.field.overlap", i18n.T(ctx, "ui.overlap."+string(d.Overlap)))
	add(d.Misfire != "", "ui.field.misfire", i18n.T(ctx, "ui.misfire."+string(d.Misfire)))
	add(d.Priority != job.Normal && d.Priority != 0, "ui.field.priority", priorityWords(ctx, d.Priority))
	add(d.Node != "", "ui.field.node", d.Node)
	add(d.LockTimeout > 0, "ui.field.lock_timeout", span(d.LockTimeout))
	add(d.Schedule.Jitter > 0, "ui.field.jitter", span(d.Schedule.Jitter))
	return list
}

func retryWords(ctx context.Context, r job.Retry) string {
	words := i18n.T(ctx, "ui.fact.retry_unlimited")
	if r.Limit > 0 {
		words = i18n.T(ctx, "ui.fact.retry_limit", "count", r.Limit)
	}
	if r.Delay > 0 {
		words += ", " + i18n.T(ctx, "ui.fact.retry_delay", "delay", i18n.Duration(ctx, r.Delay.Duration()))
	}
	if r.Factor > 1 {
		words += " × " + strconv.FormatFloat(r.Factor, 'g', 3, 64)
	}
	return words
}

func priorityWords(ctx context.Context, p job.Priority) string {
	return i18n.T(ctx, "ui.priority."+strconv.Itoa(int(p)))
}

// argsList are a kind's parameters with their values, in the kind's order; parameters
// that the kind does not know come last.
func argsList(ctx context.Context, kind job.KindSpec, args job.Args) []labelled {
	var list []labelled
	seen := map[string]bool{}
	for _, p := range kind.Params {
		seen[p.Name] = true
		if value, ok := args[p.Name]; ok && argText(value) != "" {
			list = append(list, labelled{paramLabel(ctx, kind.Name, p.Name), argText(value)})
		}
	}
	var rest []string
	for name := range args {
		if !seen[name] {
			rest = append(rest, name)
		}
	}
	slices.Sort(rest)
	for _, name := range rest {
		list = append(list, labelled{name, argText(args[name])})
	}
	return list
}

// paramLabel is a parameter's name in words.
func paramLabel(ctx context.Context, kind, param string) string {
	if label := kindText(ctx, kind, "param."+param+".label"); label != "" {
		return label
	}
	return param
}

// argText prints a parameter's value: texts as they are, objects a name a line, the rest as JSON.
func argText(value any) string {
	switch v := value.(type) {
	case nil:
		return ""
	case string:
		return v
	case map[string]any:
		var lines []string
		for name, text := range v {
			lines = append(lines, fmt.Sprintf("%s=%v", name, text))
		}
		slices.Sort(lines)
		return strings.Join(lines, "\n")
	default:
		raw, err := json.Marshal(v)
		if err != nil {
			return fmt.Sprint(v)
		}
		return string(raw)
	}
}

// multiline reports whether a value needs a block of its own.
func (l labelled) multiline() bool { return strings.Contains(l.Value, "\n") || len(l.Value) > 80 }

// says reports whether a summary tells more than the parameters below it.
func says(summary string, args job.Args) bool {
	if summary == "" {
		return false
	}
	for _, value := range args {
		if argText(value) == summary {
			return false
		}
	}
	return true
}
