package component

import (
	"context"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"carillon/internal/i18n"
	"carillon/internal/job"
)

// Sizes of the row of bars, in pixels of the drawing.
const (
	barCount  = 30
	barWidth  = 4
	barGap    = 1
	barStep   = barWidth + barGap
	barHeight = 24
	barLeast  = 4
)

// tonePath is the outline of all bars of one tone.
type tonePath struct{ Tone, Path string }

// drawBars places the newest bar at the right. Heights follow the square root of the
// duration, so that one slow run does not flatten all others.
func drawBars(ctx context.Context, bars []job.Bar) []tonePath {
	bars = newest(bars)
	var longest time.Duration
	for _, b := range bars {
		longest = max(longest, barDuration(ctx, b))
	}
	var paths []tonePath
	for i, b := range bars {
		height := barLeast
		if took := barDuration(ctx, b); longest > 0 && took > 0 {
			height += int(math.Round(float64(barHeight-barLeast) * math.Sqrt(float64(took)/float64(longest))))
		}
		tone := RunLook(b.State).Tone
		at := slices.IndexFunc(paths, func(p tonePath) bool { return p.Tone == tone })
		if at < 0 {
			paths, at = append(paths, tonePath{Tone: tone}), len(paths)
		}
		paths[at].Path += fmt.Sprintf("M%d %dv-%dh%dv%dz", (barCount-1-i)*barStep, barHeight, height, barWidth, height)
	}
	return paths
}

// barData tells app.js of each bar, newest first: how long before the bar to its right it
// was made (the first one: when), its duration, both in milliseconds, and the place of its
// state in [RunStates]; numbers to the base of 36, since a list holds many of them.
func barData(ctx context.Context, bars []job.Bar) string {
	var b strings.Builder
	at := int64(0)
	for i, bar := range newest(bars) {
		made := bar.CreatedAt.UnixMilli()
		step := at - made
		if i == 0 {
			step = made
		} else {
			b.WriteByte(' ')
		}
		at = made
		b.WriteString(strconv.FormatInt(step, 36) + "." + strconv.FormatInt(barDuration(ctx, bar).Milliseconds(), 36))
		b.WriteString("." + strconv.Itoa(slices.Index(RunStates(), bar.State)))
	}
	return b.String()
}

// newest are the bars that there is room for.
func newest(bars []job.Bar) []job.Bar { return bars[:min(len(bars), barCount)] }

// RunStates are all states of a run.
func RunStates() []job.RunState {
	return []job.RunState{
		job.RunQueued, job.RunRunning, job.RunSucceeded, job.RunFailed, job.RunTimedOut,
		job.RunCancelled, job.RunLost, job.RunSkipped, job.RunMissed,
	}
}

func barDuration(ctx context.Context, b job.Bar) time.Duration {
	switch {
	case b.StartedAt.IsZero():
		return 0
	case b.FinishedAt.IsZero():
		return max(0, frame(ctx).Now.Sub(b.StartedAt))
	default:
		return max(0, b.FinishedAt.Sub(b.StartedAt))
	}
}

// barsSummary says in words what the drawing shows.
func barsSummary(ctx context.Context, bars []job.Bar) string {
	good := 0
	for _, b := range newest(bars) {
		if b.State == job.RunSucceeded {
			good++
		}
	}
	return i18n.T(ctx, "ui.bars_summary", "count", len(newest(bars)), "good", good)
}
