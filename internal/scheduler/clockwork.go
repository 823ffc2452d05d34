package scheduler

import (
	"context"
	"fmt"
	"log/slog"
	"runtime/debug"
	"sync"
	"time"

	"github.com/go-co-op/gocron/v2"

	"carillon/internal/clock"
)

// Duty is something done again and again.
type Duty struct {
	Name  string
	Every time.Duration
	// EachSecond runs the duty at every full second of the wall clock instead.
	EachSecond bool
	Do         func(ctx context.Context) error
}

// Clockwork runs duties by gocron. Each duty runs once at a time; a time that comes
// while it is still at work is left out. An error is logged and the next time tried
// again; a panic is caught and logged.
type Clockwork struct {
	cron   gocron.Scheduler
	clock  clock.Clock
	log    *slog.Logger
	ctx    context.Context
	end    context.CancelFunc
	duties []*watched
}

// watched is a duty with what is known of its last time.
type watched struct {
	Duty
	gate chan struct{} // holds one while the duty is at work

	mu   sync.Mutex
	last time.Time
	err  error
}

// DutyStatus tells how a duty is doing.
type DutyStatus struct {
	Name string
	Last time.Time // when it was last begun; zero: never
	Next time.Time // zero: not known yet
	Err  error     // of the last time
}

// NewClockwork registers the duties. Nothing runs before Start.
//
// gocron is used for nothing but its clock: its singleton, limit, one-time and monthly
// modes lose work, leak or hang (see docs/adr/0001).
func NewClockwork(clk clock.Clock, log *slog.Logger, duties ...Duty) (*Clockwork, error) {
	cron, err := gocron.NewScheduler(gocron.WithLocation(time.UTC), gocron.WithStopTimeout(time.Second))
	if err != nil {
		return nil, fmt.Errorf("new gocron scheduler: %w", err)
	}
	ctx, end := context.WithCancel(context.Background())
	c := &Clockwork{cron: cron, clock: clk, log: log, ctx: ctx, end: end}
	for _, duty := range duties {
		if err := c.add(duty); err != nil {
			end()
			return nil, fmt.Errorf("schedule duty %s: %w", duty.Name, err)
		}
	}
	return c, nil
}

func (c *Clockwork) add(duty Duty) error {
	w := &watched{Duty: duty, gate: make(chan struct{}, 1)}
	c.duties = append(c.duties, w)
	when := gocron.DurationJob(duty.Every)
	if duty.EachSecond {
		when = gocron.CronJob("* * * * * *", true)
	}
	_, err := c.cron.NewJob(when, gocron.NewTask(func() { c.perform(w) }), gocron.WithName(duty.Name))
	return err
}

// perform does a duty unless it is still at work or the clockwork has stopped.
func (c *Clockwork) perform(w *watched) {
	select {
	case w.gate <- struct{}{}:
	default:
		return
	}
	defer func() { <-w.gate }()
	if c.ctx.Err() != nil {
		return
	}
	began := c.clock.Now()
	err := guarded(c.ctx, w.Do)
	w.mu.Lock()
	w.last, w.err = began, err
	w.mu.Unlock()
	if err != nil && c.ctx.Err() == nil {
		c.log.Error("duty failed; it will be tried again", "duty", w.Name, "error", err)
	}
}

// guarded calls do and turns a panic into an error.
func guarded(ctx context.Context, do func(context.Context) error) (err error) {
	defer func() {
		if v := recover(); v != nil {
			err = fmt.Errorf("panic: %v\n%s", v, debug.Stack())
		}
	}()
	return do(ctx)
}

// Status tells how each duty is doing, in the order they were given.
func (c *Clockwork) Status() []DutyStatus {
	all := make([]DutyStatus, len(c.duties))
	for i, w := range c.duties {
		all[i] = w.status()
	}
	return all
}

func (w *watched) status() DutyStatus {
	w.mu.Lock()
	defer w.mu.Unlock()
	s := DutyStatus{Name: w.Name, Last: w.last, Err: w.err}
	switch {
	case w.last.IsZero():
	case w.EachSecond:
		s.Next = w.last.Truncate(time.Second).Add(time.Second)
	default:
		s.Next = w.last.Add(w.Every)
	}
	return s
}

// Start starts the clock.
func (c *Clockwork) Start() { c.cron.Start() }

// Stop stops the clock, ends the context of duties at work and waits for them.
func (c *Clockwork) Stop() error {
	c.end()
	for _, w := range c.duties {
		w.gate <- struct{}{}
	}
	if err := c.cron.Shutdown(); err != nil {
		return fmt.Errorf("stop gocron: %w", err)
	}
	return nil
}
