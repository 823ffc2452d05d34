package app

import (
	"context"
	"time"

	"carillon/internal/job"
)

// What the server keeps when a job says nothing else.
const (
	keepRuns       = 30 * 24 * time.Hour
	keepFailedRuns = 90 * 24 * time.Hour
)

// retainBatch bounds how much one pass of the retention removes, so that it never takes long.
const retainBatch = 5000

// retainJobs is how many jobs with rules of their own are read at a time.
const retainJobs = 500

// retain removes runs that are past their time: by the server's rule, then by the rules
// of jobs that have their own.
func (a *App) retain(ctx context.Context) error {
	now := a.clock.Now()
	if _, err := a.Store.PurgeRuns(ctx, now.Add(-keepRuns), now.Add(-keepFailedRuns), retainBatch); err != nil {
		return err
	}
	for after := job.ID(""); ; {
		jobs, err := a.Store.RetainingJobs(ctx, after, retainJobs)
		if err != nil {
			return err
		}
		for _, j := range jobs {
			if err := a.retainJob(ctx, j, now); err != nil {
				return err
			}
			after = j.ID
		}
		if len(jobs) < retainJobs {
			return a.Store.Vacuum(ctx)
		}
	}
}

func (a *App) retainJob(ctx context.Context, j job.Job, now time.Time) error {
	keep := j.Retention
	good, bad := keepRuns, keepFailedRuns
	if keep.KeepDays > 0 {
		good = time.Duration(keep.KeepDays) * 24 * time.Hour
		bad = max(bad, good)
	}
	if keep.KeepFailedDays > 0 {
		bad = time.Duration(keep.KeepFailedDays) * 24 * time.Hour
	}
	_, err := a.Store.PurgeJobRuns(ctx, j.ID, keep.KeepRuns, now.Add(-good), now.Add(-bad), retainBatch)
	return err
}
