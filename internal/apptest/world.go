// Package apptest builds the whole program inside a test, without its console: real
// SQLite, real scheduler, engine and runner. In a synctest bubble days pass in moments.
package apptest

import (
	"context"
	"log/slog"
	"testing"
	"time"

	"carillon/internal/access"
	"carillon/internal/app"
	"carillon/internal/clock"
	"carillon/internal/config"
	"carillon/internal/control"
	"carillon/internal/job"
)

// Ada is the administrator of the tests.
var Ada = access.Actor{UserID: "00000000-0000-7000-8000-00000000000a", Name: "ada", Role: access.Admin, Via: access.ViaSession}

// World is one process of the program on a data folder.
type World struct {
	*app.App
	t    testing.TB
	Dir  string
	Work *Work
}

// Start starts the program on dir with the kind "Work" of [Work] beside the built-in
// ones. Call Stop before a synctest bubble ends.
func Start(t testing.TB, dir string, work *Work) *World {
	t.Helper()
	return StartWith(t, dir, work, 64)
}

// StartWith is [Start] with a number of workers.
func StartWith(t testing.TB, dir string, work *Work, workers int) *World {
	t.Helper()
	cfg := config.Server{
		Listen: "127.0.0.1:0", Data: dir, Workers: workers, DrainTimeout: time.Minute, Zone: "UTC",
	}
	log := slog.New(slog.NewTextHandler(t.Output(), &slog.HandlerOptions{Level: slog.LevelWarn}))
	a, err := app.New(t.Context(), cfg, log, clock.System(), work)
	if err != nil {
		t.Fatalf("build the program: %v", err)
	}
	if err := a.StartWork(t.Context()); err != nil {
		t.Fatalf("start the program: %v", err)
	}
	return &World{App: a, t: t, Dir: dir, Work: work}
}

// Stop drains and stops the program.
func (w *World) Stop() {
	w.t.Helper()
	if err := w.App.Stop(context.WithoutCancel(w.t.Context())); err != nil {
		w.t.Errorf("stop the program: %v", err)
	}
}

// Create makes a job of kind Work, with what edit changes about it.
func (w *World) Create(edit func(*job.Definition)) job.Job {
	w.t.Helper()
	def := job.Definition{
		Group: "test", Name: "job", Kind: "Work", Timeout: 3600,
		Schedule: job.Schedule{Type: job.Cron, Cron: "* * * * *", Zone: "UTC"},
	}
	if edit != nil {
		edit(&def)
	}
	j, err := w.Jobs.Create(w.t.Context(), Ada, control.NewJob{Definition: def})
	if err != nil {
		w.t.Fatalf("create job: %v", err)
	}
	return j
}

// Job reads a job.
func (w *World) Job(id job.ID) job.Job {
	w.t.Helper()
	j, err := w.Jobs.Job(w.t.Context(), Ada, id)
	if err != nil {
		w.t.Fatalf("read job: %v", err)
	}
	return j
}

// Runs reads all runs of a job, oldest first.
func (w *World) Runs(id job.ID) []job.Run {
	w.t.Helper()
	var all []job.Run
	page := job.RunPage{Ascending: true, Limit: 1000}
	for {
		runs, err := w.Jobs.Runs(w.t.Context(), Ada, job.RunFilter{JobID: id}, page)
		if err != nil {
			w.t.Fatalf("read runs: %v", err)
		}
		all = append(all, runs.Items...)
		if page.After = runs.Next; page.After == "" {
			return all
		}
	}
}

// Count counts a job's runs by state.
func (w *World) Count(id job.ID) map[job.RunState]int {
	w.t.Helper()
	counts := map[job.RunState]int{}
	for _, run := range w.Runs(id) {
		counts[run.State]++
	}
	return counts
}
