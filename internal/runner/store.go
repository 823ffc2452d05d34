// Package runner carries one run through: start, execute, decide, finish.
package runner

import (
	"context"
	"time"

	"carillon/internal/job"
)

// Store is what carrying out runs needs of the database.
type Store interface {
	// InGroup runs fn in a transaction that may be shared with other callers waiting at
	// the same time (group commit); like InTx otherwise. fn may be called again after a
	// roll-back, so it must only act through ctx and assign its results.
	InGroup(ctx context.Context, fn func(ctx context.Context) error) error

	// StartRuns makes those of the runs running that are queued: node, started_at,
	// epoch + 1. It returns them as they then are, in no order.
	StartRuns(ctx context.Context, ids []job.RunID, node string, at time.Time) ([]job.Run, error)
	// RunDefinition returns what a run is to do: the definition of the revision it was
	// made of, which never changes, without the run's own parameters.
	RunDefinition(ctx context.Context, id job.RunID) (job.Definition, error)
	// FinishRun writes the end of a run that is running with r.Epoch; Conflict "not_running" otherwise.
	FinishRun(ctx context.Context, r job.Run) error

	JobForUpdate(ctx context.Context, id job.ID) (job.Job, error)
	// JobStatusForUpdate is JobForUpdate without the definition.
	JobStatusForUpdate(ctx context.Context, id job.ID) (job.Job, error)
	// NoteRun writes TryCount, LastRunAt, LastRunID and LastOutcome of a job, and nothing else.
	NoteRun(ctx context.Context, j job.Job) error
	UpdateJobStatus(ctx context.Context, j job.Job) error
	InsertRuns(ctx context.Context, runs []job.Run) ([]job.RunID, error)
	Live(ctx context.Context, ids []job.ID) (map[job.ID]job.Live, error)
	OpenRuns(ctx context.Context, id job.ID) ([]job.Run, error)
	CancelQueued(ctx context.Context, id job.RunID, reason job.Reason, by job.By, at time.Time) error

	// Nodes: the lease that tells a living process from a dead one.
	// BeatNode inserts or renews this process's row.
	BeatNode(ctx context.Context, node, host string, at, until time.Time) error
	DeleteNode(ctx context.Context, node string) error
	// OrphanRuns returns at most limit running runs whose node has no lease that is
	// valid at the given time, in order of their ids.
	OrphanRuns(ctx context.Context, at time.Time, limit int) ([]job.Run, error)
	// PurgeNodes removes leases that ended before the given time.
	PurgeNodes(ctx context.Context, before time.Time) error
}
