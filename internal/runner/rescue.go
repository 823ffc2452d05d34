package runner

import (
	"context"
	"errors"
	"fmt"
	"time"

	"carillon/internal/job"
)

// The node's lease. A process that does not renew it three times in a row is taken for
// dead; how long a run takes is never a sign of death.
const (
	BeatEvery = 2 * time.Second
	Lease     = 4 * BeatEvery
)

// rescueBatch bounds one transaction of a rescue.
const rescueBatch = 200

// Beat renews this process's lease.
func (r *Runner) Beat(ctx context.Context, host string) error {
	now := r.Clock.Now()
	if err := r.Store.BeatNode(ctx, r.Node, host, now, now.Add(Lease)); err != nil {
		return fmt.Errorf("renew node lease: %w", err)
	}
	return nil
}

// Leave gives the lease up at shutdown, after the last run has ended.
func (r *Runner) Leave(ctx context.Context) error {
	if err := r.Store.DeleteNode(ctx, r.Node); err != nil {
		return fmt.Errorf("give up node lease: %w", err)
	}
	return nil
}

// Rescue closes runs that a dead process left running: they become lost, and their
// job's retry policy applies. It returns how many it closed.
func (r *Runner) Rescue(ctx context.Context) (int, error) {
	closed := 0
	for {
		orphans, err := r.Store.OrphanRuns(ctx, r.Clock.Now(), rescueBatch)
		if err != nil {
			return closed, fmt.Errorf("find runs of dead nodes: %w", err)
		}
		n, err := r.closeLost(ctx, orphans)
		closed += n
		if err != nil || n == 0 || len(orphans) < rescueBatch {
			return closed, err
		}
	}
}

func (r *Runner) closeLost(ctx context.Context, orphans []job.Run) (int, error) {
	closed := 0
	var faults []error
	for _, run := range orphans {
		// A process knows its own runs, whatever became of its lease meanwhile.
		if run.NodeID == r.Node {
			continue
		}
		s, err := r.settle(ctx, run, nil, job.Outcome{State: job.RunLost, Reason: job.ReasonNodeDied, Error: errLost.Error()})
		switch {
		case err == nil:
			closed++
			r.Log.Warn("run lost: "+errLost.Error(), "run", run.ID, "job", run.JobID, "node", run.NodeID)
			r.afterwards(ctx, s)
		case !expected(err):
			faults = append(faults, fmt.Errorf("close run %s: %w", run.ID, err))
		}
	}
	return closed, errors.Join(faults...)
}
