package runner

import (
	"context"
	"io"
	"log/slog"
	"sync"
	"time"

	"carillon/internal/clock"
	"carillon/internal/event"
	"carillon/internal/gather"
	"carillon/internal/job"
	"carillon/internal/kind"
)

// Kinds finds what carries out a kind of work.
type Kinds interface {
	// Prepare finds the kind and returns its checked args with defaults filled in.
	Prepare(name string, args job.Args) (kind.Kind, job.Args, error)
}

// Capture takes one run's output.
type Capture interface {
	Stdout() io.Writer
	Stderr() io.Writer
	// Close stores what is left and returns how many bytes the run wrote.
	Close(ctx context.Context) (int64, error)
}

// Handoff passes tickets and cancellations to the engine.
type Handoff interface {
	Submit(ctx context.Context, tickets ...job.Ticket)
	Cancel(ctx context.Context, id job.RunID, reason job.Reason)
}

// Deps are what a Runner needs.
type Deps struct {
	Store   Store
	Kinds   Kinds
	Outputs func(job.RunID) Capture
	Engine  Handoff
	Events  *event.Hub
	Clock   clock.Clock
	Log     *slog.Logger
	Node    string // this process's id
}

// Runner carries runs through, each from start to its final state.
type Runner struct {
	Deps
	claims     gather.Group[*claim]
	giveUp     chan struct{}
	giveUpOnce sync.Once
}

// New returns a Runner.
func New(d Deps) *Runner {
	return &Runner{Deps: d, claims: gather.Group[*claim]{Limit: maxClaims}, giveUp: make(chan struct{})}
}

// GiveUp ends the waiting for a database that does not take results, at the very end of
// a shutdown. Runs whose end could not be stored are closed as lost by the next start.
func (r *Runner) GiveUp() { r.giveUpOnce.Do(func() { close(r.giveUp) }) }

// started is a run that this process has made running.
type started struct {
	run job.Run
	def job.Definition // of the run's revision
}

// args are what the run's kind is given: the run's own, or those of its definition.
func (s started) args() job.Args {
	if s.run.Args != nil {
		return s.run.Args
	}
	return s.def.Args
}

// Run carries out one queued run. It is the engine's Work: ctx ends when the run is
// asked to stop. A run that is not queued any more is left alone.
func (r *Runner) Run(ctx context.Context, id job.RunID) {
	s, ok := r.start(ctx, id)
	if !ok {
		return
	}
	r.Events.Publish(changed(s.run))
	outcome := r.execute(ctx, s)
	r.finish(context.WithoutCancel(ctx), s, outcome)
}

func changed(run job.Run) event.Event {
	return event.Event{Type: event.RunChanged, JobID: run.JobID, RunID: run.ID, State: string(run.State)}
}

// Pauses between attempts to write down how a run ended, while the database does not answer.
const (
	firstFinishPause = 50 * time.Millisecond
	lastFinishPause  = 5 * time.Second
)

// finish writes the run's end. A result is never given up while the process lives:
// the database may be locked, full or away for a while.
func (r *Runner) finish(ctx context.Context, s started, o job.Outcome) {
	pause := firstFinishPause
	for {
		d, err := r.settle(ctx, s.run, &s.def, o)
		if err == nil {
			r.afterwards(ctx, d)
			return
		}
		if expected(err) {
			r.Log.Warn("run was closed by somebody else while it worked", "run", s.run.ID, "outcome", o.State, "error", err)
			return
		}
		r.Log.Error("result of run could not be stored; trying again", "run", s.run.ID, "pause", pause, "error", err)
		timer := r.Clock.NewTimer(pause)
		select {
		case <-timer.C:
		case <-r.giveUp:
			timer.Stop()
			r.Log.Error("result of run is given up: the program ends", "run", s.run.ID, "outcome", o.State)
			return
		}
		pause = min(2*pause, lastFinishPause)
	}
}
