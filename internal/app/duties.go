package app

import (
	"context"
	"time"

	"carillon/internal/runner"
	"carillon/internal/scheduler"
)

// How often the housekeeping duties run.
const (
	sweepEvery      = 30 * time.Second
	rescueEvery     = 5 * time.Second
	checkpointEvery = time.Minute
	retainEvery     = 10 * time.Minute
	sessionsEvery   = time.Hour
)

// duties are what the clock does besides the heartbeat, which goes on while draining.
func (a *App) duties() []scheduler.Duty {
	return []scheduler.Duty{
		{Name: "dispatch", EachSecond: true, Do: func(ctx context.Context) error {
			_, err := a.dispatcher.Dispatch(ctx)
			return err
		}},
		{Name: "sweep", Every: sweepEvery, Do: func(ctx context.Context) error {
			_, err := a.dispatcher.Sweep(ctx)
			return err
		}},
		{Name: "rescue", Every: rescueEvery, Do: func(ctx context.Context) error {
			_, err := a.runner.Rescue(ctx)
			return err
		}},
		{Name: "checkpoint", Every: checkpointEvery, Do: a.Store.Checkpoint},
		{Name: "retention", Every: retainEvery, Do: a.retain},
		{Name: "sessions", Every: sessionsEvery, Do: a.Accounts.PurgeSessions},
	}
}

func (a *App) beat() scheduler.Duty {
	host := nodeName()
	return scheduler.Duty{Name: "heartbeat", Every: runner.BeatEvery, Do: func(ctx context.Context) error {
		return a.runner.Beat(ctx, host)
	}}
}
