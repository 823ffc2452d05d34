// Package kind is what a job can do. Each kind of work lives in a folder of its own
// and passes the conformance suite in kindtest.
package kind

import (
	"context"
	"io"
	"time"

	"carillon/internal/job"
)

// Kind is one type of work. Implementations are safe for concurrent use.
type Kind interface {
	// Spec describes the kind and its typed parameters.
	Spec() job.KindSpec
	// Check says what is wrong with args beyond their types, as an apperr Invalid
	// whose fields are parameter names. The registry has checked types, requiredness
	// and bounds before, and filled in defaults.
	Check(args job.Args) error
	// Summary is one readable line of what a run will do: the command, the URL.
	Summary(args job.Args) string
	// Run does the work. It must end soon after ctx does (context.Cause says why)
	// and must leave nothing running behind. A nil error is a success; the error's
	// text is shown to people and must not contain secrets (see [Failure]). An error
	// that is context.DeadlineExceeded means that the kind's own time limit passed.
	Run(ctx context.Context, x Execution) (Result, error)
}

// Execution is what a kind gets to know of the run it carries out.
type Execution struct {
	JobID       job.ID
	RunID       job.RunID
	Group       string
	Name        string
	Attempt     int
	ScheduledAt time.Time // zero for manual runs
	Args        job.Args  // checked, defaults filled in
	Stdout      io.Writer // what the run prints; safe for concurrent use, never fails, never blocks for long
	Stderr      io.Writer
}

// Result is what a run has to say, also when it failed.
type Result struct {
	Message  string // one short line
	ExitCode *int   // nil: the kind has none
}
