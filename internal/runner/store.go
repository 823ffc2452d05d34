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

	// StartRun makes a queued run running: node, started_at, epoch + 1. It returns the
	// run as it then is; an apperr Conflict "not_queued" if it is not queued.
	StartRun(ctx context.Context, id job.RunID, node string, at time.Time) (job.Run, error)
	// FinishRun writes the end of a run that is running with r.Epoch; Conflict "not_running" otherwise.
	FinishRun(ctx context.Context, r job.Run) error

	Job(ctx context.Context, id job.ID) (job.Job, error)
	JobForUpdate(ctx context.Context, id job.ID) (job.Job, error)
	Revision(ctx context.Context, id job.ID, revision int64) (job.Revision, error)
	RunForUpdate(ctx context.Context, id job.RunID) (job.Run, error)
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
