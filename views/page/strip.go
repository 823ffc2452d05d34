package page

import (
	"context"
	"fmt"
	"math"
	"net/url"
	"strconv"
	"strings"
	"time"

	"carillon/internal/i18n"
	"carillon/internal/job"
	"carillon/internal/route"
	"carillon/views/component"
)

// Sizes of the strip, in pixels of the drawing; it is stretched to the page's width.
const (
	stripStep   = 10
	stripBar    = 8
	stripHeight = 56
	stripLeast  = 3 // of a part of a bar
)

// stripState is what the strip tells apart: states of one tone stand together.
type stripState struct {
	tone   string
	query  string // of the run list
	word   string // message id
	states []job.RunState
}

// stripStates are the parts of a bar, the lowest first: what went wrong stands on the line.
func stripStates() []stripState {
	return []stripState{
		{"failed", "bad", "ui.run.bad", []job.RunState{job.RunFailed, job.RunTimedOut, job.RunLost}},
		{"warning", "missed", "ui.run.missed", []job.RunState{job.RunMissed}},
		{"ok", "succeeded", "ui.run.succeeded", []job.RunState{job.RunSucceeded}},
		{"waiting", "cancelled", "ui.run.cancelled", []job.RunState{job.RunCancelled}},
		{"waiting", "skipped", "ui.run.skipped", []job.RunState{job.RunSkipped}},
	}
}

// stripCount is a number of runs of one part. More says that there are more than that.
type stripCount struct {
	stripState
	n    int
	more bool
}

func (c stripCount) text() string {
	if c.more {
		return strconv.Itoa(c.n) + "+"
	}
	return strconv.Itoa(c.n)
}

// count counts a slot's runs of one part.
func (s Strip) count(slot job.Slot, part stripState) stripCount {
	c := stripCount{stripState: part}
	for _, state := range part.states {
		n := slot.Runs[state]
		c.n += min(n, s.Limit)
		c.more = c.more || n > s.Limit
	}
	return c
}

// counts lists the parts of a slot that are not empty.
func (s Strip) counts(slot job.Slot) []stripCount {
	var list []stripCount
	for _, part := range stripStates() {
		if c := s.count(slot, part); c.n > 0 {
			list = append(list, c)
		}
	}
	return list
}

// totals sums up the whole strip, part by part.
func (s Strip) totals() []stripCount {
	var list []stripCount
	for _, part := range stripStates() {
		sum := stripCount{stripState: part}
		for _, slot := range s.Slots {
			c := s.count(slot, part)
			sum.n += c.n
			sum.more = sum.more || c.more
		}
		if sum.n > 0 {
			list = append(list, sum)
		}
	}
	return list
}

// stripSlot is one bar as it is drawn.
type stripSlot struct {
	url, title string
	x          int
	parts      []component.Rect
}

// bars draws the slots. Heights follow the square root of the number, so that a quiet
// hour is still seen beside a busy one; a part that is there at all can be seen.
func (s Strip) bars(ctx context.Context, zone *time.Location) []stripSlot {
	most := 1
	for _, slot := range s.Slots {
		most = max(most, sum(s.counts(slot)))
	}
	var list []stripSlot
	for i, slot := range s.Slots {
		counts := s.counts(slot)
		bar := stripSlot{
			x: i * stripStep, url: slotURL(ctx, slot.From, slot.From.Add(s.Width), zone, ""),
			title: slotTitle(ctx, slot, s.Width, counts, zone),
		}
		total := sum(counts)
		height := float64(stripHeight) * math.Sqrt(float64(total)/float64(most))
		top := stripHeight
		for _, c := range counts {
			part := max(stripLeast, int(math.Round(height*float64(c.n)/float64(total))))
			top = max(0, top-part)
			bar.parts = append(bar.parts, component.Rect{Tone: c.tone, X: bar.x + 1, Y: top, Width: stripBar, Height: part})
		}
		list = append(list, bar)
	}
	return list
}

func sum(counts []stripCount) int {
	n := 0
	for _, c := range counts {
		n += c.n
	}
	return n
}

// slotTitle says when the slot was and what ran.
func slotTitle(ctx context.Context, slot job.Slot, width time.Duration, counts []stripCount, zone *time.Location) string {
	if zone == nil {
		zone = time.UTC
	}
	words := make([]string, 0, len(counts))
	for _, c := range counts {
		words = append(words, i18n.T(ctx, "ui.strip.part", "number", c.text(), "state", i18n.T(ctx, c.word)))
	}
	what := i18n.T(ctx, "ui.strip.no_runs")
	if len(words) > 0 {
		what = strings.Join(words, i18n.T(ctx, "ui.list_comma"))
	}
	from, to := slot.From.In(zone), slot.From.Add(width).In(zone)
	return fmt.Sprintf("%s–%s · %s", from.Format("15:04"), to.Format("15:04 MST"), what)
}

// slotURL is the list of the runs made within a span of time; of one state, if given.
func slotURL(ctx context.Context, from, to time.Time, zone *time.Location, state string) string {
	if zone == nil {
		zone = time.UTC
	}
	const local = "2006-01-02T15:04"
	query := url.Values{"from": {from.In(zone).Format(local)}}
	if !to.IsZero() {
		query.Set("to", to.In(zone).Format(local))
	}
	if state != "" {
		query.Set("state", state)
	}
	return route.With(route.Runs(ctx), query)
}

// from is when the strip begins.
func (s Strip) from() time.Time {
	if len(s.Slots) == 0 {
		return time.Time{}
	}
	return s.Slots[0].From
}

// marks are the times written beneath the strip: its beginning and its quarters.
func (s Strip) marks(zone *time.Location) []string {
	if zone == nil {
		zone = time.UTC
	}
	span := time.Duration(len(s.Slots)) * s.Width
	var list []string
	for i := range 4 {
		list = append(list, s.from().Add(span*time.Duration(i)/4).In(zone).Format("15:04"))
	}
	return list
}
