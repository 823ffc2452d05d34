package page

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"slices"
	"time"

	"carillon/internal/i18n"
	"carillon/internal/job"
	"carillon/internal/route"
	"carillon/views/component"
)

// Sizes of the chart of durations, in pixels of the drawing; it is stretched to the page's width.
const (
	chartRuns   = 100
	chartStep   = 10
	chartBar    = 7
	chartHeight = 96
	chartLeast  = 2
	chartMark   = 6 // height of the mark above a run that went wrong
)

// chart is what the job page draws of its history: the durations of the last runs that
// began, the oldest first.
type chart struct {
	runs    []job.Run
	longest time.Duration
	usual   time.Duration // median of the runs that succeeded; 0 of none
	now     time.Time
}

// chart takes the runs that began from the model's history.
func (m JobShowModel) chart() chart {
	c := chart{now: m.Now}
	var good []time.Duration
	for _, r := range m.History[:min(len(m.History), chartRuns)] {
		if r.StartedAt.IsZero() {
			continue
		}
		c.runs = append(c.runs, r)
		c.longest = max(c.longest, r.Elapsed(m.Now))
		if r.State == job.RunSucceeded {
			good = append(good, r.Elapsed(m.Now))
		}
	}
	slices.Reverse(c.runs)
	if len(good) > 0 {
		slices.Sort(good)
		c.usual = good[len(good)/2]
	}
	return c
}

// height is that of a duration in the drawing. Room for a mark is left above the longest.
func (c chart) height(d time.Duration) int {
	if c.longest <= 0 {
		return chartLeast
	}
	room := float64(chartHeight - chartMark - 2)
	return max(chartLeast, int(math.Round(room*float64(d)/float64(c.longest))))
}

// width is that of the drawing, which has room for so many runs at least, lest a few
// become blocks.
func (c chart) width() int { return max(len(c.runs), chartRuns/2) * chartStep }

// place is where a run stands: the newest at the right edge.
func (c chart) place(i int) int { return c.width() - (len(c.runs)-i)*chartStep }

// chartItem is one run as it is drawn.
type chartItem struct {
	url, title string
	x          int
	bar        component.Rect
	bad        bool
	path       string // the mark of a bad run: a small cross above the bar
}

func (c chart) items(ctx context.Context) []chartItem {
	list := make([]chartItem, 0, len(c.runs))
	for i, r := range c.runs {
		height := c.height(r.Elapsed(c.now))
		x, top := c.place(i), chartHeight-height
		item := chartItem{
			url: route.Run(ctx, r.ID), x: x, bad: runBad(r.State),
			bar:   component.Rect{Tone: component.RunLook(r.State).Tone, X: x + 1, Y: top, Width: chartBar, Height: height},
			title: fmt.Sprintf("%s · %s · %s", i18n.T(ctx, component.RunLook(r.State).Word), i18n.Duration(ctx, r.Elapsed(c.now)), i18n.Ago(ctx, r.StartedAt, c.now)),
		}
		if item.bad {
			item.path = fmt.Sprintf("M%d %dl5 5m0 -5l-5 5", x+2, top-chartMark-1)
		}
		list = append(list, item)
	}
	return list
}

// edit is a change of the definition between two runs.
type edit struct {
	x        int
	revision int64
	at       time.Time // when the first run with it began
}

// edits are the places where the definition changed.
func (c chart) edits() []edit {
	var list []edit
	for i, r := range c.runs {
		if i > 0 && r.JobRevision != c.runs[i-1].JobRevision {
			list = append(list, edit{x: c.place(i) - 1, revision: r.JobRevision, at: r.StartedAt})
		}
	}
	return list
}

// failures counts the runs that went wrong.
func (c chart) failures() int {
	n := 0
	for _, r := range c.runs {
		if runBad(r.State) {
			n++
		}
	}
	return n
}

// summary says in words what the drawing shows.
func (c chart) summary(ctx context.Context) string {
	words := i18n.T(ctx, "ui.chart.summary", "count", len(c.runs), "longest", i18n.Duration(ctx, c.longest))
	words += " " + i18n.T(ctx, "ui.chart.failed", "count", c.failures())
	if n := len(c.edits()); n > 0 {
		words += " " + i18n.T(ctx, "ui.chart.edited", "count", n)
	}
	return words
}

// usualLine is the height of the usual duration, as a line across the drawing; false if
// there is none, or it would lie on the edge.
func (c chart) usualLine() (y int, ok bool) {
	y = chartHeight - c.height(c.usual)
	return y, c.usual > 0 && len(c.runs) > 1
}

// newestEdits are the changes that the legend names, the newest first.
func (c chart) newestEdits() []edit {
	edits := c.edits()
	slices.SortFunc(edits, func(a, b edit) int { return cmp.Compare(b.x, a.x) })
	return edits[:min(len(edits), 4)]
}
