// Package scheduler is the clock of the program: gocron runs the dispatch tick each
// second, and the housekeeping duties beside it. What is due stands in the database;
// gocron knows no user's job.
package scheduler

import (
	"context"
	"time"

	"carillon/internal/job"
)

// Store is what dispatching needs of the database.
type Store interface {
	InTx(ctx context.Context, fn func(ctx context.Context) error) error
	// DueJobs returns at most limit active jobs with next_run_at <= now, the longest
	// overdue first, locked until the transaction ends. Jobs that another dispatcher
	// holds are left out.
	DueJobs(ctx context.Context, now time.Time, limit int) ([]job.Job, error)
	// DuePauses is the same for paused jobs whose paused_until has come.
	DuePauses(ctx context.Context, now time.Time, limit int) ([]job.Job, error)
	// Live counts the runs in flight of each job; a job without any is absent.
	Live(ctx context.Context, ids []job.ID) (map[job.ID]job.Live, error)
	OpenRuns(ctx context.Context, id job.ID) ([]job.Run, error)
	InsertRuns(ctx context.Context, runs []job.Run) ([]job.RunID, error)
	// UpdateJobStatuses writes the status of each job: everything but definition, source, revision and creation.
	UpdateJobStatuses(ctx context.Context, jobs []job.Job) error
	// AdvanceJobs writes TriggerCount and NextRunAt of each job, and nothing else.
	AdvanceJobs(ctx context.Context, jobs []job.Job) error
	CancelQueued(ctx context.Context, id job.RunID, reason job.Reason, by job.By, at time.Time) error
	RequestCancel(ctx context.Context, id job.RunID, reason job.Reason, by job.By) error
	// QueuedTickets returns queued runs in order of their ids, after the given one.
	QueuedTickets(ctx context.Context, after job.RunID, limit int) ([]job.Ticket, error)
	// NextDue returns the earliest next_run_at of active jobs; zero if none.
	NextDue(ctx context.Context) (time.Time, error)
}
