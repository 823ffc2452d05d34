package apptest

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"carillon/internal/job"
	"carillon/internal/kind"
)

// Work is a kind whose runs do what the test says.
type Work struct {
	// Do is what a run does; nil succeeds at once.
	Do func(ctx context.Context, x kind.Execution) error

	mu   sync.Mutex
	done []kind.Execution
}

// Spec implements [kind.Kind].
func (*Work) Spec() job.KindSpec { return job.KindSpec{Name: "Work", Icon: "play"} }

// Check implements [kind.Kind].
func (*Work) Check(job.Args) error { return nil }

// Summary implements [kind.Kind].
func (*Work) Summary(job.Args) string { return "does what the test says" }

// Run implements [kind.Kind].
func (w *Work) Run(ctx context.Context, x kind.Execution) (kind.Result, error) {
	w.mu.Lock()
	w.done = append(w.done, x)
	w.mu.Unlock()
	_, _ = fmt.Fprintf(x.Stdout, "run %s attempt %d\n", x.Name, x.Attempt)
	if w.Do == nil {
		return kind.Result{Message: "done"}, nil
	}
	return kind.Result{}, w.Do(ctx, x)
}

// Executions returns what was carried out so far.
func (w *Work) Executions() []kind.Execution {
	w.mu.Lock()
	defer w.mu.Unlock()
	return append([]kind.Execution(nil), w.done...)
}

// ErrBroken is an ordinary failure.
var ErrBroken = errors.New("broken")

// Fail is a Do that always fails.
func Fail(context.Context, kind.Execution) error { return ErrBroken }

// Take is a Do that takes d, or until it is told to stop.
func Take(d time.Duration) func(context.Context, kind.Execution) error {
	return func(ctx context.Context, _ kind.Execution) error {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(d):
			return nil
		}
	}
}
