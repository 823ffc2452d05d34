// Package sleep is the kind of work that waits: useful to try schedules, overlap and
// timeouts without doing anything.
package sleep

import (
	"context"
	"fmt"
	"time"

	"carillon/internal/job"
	"carillon/internal/kind"
)

// Longest is the longest delay: a day.
const Longest = 24 * time.Hour

const defaultDelay = 20 * time.Second

var _ kind.Kind = (*Sleep)(nil)

// Sleep waits for its delay and succeeds.
type Sleep struct{}

// New returns the kind.
func New() *Sleep { return &Sleep{} }

// Spec implements [kind.Kind].
func (*Sleep) Spec() job.KindSpec {
	return job.KindSpec{
		Name: "Sleep",
		Icon: "moon",
		Params: []job.Param{{
			Name:        "delay", // milliseconds
			Type:        job.ParamNumber,
			Default:     float64(defaultDelay.Milliseconds()),
			Min:         0,
			Max:         Longest.Milliseconds(),
			Placeholder: fmt.Sprint(defaultDelay.Milliseconds()),
		}},
	}
}

// Check implements [kind.Kind]; the bounds of the spec say everything.
func (*Sleep) Check(job.Args) error { return nil }

// Summary implements [kind.Kind].
func (*Sleep) Summary(args job.Args) string { return "sleep " + delay(args).String() }

// Run implements [kind.Kind].
func (*Sleep) Run(ctx context.Context, x kind.Execution) (kind.Result, error) {
	if ctx.Err() != nil {
		return kind.Result{}, kind.Stopped(ctx) // select below would choose either of two that are ready
	}
	d := delay(x.Args)
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return kind.Result{Message: "slept " + d.String()}, nil
	case <-ctx.Done():
		return kind.Result{}, kind.Stopped(ctx)
	}
}

func delay(args job.Args) time.Duration {
	return time.Duration(kind.Number(args, "delay")) * time.Millisecond
}
