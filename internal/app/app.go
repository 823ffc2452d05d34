// Package app is the composition root: it builds the program out of its rooms, starts
// them in order and stops them in reverse.
package app

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"sync/atomic"
	"time"

	"carillon/db"
	"carillon/internal/access"
	"carillon/internal/clock"
	"carillon/internal/config"
	"carillon/internal/control"
	"carillon/internal/engine/local"
	"carillon/internal/event"
	"carillon/internal/ident"
	"carillon/internal/job"
	"carillon/internal/kind"
	"carillon/internal/kind/shell"
	"carillon/internal/metrics"
	"carillon/internal/output"
	"carillon/internal/runner"
	"carillon/internal/scheduler"
	"carillon/web"
)

// App is the whole program, ready to start.
type App struct {
	cfg     config.Server
	log     *slog.Logger
	extra   []kind.Kind
	clock   clock.Clock
	started time.Time
	node    string

	Store    *db.Store
	Kinds    *kind.Registry
	Jobs     *control.Jobs
	Accounts *control.Accounts
	Outputs  *output.Recorder
	Events   *event.Hub

	shell      *shell.Shell
	metrics    *metrics.Set
	engine     *local.Engine
	runner     *runner.Runner
	dispatcher *scheduler.Dispatcher
	clockwork  *scheduler.Clockwork
	heartbeat  *scheduler.Clockwork
	web        *web.Server
	http       *http.Server
	listener   net.Listener
	serving    chan error
	draining   atomic.Bool
}

// handoff breaks the circle of runner and engine: each hands work to the other.
type handoff struct{ engine *local.Engine }

func (h *handoff) Submit(ctx context.Context, tickets ...job.Ticket) {
	h.engine.Submit(ctx, tickets...)
}

func (h *handoff) Cancel(ctx context.Context, id job.RunID, reason job.Reason) {
	h.engine.Cancel(ctx, id, reason)
}

// New opens the storage and builds the program, with the built-in kinds and those
// given. Nothing runs yet; Stop gives everything back, also after a failed Start.
func New(ctx context.Context, cfg config.Server, log *slog.Logger, clk clock.Clock, extra ...kind.Kind) (*App, error) {
	if cfg.Demo {
		cfg.Data = filepath.Join(cfg.Data, "demo")
	}
	a := &App{
		cfg: cfg, log: log, clock: clk, extra: extra,
		started: clk.Now(), node: ident.New(), serving: make(chan error, 1),
	}
	if err := a.build(ctx); err != nil {
		return nil, errors.Join(err, a.closeStore())
	}
	return a, nil
}

func (a *App) build(ctx context.Context) error {
	var err error
	a.Store, err = db.Open(ctx, db.Options{Dir: a.cfg.Data, URL: a.cfg.DatabaseURL.Reveal(), Log: a.log, Now: a.clock.Now})
	if err != nil {
		return err
	}
	if a.Kinds, a.shell, err = newKinds(a.cfg, a.extra); err != nil {
		return err
	}
	a.metrics = metrics.New(metrics.Options{Version: Version(), Now: a.clock.Now, Facts: a.facts})
	a.Events = event.NewHub(a.metrics.Event)
	a.Outputs = output.New(a.Store, a.clock, a.log, output.Limits{})
	a.buildWork()
	a.buildVerbs()
	if a.clockwork, err = scheduler.NewClockwork(a.clock, a.log, a.duties()...); err != nil {
		return err
	}
	if a.heartbeat, err = scheduler.NewClockwork(a.clock, a.log, a.beat()); err != nil {
		return err
	}
	return a.buildWeb()
}

// buildWork wires what carries runs out: engine, runner and dispatcher.
func (a *App) buildWork() {
	hand := &handoff{}
	a.runner = runner.New(runner.Deps{
		Store: a.Store, Kinds: a.Kinds, Engine: hand, Events: a.Events, Clock: a.clock, Log: a.log, Node: a.node,
		Outputs: func(id job.RunID) runner.Capture { return a.Outputs.Open(id) },
	})
	a.engine = local.New(a.runner.Run, a.clock, a.cfg.Workers)
	hand.engine = a.engine
	a.dispatcher = scheduler.NewDispatcher(scheduler.Deps{
		Store: a.Store, Engine: a.engine, Events: a.Events, Clock: a.clock, Log: a.log,
		Zone: a.cfg.Location(), Node: nodeName(), Lag: a.metrics.Lag,
	})
}

func (a *App) buildVerbs() {
	a.Jobs = control.NewJobs(control.JobsDeps{
		Store: a.Store, Kinds: a.Kinds, Engine: a.engine, Events: a.Events, Clock: a.clock,
		Zone: a.cfg.Location(), Node: nodeName(), DeleteOutput: a.Outputs.Delete,
	})
	a.Accounts = control.NewAccounts(control.AccountsDeps{Store: a.Store, Hasher: access.NewHasher(), Clock: a.clock})
}

// nodeName is how jobs ask for this machine.
func nodeName() string {
	name, err := os.Hostname()
	if err != nil {
		return "localhost"
	}
	return name
}

// Start recovers what an earlier process left, starts the clock and the workers, and
// serves. It returns once the console answers.
func (a *App) Start(ctx context.Context) error {
	if err := a.listen(ctx); err != nil {
		return err
	}
	if a.cfg.Demo {
		if err := a.seedDemo(ctx, a.URL()); err != nil {
			return err
		}
	}
	if err := a.StartWork(ctx); err != nil {
		return err
	}
	go a.serve()
	return nil
}

// StartWork is Start without the console: recovery, workers and the clock.
func (a *App) StartWork(ctx context.Context) error {
	if err := a.recover(ctx); err != nil {
		return err
	}
	a.engine.Start()
	if _, err := a.dispatcher.Sweep(ctx); err != nil {
		return err
	}
	a.heartbeat.Start()
	a.clockwork.Start()
	return nil
}

// recover ends what dead processes left running, takes the lease and closes the runs of dead processes. With SQLite there is
// one process only, so every other lease is known to be dead at once.
func (a *App) recover(ctx context.Context) error {
	if err := a.shell.Recover(); err != nil {
		return err
	}
	if a.cfg.DatabaseURL == "" {
		if err := a.Store.PurgeNodes(ctx, a.clock.Now().Add(24*time.Hour)); err != nil {
			return fmt.Errorf("drop leases of earlier processes: %w", err)
		}
	}
	if err := a.runner.Beat(ctx, nodeName()); err != nil {
		return err
	}
	n, err := a.runner.Rescue(ctx)
	if err != nil {
		return fmt.Errorf("close runs of dead processes: %w", err)
	}
	if n > 0 {
		a.log.Warn("runs of a process that died were closed as lost", "runs", n)
	}
	return nil
}

// giveUpAfter is how long after the drain results may wait for a database that does not
// answer: longer than stopping a process group takes.
const giveUpAfter = 30 * time.Second

// Stop drains: nothing new fires, pages stay up, runs at work end within the drain
// timeout or until ctx ends, whichever is first; then everything is stopped in order.
func (a *App) Stop(ctx context.Context) error {
	a.draining.Store(true)
	a.Events.Publish(event.Event{Type: event.SystemNote, State: "draining"})
	var faults []error
	faults = append(faults, a.clockwork.Stop())

	drain, cancel := context.WithTimeout(ctx, a.cfg.DrainTimeout)
	late := context.AfterFunc(drain, func() { time.AfterFunc(giveUpAfter, a.runner.GiveUp) })
	a.engine.Drain(drain)
	late()
	cancel()

	// The caller's context may have ended to hurry the drain; what follows is short and must still be done.
	ctx, cancel = context.WithTimeout(context.WithoutCancel(ctx), 15*time.Second)
	defer cancel()
	a.Events.Close()
	faults = append(faults, a.stopServing(ctx), a.Outputs.Close(ctx), a.heartbeat.Stop(), a.runner.Leave(ctx))
	return errors.Join(append(faults, a.closeStore())...)
}

func (a *App) closeStore() error {
	if a.Store == nil {
		return nil
	}
	return a.Store.Close()
}
