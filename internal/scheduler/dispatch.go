package scheduler

import (
	"context"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"carillon/internal/clock"
	"carillon/internal/event"
	"carillon/internal/ident"
	"carillon/internal/job"
)

// batch bounds one dispatch transaction, so that the database is never held for long.
const batch = 500

// Engine is where dispatched runs go.
type Engine interface {
	Submit(ctx context.Context, tickets ...job.Ticket)
	Cancel(ctx context.Context, id job.RunID, reason job.Reason)
}

// Deps are what a Dispatcher needs.
type Deps struct {
	Store  Store
	Engine Engine
	Events *event.Hub
	Clock  clock.Clock
	Log    *slog.Logger
	Zone   *time.Location // of jobs that name none
	Node   string         // this node's name, as jobs may ask for it
	// Lag is told how long after its due time each run was queued; nil if nobody asks.
	// Runs that make up for missed times are left out.
	Lag func(late time.Duration)
}

// Dispatcher turns due jobs into queued runs. The rows and the advance of each job's
// next_run_at commit together, so nothing is lost or doubled whatever crashes; that
// (job, scheduled_at, attempt) is unique makes a second dispatcher harmless.
type Dispatcher struct {
	Deps
	busy sync.Mutex // held by a tick at work; the next one is then left out

	mu       sync.Mutex
	lastTick time.Time
	lag      time.Duration
}

// NewDispatcher returns a Dispatcher.
func NewDispatcher(d Deps) *Dispatcher { return &Dispatcher{Deps: d} }

// Dispatch queues everything that is due and returns how many runs that made. While
// an earlier call is still at work it returns at once: that call finds the rest.
func (d *Dispatcher) Dispatch(ctx context.Context) (int, error) {
	if !d.busy.TryLock() {
		return 0, nil
	}
	defer d.busy.Unlock()

	began := d.Clock.Now()
	if err := d.resumeDue(ctx, began); err != nil {
		return 0, err
	}
	total := 0
	for d.anyDue(ctx, began) {
		due, runs, err := d.dispatchBatch(ctx, began)
		if err != nil {
			return total, err
		}
		total += runs
		if due < batch {
			break
		}
	}
	d.note(began)
	return total, nil
}

// anyDue looks before it locks: most ticks find nothing, and must not cost a write
// transaction. When in doubt it says yes.
func (d *Dispatcher) anyDue(ctx context.Context, now time.Time) bool {
	next, err := d.Store.NextDue(ctx)
	return err != nil || !next.IsZero() && !next.After(now)
}

// decided is what one transaction came to.
type decided struct {
	rows     map[job.RunID]ticketed
	jobs     []job.Job
	replaced []job.Run
}

// ticketed is a row with the job it belongs to.
type ticketed struct {
	run job.Run
	job job.Job
}

// dispatchBatch handles up to one batch of due jobs and returns how many jobs and runs.
func (d *Dispatcher) dispatchBatch(ctx context.Context, now time.Time) (int, int, error) {
	var result decided
	var inserted []job.RunID
	err := d.Store.InTx(ctx, func(ctx context.Context) error {
		result = decided{rows: map[job.RunID]ticketed{}}
		jobs, err := d.Store.DueJobs(ctx, now, batch)
		if err != nil || len(jobs) == 0 {
			return err
		}
		runs, err := d.decide(ctx, jobs, now, &result)
		if err != nil {
			return err
		}
		if inserted, err = d.Store.InsertRuns(ctx, runs); err != nil {
			return fmt.Errorf("insert runs: %w", err)
		}
		return d.advance(ctx, result.jobs)
	})
	if err != nil {
		return 0, 0, fmt.Errorf("dispatch: %w", err)
	}
	d.announce(ctx, result, inserted)
	return len(result.jobs), len(inserted), nil
}

// advance writes the jobs that were due, of which nearly all stay active.
func (d *Dispatcher) advance(ctx context.Context, jobs []job.Job) error {
	var active, ended []job.Job
	for _, j := range jobs {
		if j.State == job.Active {
			active = append(active, j)
		} else {
			ended = append(ended, j)
		}
	}
	if err := d.Store.AdvanceJobs(ctx, active); err != nil {
		return fmt.Errorf("advance jobs: %w", err)
	}
	if err := d.Store.UpdateJobStatuses(ctx, ended); err != nil {
		return fmt.Errorf("end jobs: %w", err)
	}
	return nil
}

// decide asks the pure core about each job and collects the rows to insert.
func (d *Dispatcher) decide(ctx context.Context, jobs []job.Job, now time.Time, out *decided) ([]job.Run, error) {
	ids := make([]job.ID, len(jobs))
	for i, j := range jobs {
		ids[i] = j.ID
	}
	live, err := d.Store.Live(ctx, ids)
	if err != nil {
		return nil, fmt.Errorf("count runs in flight: %w", err)
	}
	var runs []job.Run
	for _, j := range jobs {
		inFlight, err := d.blocking(ctx, j, live[j.ID], now)
		if err != nil {
			return nil, err
		}
		due, err := job.Due(j, now, inFlight, d.Zone)
		if err != nil {
			due = d.unschedulable(j, err)
		}
		if due.Replace {
			replaced, err := d.replace(ctx, j, now)
			if err != nil {
				return nil, err
			}
			out.replaced = append(out.replaced, replaced...)
		}
		for _, run := range due.Runs {
			run.ID = job.RunID(ident.New())
			run.RootID = run.ID
			run.CreatedAt = now
			runs = append(runs, run)
			out.rows[run.ID] = ticketed{run, due.Job}
		}
		out.jobs = append(out.jobs, due.Job)
	}
	return runs, nil
}

// unschedulable stops a job whose schedule cannot be computed any more, say because its
// zone left the time-zone data. It must not hold up the others, nor fail again each second.
func (d *Dispatcher) unschedulable(j job.Job, err error) job.Dispatch {
	d.Log.Error("job has a schedule that cannot be computed; it is stopped", "job", j.ID, "error", err)
	j.State, j.Abandoned, j.NextRunAt = job.Stopped, true, time.Time{}
	return job.Dispatch{Job: j}
}

// blocking leaves out of live the running runs whose lock has run out.
func (d *Dispatcher) blocking(ctx context.Context, j job.Job, live job.Live, now time.Time) (job.Live, error) {
	if j.LockTimeout <= 0 || live.Running == 0 {
		return live, nil
	}
	open, err := d.Store.OpenRuns(ctx, j.ID)
	if err != nil {
		return live, fmt.Errorf("list open runs: %w", err)
	}
	live.Running = 0
	for _, run := range open {
		if run.State == job.RunRunning && run.StartedAt.Add(j.LockTimeout.Duration()).After(now) {
			live.Running++
		}
	}
	return live, nil
}

// replace cancels the runs in flight that a newer occurrence takes the place of.
func (d *Dispatcher) replace(ctx context.Context, j job.Job, now time.Time) ([]job.Run, error) {
	open, err := d.Store.OpenRuns(ctx, j.ID)
	if err != nil {
		return nil, fmt.Errorf("list open runs: %w", err)
	}
	for _, run := range open {
		if run.State == job.RunQueued {
			err = d.Store.CancelQueued(ctx, run.ID, job.ReasonReplaced, job.By{}, now)
		} else {
			err = d.Store.RequestCancel(ctx, run.ID, job.ReasonReplaced, job.By{})
		}
		if err != nil {
			return nil, fmt.Errorf("replace run: %w", err)
		}
	}
	return open, nil
}

// announce hands what was committed to the engine and to the live pages.
func (d *Dispatcher) announce(ctx context.Context, result decided, inserted []job.RunID) {
	tickets := make([]job.Ticket, 0, len(inserted))
	events := make([]event.Event, 0, len(inserted))
	for _, run := range result.replaced {
		d.Engine.Cancel(ctx, run.ID, job.ReasonReplaced)
		if run.State == job.RunQueued {
			events = append(events, event.Event{Type: event.RunChanged, JobID: run.JobID, RunID: run.ID, State: string(job.RunCancelled)})
		}
	}
	for _, id := range inserted {
		row := result.rows[id]
		if d.Lag != nil && row.run.State == job.RunQueued && row.run.Trigger == job.TriggerSchedule {
			d.Lag(d.Clock.Now().Sub(row.run.ScheduledAt))
		}
		if row.run.State == job.RunQueued && d.here(row.run.NodeWanted) {
			tickets = append(tickets, row.job.Ticket(row.run))
		}
		events = append(events, event.Event{Type: event.RunChanged, JobID: row.run.JobID, RunID: id, State: string(row.run.State)})
	}
	d.Engine.Submit(ctx, tickets...)
	d.Events.Publish(events...)
}

// here reports whether a run that asks for a node may start on this one.
func (d *Dispatcher) here(wanted string) bool { return wanted == "" || wanted == d.Node }

// note keeps when the last tick ended well and how long it took.
func (d *Dispatcher) note(began time.Time) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.lastTick = began
	d.lag = d.Clock.Now().Sub(began)
}

// LastTick returns when the last successful tick began (zero: none yet) and how long it took.
func (d *Dispatcher) LastTick() (time.Time, time.Duration) {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.lastTick, d.lag
}
