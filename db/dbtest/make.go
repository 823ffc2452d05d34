package dbtest

import (
	"testing"
	"time"

	"carillon/db"
	"carillon/internal/access"
	"carillon/internal/ident"
	"carillon/internal/job"
)

// T0 is the time at which things made here were made, unless they say otherwise.
func T0() time.Time { return time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC) }

// Job returns an active job that every rule allows, changed by the functions.
func Job(change ...func(*job.Job)) job.Job {
	id := ident.New()
	j := job.Job{
		ID: job.ID(id),
		Definition: job.Definition{
			Group: "tests", Name: "job-" + id, Tags: []string{}, Kind: "Console",
			Args:     job.Args{"message": "hello"},
			Schedule: job.Schedule{Type: job.Cron, Cron: "*/5 * * * *", Zone: "UTC"},
			Overlap:  job.OverlapSkip, Priority: job.Normal, Misfire: job.MisfireRunOnce, Grace: 60, MisfireCap: 10,
		},
		Source: job.SourceUser, Revision: 1, State: job.Active,
		NextRunAt: T0().Add(5 * time.Minute),
		CreatedAt: T0(), CreatedBy: job.By{ID: "u1", Name: "alice"},
		UpdatedAt: T0(), UpdatedBy: job.By{ID: "u1", Name: "alice"},
	}
	for _, c := range change {
		c(&j)
	}
	return j
}

// AddJob stores a job made by [Job].
func AddJob(t testing.TB, s *db.Store, change ...func(*job.Job)) job.Job {
	t.Helper()
	j := Job(change...)
	if err := s.InsertJob(t.Context(), j); err != nil {
		t.Fatal(err)
	}
	return j
}

// Run returns a run of j in the given state with everything that the state demands,
// started by hand, changed by the functions.
func Run(j job.Job, state job.RunState, change ...func(*job.Run)) job.Run {
	id := job.RunID(ident.New())
	r := job.Run{
		ID: id, JobID: j.ID, JobRevision: j.Revision, Group: j.Group, Name: j.Name, Kind: j.Kind,
		Attempt: 1, RootID: id, Trigger: job.TriggerManual, Actor: job.By{ID: "u1", Name: "alice"},
		Priority: j.Priority, State: state, CreatedAt: T0(), AvailableAt: T0(), Occurrences: 1,
	}
	switch state {
	case job.RunQueued, job.RunSkipped, job.RunMissed:
	case job.RunCancelled:
		r.FinishedAt = T0().Add(time.Second)
	default:
		r.StartedAt, r.NodeID, r.Epoch = T0().Add(time.Second), "node-1", 1
		if state != job.RunRunning {
			r.FinishedAt = T0().Add(3 * time.Second)
		}
	}
	for _, c := range change {
		c(&r)
	}
	return r
}

// AddRun stores a run made by [Run].
func AddRun(t testing.TB, s *db.Store, j job.Job, state job.RunState, change ...func(*job.Run)) job.Run {
	t.Helper()
	r := Run(j, state, change...)
	ids, err := s.InsertRuns(t.Context(), []job.Run{r})
	if err != nil {
		t.Fatal(err)
	}
	if len(ids) != 1 {
		t.Fatalf("run %s was left out: its occurrence exists", r.ID)
	}
	return r
}

// AddUser stores a user with the given name and role.
func AddUser(t testing.TB, s *db.Store, name string, role access.Role) access.User {
	t.Helper()
	u := access.User{ID: ident.New(), Name: name, Role: role, CreatedAt: T0()}
	if err := s.InsertUser(t.Context(), u); err != nil {
		t.Fatal(err)
	}
	return u
}
