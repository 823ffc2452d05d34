package jobfile

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"carillon/internal/job"
)

// stored is a job of the store.
func stored(name, message string, state job.State) job.Job {
	def := job.Defaults()
	def.Group, def.Name, def.Kind, def.Args = "g", name, "Console", job.Args{"message": message}
	def.Schedule = job.Schedule{Type: job.Cron, Cron: "@daily"}
	return job.Job{ID: job.ID(name), Definition: def, State: state, Revision: 1}
}

func TestPlan(t *testing.T) {
	t.Parallel()
	system := stored("system", "x", job.Active)
	system.Source = job.SourceSystem
	interval := stored("interval", "x", job.Active)
	interval.Schedule = job.Schedule{Type: job.Interval, Every: 60, BeginAt: time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)}
	there := []job.Job{stored("equal", "x", job.Paused), stored("edited", "old", job.Active), stored("stopped", "x", job.Stopped), stored("gone", "x", job.Completed), system, interval}

	edited, switched, fresh, anchor := fromJob(there[1]), fromJob(there[2]), fromJob(stored("new", "hello", job.Active)), fromJob(interval)
	edited.Definition.Args = job.Args{"message": "new"}
	edited.Definition.Timeout = 90
	switched.Enabled = true
	anchor.Definition.Schedule.BeginAt = time.Time{}
	want := []Entry{fromJob(there[0]), edited, switched, fresh, anchor}

	p := MakePlan(there, want, true)
	if diff := cmp.Diff(`new      g/new
    + group: g
    + name: new
    + schedule:
    +   cron: '@daily'
    + kind: Console
    + args:
    +   message: hello
changed  g/edited
      …
      kind: Console
      args:
    -   message: old
    +   message: new
    + timeout: 1m30s
changed  g/stopped
      group: g
      name: stopped
    - enabled: false
      schedule:
        cron: '@daily'
      …
removed  g/gone

1 new, 2 changed, 1 removed
`, p.String()); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
	if c := p.Changed; !c[0].Edited || c[0].Switched || c[1].Edited || !c[1].Switched {
		t.Errorf("%+v", c)
	}
	if p := MakePlan(there, want, false); len(p.Removed) != 0 || p.Empty() {
		t.Errorf("without prune: %+v", p.Removed)
	}
	if p := MakePlan(there, FromJobs(there), true); !p.Empty() || p.String() != "0 new, 0 changed, 0 removed\n" {
		t.Errorf("what there is makes a plan: %s", p)
	}
	if got := FromJobs(there); len(got) != 5 || got[0].Key() != "g/edited" {
		t.Errorf("%+v", got)
	}
}

func TestDiffOfLongTexts(t *testing.T) {
	t.Parallel()
	var long strings.Builder
	for i := range 3000 {
		fmt.Fprintln(&long, i)
	}
	var b strings.Builder
	writeDiff(&b, long.String(), "x\n"+long.String())
	if n := strings.Count(b.String(), "\n"); n != 6001 {
		t.Errorf("%d lines", n)
	}
	b.Reset()
	writeDiff(&b, "a\n", "a\n")
	if b.String() != "      …\n" && b.String() != "" {
		t.Errorf("%q", b.String())
	}
}
