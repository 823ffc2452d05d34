// Package engine says what hands queued runs to workers. The local engine works in
// this process; enginetest is the suite that every engine passes.
package engine

import (
	"context"

	"carillon/internal/job"
)

// Engine hands queued runs to workers. The rows in the database are the truth: an
// engine may be told of a run twice or, after a crash, never; it hands out each
// ticket it holds once, by priority, then by the time it became available, then by id.
type Engine interface {
	// Start begins handing out runs. It is called once.
	Start()
	// Submit takes queued runs. It never blocks on workers. A run that the engine
	// holds already is left alone; after Drain has begun, runs are left in the database.
	Submit(ctx context.Context, tickets ...job.Ticket)
	// Cancel stops a running run, whose context then ends with a [job.Cancellation],
	// or forgets a waiting one. An unknown run is left alone.
	Cancel(ctx context.Context, id job.RunID, reason job.Reason)
	// Drain stops handing out runs and waits for those at work. When ctx ends first,
	// they are cancelled with [job.ReasonShutdown] and waited for.
	Drain(ctx context.Context)
}

// Work carries out one run. It returns when the run has ended, whatever way; ctx ends
// when the run is asked to stop. Starting a run that somebody else has started, or
// that was cancelled, is Work's business to refuse.
type Work func(ctx context.Context, id job.RunID)
