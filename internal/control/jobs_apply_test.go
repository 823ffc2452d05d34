package control_test

import (
	"errors"
	"testing"

	"carillon/db"
	"carillon/db/dbtest"
	"carillon/internal/access"
	"carillon/internal/apperr"
	"carillon/internal/audit"
	"carillon/internal/control"
	"carillon/internal/job"
)

func TestApply(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, s *db.Store) {
		jobs, cli := jobsOver(t, s), access.CLI("test")
		add := func(name string, stopped bool) job.Job {
			t.Helper()
			j, err := jobs.Create(t.Context(), cli, control.NewJob{Definition: printing(name, "old", "0 1 * * *"), Stopped: stopped})
			if err != nil {
				t.Fatal(err)
			}
			return j
		}
		edited, on, off, gone := add("edited", false), add("on", false), add("off", true), add("gone", false)
		changes := control.Changes{
			Create: []control.NewJob{{Definition: printing("new", "x", "0 2 * * *"), Stopped: true}},
			Edit: []control.EditOf{
				{ID: edited.ID, EditJob: control.EditJob{Definition: printing("edited", "new", "0 1 * * *"), Revision: 1, Note: "why"}},
			},
			Start: []job.ID{off.ID}, Stop: []job.ID{on.ID}, Delete: []job.ID{gone.ID},
		}
		broken := changes
		broken.Edit = append(broken.Edit, control.EditOf{ID: off.ID, EditJob: control.EditJob{Definition: printing("off", "x", "0 1 * * *"), Revision: 7}})
		err := jobs.Apply(t.Context(), cli, broken)
		var which *control.ApplyError
		if !errors.As(err, &which) || which.Job != "old/off" || apperr.CodeOf(err) != "stale" {
			t.Errorf("a stale edit: %v", err)
		}
		if state(t, jobs, gone.ID) != job.Active || state(t, jobs, on.ID) != job.Active {
			t.Error("a failed apply left something")
		}

		if err := jobs.Apply(t.Context(), cli, changes); err != nil {
			t.Fatal(err)
		}
		if got := state(t, jobs, on.ID) + "," + state(t, jobs, off.ID); got != job.Stopped+","+job.Active {
			t.Errorf("switched: %s", got)
		}
		if j, err := jobs.Job(t.Context(), cli, edited.ID); err != nil || j.Revision != 2 || j.Args["message"] != "new" {
			t.Errorf("%+v, %v", j, err)
		}
		if _, err := jobs.Job(t.Context(), cli, gone.ID); !apperr.Is(err, apperr.NotFound) {
			t.Errorf("deleted: %v", err)
		}
		all, err := jobs.AllJobs(t.Context(), cli, job.Filter{})
		if err != nil || len(all) != 4 {
			t.Errorf("%d jobs, %v", len(all), err)
		}
		entries, err := jobs.Audit(t.Context(), cli, audit.Filter{}, "", 100)
		if err != nil {
			t.Fatal(err)
		}
		count := map[audit.Action]int{}
		for _, e := range entries.Items {
			count[e.Action]++
		}
		if count[audit.JobCreate] != 5 || count[audit.JobUpdate] != 1 || count[audit.JobStart] != 1 || count[audit.JobStop] != 2 || count[audit.JobDelete] != 1 {
			t.Errorf("audit: %v", count)
		}
		for name, c := range map[string]control.Changes{
			"create": {Create: changes.Create}, "edit": {Edit: changes.Edit}, "delete": {Delete: []job.ID{on.ID}},
		} {
			if err := jobs.Apply(t.Context(), access.Actor{Role: access.Operator}, c); !apperr.Is(err, apperr.Forbidden) {
				t.Errorf("%s by an operator: %v", name, err)
			}
		}
	})
}

func state(t *testing.T, jobs *control.Jobs, id job.ID) job.State {
	t.Helper()
	j, err := jobs.Job(t.Context(), access.CLI("test"), id)
	if err != nil {
		t.Fatal(err)
	}
	return j.State
}
