package scheduler

import (
	"context"
	"fmt"
	"time"

	"carillon/internal/event"
	"carillon/internal/job"
)

// resumeDue resumes paused jobs whose pause has come to its end.
func (d *Dispatcher) resumeDue(ctx context.Context, now time.Time) error {
	for {
		if due, err := d.Store.DuePauses(ctx, now, 1); err == nil && len(due) == 0 {
			return nil
		}
		var resumed []job.Job
		err := d.Store.InTx(ctx, func(ctx context.Context) error {
			resumed = nil
			jobs, err := d.Store.DuePauses(ctx, now, batch)
			if err != nil {
				return err
			}
			for _, j := range jobs {
				next, err := job.Resume(j, now, d.Zone)
				if err != nil {
					return fmt.Errorf("resume job %s: %w", j.ID, err)
				}
				resumed = append(resumed, next)
			}
			return d.Store.UpdateJobStatuses(ctx, resumed)
		})
		if err != nil {
			return fmt.Errorf("resume paused jobs: %w", err)
		}
		for _, j := range resumed {
			d.Events.Publish(event.Event{Type: event.JobChanged, JobID: j.ID, State: string(j.State)})
		}
	}
}

// sweepBatch bounds one read of the sweep.
const sweepBatch = 2000

// Sweep offers every queued run to the engine again. The engine forgets at a crash and
// refuses while draining; the rows do not.
func (d *Dispatcher) Sweep(ctx context.Context) (int, error) {
	total := 0
	after := job.RunID("")
	for {
		tickets, err := d.Store.QueuedTickets(ctx, after, sweepBatch)
		if err != nil {
			return total, fmt.Errorf("list queued runs: %w", err)
		}
		var mine []job.Ticket
		for _, t := range tickets {
			if d.here(t.Node) {
				mine = append(mine, t)
			}
		}
		d.Engine.Submit(ctx, mine...)
		total += len(mine)
		if len(tickets) < sweepBatch {
			return total, nil
		}
		after = tickets[len(tickets)-1].RunID
	}
}

// Stale is how old the last tick may be before the scheduler counts as stuck.
const Stale = 30 * time.Second
