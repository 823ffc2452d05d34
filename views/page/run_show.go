package page

import (
	"context"
	"net/url"
	"strconv"
	"time"

	"github.com/a-h/templ"

	"carillon/internal/i18n"
	"carillon/internal/job"
	"carillon/internal/route"
	"carillon/views/component"
	"carillon/views/layout"
)

// RunShow is one run's page.
func RunShow(m RunShowModel) templ.Component { return layout.Part(m.Shell, runShow(m)) }

// RunShowLive is the part of a run's page that changes with its state; the output is not in it.
func RunShowLive(m RunShowModel) templ.Component { return layout.Part(m.Shell, runShowLive(m)) }

// OutputParts are pieces of output, one after the other.
func OutputParts(parts []OutputPart) templ.Component { return outputParts(parts) }

// rowAction is the one action that stands in a run's row: cancel what is in flight.
func rowAction(ctx context.Context, s layout.Shell, r job.Run) (action, bool) {
	for _, a := range runActions(ctx, s, r, false) {
		if a.verb == "cancel" {
			return a, true
		}
	}
	return action{}, false
}

// runTime is when a run began, or when it came to be if it never did.
func runTime(r job.Run) time.Time {
	switch {
	case !r.StartedAt.IsZero():
		return r.StartedAt
	case !r.ScheduledAt.IsZero():
		return r.ScheduledAt
	default:
		return r.CreatedAt
	}
}

// streamURL is where the live output goes on after what the page shows.
func (m RunShowModel) streamURL(ctx context.Context) string {
	return route.With(route.RunStream(ctx, m.Run.ID), url.Values{"after": {strconv.FormatInt(m.Output.After, 10)}})
}

// step is one station of a run's way.
type step struct {
	word string
	at   time.Time
	note string
	tone string
}

// steps are the stations that the run has reached, in order.
func (m RunShowModel) steps(ctx context.Context) []step {
	r := m.Run
	var list []step
	add := func(word string, at time.Time, note, tone string) {
		if !at.IsZero() {
			list = append(list, step{word, at, note, tone})
		}
	}
	add("ui.step.due", r.ScheduledAt, "", "")
	add("ui.step.queued", r.CreatedAt, triggerWords(ctx, r.Trigger, r.Actor), "waiting")
	waited := ""
	if from := later(r.CreatedAt, r.AvailableAt); !r.StartedAt.IsZero() && r.StartedAt.Sub(from) >= time.Millisecond {
		waited = i18n.T(ctx, "ui.step.waited", "duration", i18n.Duration(ctx, r.StartedAt.Sub(from)))
	}
	add("ui.step.started", r.StartedAt, waited, "running")
	if !r.FinishedAt.IsZero() {
		note := ""
		if !r.StartedAt.IsZero() {
			note = i18n.T(ctx, "ui.step.took", "duration", i18n.Duration(ctx, r.Elapsed(m.Now)))
		}
		if r.OutputBytes > 0 { // the output's own heading is not redrawn when a run ends
			note += " · " + i18n.Bytes(r.OutputBytes)
		}
		add("ui.step.finished", r.FinishedAt, note, toneOf(r.State))
	}
	return list
}

func later(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}

func toneOf(s job.RunState) string { return component.RunLook(s).Tone }
