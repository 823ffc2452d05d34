package page

import (
	"context"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"carillon/internal/i18n"
	"carillon/internal/job"
	"carillon/internal/route"
)

// scheduleWords says a schedule in a sentence; the cron text itself if it cannot be said.
func scheduleWords(ctx context.Context, s job.Schedule, zone *time.Location) string {
	switch s.Type {
	case job.Cron:
		if words := i18n.CronWords(ctx, s.Cron); words != "" {
			return words
		}
		return s.Cron
	case job.Interval:
		return i18n.Every(ctx, s.Every.Duration())
	default:
		if s.BeginAt.IsZero() {
			return i18n.T(ctx, "cron.once")
		}
		return i18n.T(ctx, "cron.once_at", "time", i18n.Time(ctx, s.BeginAt, zone))
	}
}

// zoneName is the name of a zone; UTC if there is none.
func zoneName(zone *time.Location) string {
	if zone == nil {
		return time.UTC.String()
	}
	return zone.String()
}

// kindName is a kind's name in words; its stored name if the catalogs have none.
func kindName(ctx context.Context, kind string) string {
	return known(ctx, "kind."+strings.ToLower(kind)+".name", kind)
}

// kindText is a text of a kind, by the convention of job.KindSpec; "" if there is none.
func kindText(ctx context.Context, kind, rest string) string {
	return known(ctx, "kind."+strings.ToLower(kind)+"."+rest, "")
}

// known is the message id in words, or instead where the catalogs have no such message.
func known(ctx context.Context, id, instead string) string {
	if i18n.From(ctx).Has(id) {
		return i18n.T(ctx, id)
	}
	return instead
}

// kindIcon is the icon of a kind by its stored name.
func kindIcon(kinds []job.KindSpec, name string) string {
	for _, k := range kinds {
		if strings.EqualFold(k.Name, name) && k.Icon != "" {
			return k.Icon
		}
	}
	return "box"
}

// triggerWords says what caused a run and who.
func triggerWords(ctx context.Context, t job.Trigger, by job.By) string {
	trigger := known(ctx, "ui.trigger."+string(t), string(t))
	if by.Name != "" && t != job.TriggerSchedule {
		return i18n.T(ctx, "ui.trigger_by", "trigger", trigger, "name", by.Name)
	}
	return trigger
}

// byName is who did something; the system if nobody is named.
func byName(ctx context.Context, by job.By) string {
	if by.Name == "" {
		return i18n.T(ctx, "ui.by_system")
	}
	return by.Name
}

// runBad reports whether a run ended in a way that somebody should look at.
func runBad(s job.RunState) bool {
	return s == job.RunFailed || s == job.RunTimedOut || s == job.RunLost
}

// cause says in a sentence how a run came to its state.
func cause(ctx context.Context, r job.Run, now time.Time) string {
	took := i18n.Duration(ctx, r.Elapsed(now))
	kv := []any{"took", took, "node", r.NodeID, "name", byName(ctx, r.CancelActor), "count", r.Occurrences}
	switch {
	case r.State == job.RunFailed && r.ExitCode != nil && *r.ExitCode != 0:
		return i18n.T(ctx, "ui.cause.exit", append(kv, "code", strconv.Itoa(*r.ExitCode))...)
	case r.State == job.RunRunning && r.CancelReason != job.ReasonNone:
		return i18n.T(ctx, "ui.cause.cancelling", kv...)
	case r.State == job.RunCancelled && r.Reason == job.ReasonUser:
		return i18n.T(ctx, "ui.cause.cancelled_by", kv...)
	}
	if r.Reason != job.ReasonNone {
		if id := "ui.cause." + string(r.State) + "." + string(r.Reason); i18n.From(ctx).Has(id) {
			return i18n.T(ctx, id, kv...)
		}
	}
	return i18n.T(ctx, "ui.cause."+string(r.State), kv...)
}

// jobRunsURL is the list of all runs of a job.
func jobRunsURL(ctx context.Context, id job.ID) string {
	return route.With(route.Runs(ctx), url.Values{"job": {string(id)}})
}

// without returns a copy of a list's query with some names taken out.
func without(query url.Values, names ...string) url.Values {
	rest := url.Values{}
	for name, values := range query {
		if !slices.Contains(names, name) {
			rest[name] = values
		}
	}
	return rest
}

// with returns a copy of a list's query with one name set.
func with(query url.Values, name, value string) url.Values {
	rest := without(query)
	rest.Set(name, value)
	return rest
}
