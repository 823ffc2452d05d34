package control_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"carillon/db"
	"carillon/db/dbtest"
	"carillon/internal/access"
	"carillon/internal/apperr"
	"carillon/internal/clock"
	"carillon/internal/control"
	"carillon/internal/event"
	"carillon/internal/job"
	"carillon/internal/kind"
	"carillon/internal/kind/console"
)

// restingEngine carries out nothing.
type restingEngine struct{}

func (restingEngine) Submit(context.Context, ...job.Ticket) {}

func (restingEngine) Cancel(context.Context, job.RunID, job.Reason) {}

// jobsOver returns the verbs on jobs over a store, with the kind Console and nothing that runs.
func jobsOver(t *testing.T, s *db.Store) *control.Jobs {
	t.Helper()
	kinds, err := kind.NewRegistry(console.New())
	if err != nil {
		t.Fatal(err)
	}
	return control.NewJobs(control.JobsDeps{
		Store: s, Kinds: kinds, Engine: restingEngine{}, Events: event.NewHub(), Clock: clock.System(), Zone: time.UTC, Node: "node-1",
		DeleteOutput: func(context.Context, []job.RunID) error { return nil },
	})
}

// printing is a definition that prints a message at a time.
func printing(name, message, cron string) job.Definition {
	def := job.Defaults()
	def.Group, def.Name, def.Kind, def.Args = "old", name, "Console", job.Args{"message": message}
	def.Schedule.Cron = cron
	return def
}

func names(results []control.Imported) string {
	var all []string
	for _, r := range results {
		switch {
		case r.Err != nil:
			all = append(all, "refused")
		case r.Same != "":
			all = append(all, "="+r.Same)
		default:
			all = append(all, r.Job.Name)
		}
	}
	return strings.Join(all, " ")
}

func TestImport(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, s *db.Store) {
		jobs, cli := jobsOver(t, s), access.CLI("test")
		defs := []job.Definition{
			printing("a", "one", "0 1 * * *"), printing("a", "two", "0 1 * * *"), printing("b", "one", "0 1 * * *"),
			printing("c", "one", "never"), printing("a", "one", "0 2 * * *"),
		}
		const want = "a a 2 =a refused a 3"
		results, err := jobs.Import(t.Context(), cli, defs, true)
		if got := names(results); err != nil || got != want {
			t.Errorf("dry: %q, %v", got, err)
		}
		if n, err := jobs.CountJobs(t.Context(), cli, job.Filter{}, 10); err != nil || n != 0 {
			t.Fatalf("a dry run saved %d jobs, %v", n, err)
		}
		results, err = jobs.Import(t.Context(), cli, defs, false)
		if got := names(results); err != nil || got != want {
			t.Errorf("%q, %v", got, err)
		}
		for _, r := range results {
			if r.Err != nil || r.Same != "" {
				continue
			}
			if j, err := jobs.Job(t.Context(), cli, r.Job.ID); err != nil || j.State != job.Stopped || j.Source != job.SourceImport {
				t.Errorf("%+v, %v", j, err)
			}
		}
		results, err = jobs.Import(t.Context(), cli, defs, false)
		if got := names(results); err != nil || got != "=a =a 2 =a refused =a 3" {
			t.Errorf("again: %q, %v", got, err)
		}
		long := printing(strings.Repeat("n", job.MaxName), "x", "0 1 * * *")
		longer := printing(long.Name, "y", "0 1 * * *")
		if results, err = jobs.Import(t.Context(), cli, []job.Definition{long, longer}, false); err != nil || len(results[1].Job.Name) != job.MaxName || !strings.HasSuffix(results[1].Job.Name, "n 2") {
			t.Errorf("%+v, %v", results, err)
		}
		if _, err := jobs.Import(t.Context(), access.Actor{Role: access.Operator}, defs, true); !apperr.Is(err, apperr.Forbidden) {
			t.Errorf("an operator: %v", err)
		}
	})
}
