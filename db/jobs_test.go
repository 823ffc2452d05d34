package db_test

import (
	"context"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"carillon/db"
	"carillon/db/dbtest"
	"carillon/internal/apperr"
	"carillon/internal/job"
)

// wantError fails unless err has the kind and code.
func wantError(t *testing.T, err error, kind apperr.Kind, code string) {
	t.Helper()
	if !apperr.Is(err, kind) || apperr.CodeOf(err) != code {
		t.Errorf("error = %v, want %s %q", err, kind, code)
	}
}

func noError(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func wantEqual[T any](t *testing.T, got, want T) {
	t.Helper()
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("difference (-want +got):\n%s", d)
	}
}

func fullJob(j *job.Job) {
	j.Group, j.Name, j.Description, j.Owner = "Ops", "Nachtlauf Ä %_", "says \"hi\"", "bob"
	j.Tags = []string{"db", "night"}
	j.Args = job.Args{"message": "a\x00b", "list": []any{"x", 2.5, nil}}
	j.Schedule.BeginAt, j.Schedule.EndAt = dbtest.T0(), dbtest.T0().AddDate(1, 0, 0)
	j.Retry = job.Retry{Limit: 3, Delay: 10, Factor: 1.5, MaxDelay: 600}
	j.Retention = job.Retention{KeepRuns: 5, KeepDays: 6, KeepFailedDays: 7}
	j.Node, j.Timeout, j.LockTimeout, j.MaxCount, j.MaxTries = "db-1", 30, 40, 50, 60
	j.State, j.PausedUntil, j.PauseReason = job.Paused, dbtest.T0().Add(time.Hour), "move"
	j.TriggerCount, j.TryCount = 7, 2
	j.LastRunAt, j.LastRunID, j.LastOutcome = dbtest.T0().Add(1500*time.Millisecond), "r1", job.RunFailed
	j.NextRunAt = time.Time{}
}

func TestJobRoundTrip(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, s *db.Store) {
		ctx := t.Context()
		for _, j := range []job.Job{dbtest.AddJob(t, s), dbtest.AddJob(t, s, fullJob)} {
			got, err := s.Job(ctx, j.ID)
			noError(t, err)
			wantEqual(t, got, j)
			noError(t, s.InTx(ctx, func(ctx context.Context) error {
				got, err := s.JobForUpdate(ctx, j.ID)
				wantEqual(t, got, j)
				return err
			}))
		}
		_, err := s.Job(ctx, "none")
		wantError(t, err, apperr.NotFound, "not_found")
		_, err = s.JobForUpdate(ctx, "none")
		wantError(t, err, apperr.NotFound, "not_found")
	})
}

func TestJobNameIsUniqueInItsGroup(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, s *db.Store) {
		ctx := t.Context()
		a := dbtest.AddJob(t, s)
		b := dbtest.AddJob(t, s)
		wantError(t, s.InsertJob(ctx, dbtest.Job(func(j *job.Job) { j.Name = a.Name })), apperr.Conflict, "name_taken")
		dbtest.AddJob(t, s, func(j *job.Job) { j.Name, j.Group = a.Name, "other" })
		wantError(t, s.InsertJob(ctx, dbtest.Job(func(j *job.Job) { j.ID = a.ID })), apperr.Conflict, "exists")
		b.Name = a.Name
		wantError(t, s.UpdateJob(ctx, b, 1), apperr.Conflict, "name_taken")
	})
}

func TestUpdateJob(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, s *db.Store) {
		ctx := t.Context()
		before := dbtest.AddJob(t, s)
		j := before
		fullJob(&j)
		j.Revision, j.UpdatedBy, j.UpdatedAt = 2, job.By{ID: "u2", Name: "bob"}, dbtest.T0().Add(time.Minute)
		noError(t, s.UpdateJob(ctx, j, 1))
		got, err := s.Job(ctx, j.ID)
		noError(t, err)
		wantEqual(t, got, j)

		stale := before
		stale.Revision = 2
		wantError(t, s.UpdateJob(ctx, stale, 1), apperr.Conflict, "stale")
		wantError(t, s.UpdateJob(ctx, dbtest.Job(), 1), apperr.NotFound, "not_found")
		got, err = s.Job(ctx, j.ID)
		noError(t, err)
		wantEqual(t, got, j)
	})
}

func TestUpdateStatusLeavesTheDefinition(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, s *db.Store) {
		ctx := t.Context()
		a, b := dbtest.AddJob(t, s), dbtest.AddJob(t, s)
		gone := dbtest.Job()
		change := func(was job.Job) (written, want job.Job) {
			written = was
			fullJob(&written)
			written.Revision, written.Source, written.CreatedAt = 9, job.SourceImport, dbtest.T0().Add(time.Hour)
			want = written
			want.Definition, want.Revision, want.Source, want.CreatedAt = was.Definition, was.Revision, was.Source, was.CreatedAt
			return written, want
		}
		writtenA, wantA := change(a)
		writtenB, wantB := change(b)
		noError(t, s.UpdateJobStatus(ctx, writtenA))
		noError(t, s.UpdateJobStatuses(ctx, []job.Job{writtenB, gone}))
		noError(t, s.UpdateJobStatuses(ctx, nil))
		for _, want := range []job.Job{wantA, wantB} {
			got, err := s.Job(ctx, want.ID)
			noError(t, err)
			wantEqual(t, got, want)
		}
		wantError(t, s.UpdateJobStatus(ctx, gone), apperr.NotFound, "not_found")
	})
}

func TestUpdateManyStatuses(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, s *db.Store) {
		ctx := t.Context()
		jobs := make([]job.Job, 120)
		for i := range jobs {
			jobs[i] = dbtest.AddJob(t, s)
			jobs[i].TriggerCount = int64(i)
		}
		noError(t, s.UpdateJobStatuses(ctx, jobs))
		for i := range jobs {
			got, err := s.Job(ctx, jobs[i].ID)
			noError(t, err)
			wantEqual(t, got.TriggerCount, int64(i))
		}
	})
}

func TestRulesOfJobs(t *testing.T) {
	t.Parallel()
	bad := map[string]func(*job.Job){
		"state":           func(j *job.Job) { j.State = "asleep" },
		"active abandon":  func(j *job.Job) { j.Abandoned = true },
		"priority":        func(j *job.Job) { j.Priority = 7 },
		"revision":        func(j *job.Job) { j.Revision = 0 },
		"schedule type":   func(j *job.Job) { j.Schedule.Type = "weekly" },
		"overlap":         func(j *job.Job) { j.Overlap = "pile" },
		"source":          func(j *job.Job) { j.Source = "" },
		"trigger count":   func(j *job.Job) { j.TriggerCount = -1 },
		"try count":       func(j *job.Job) { j.TryCount = -1 },
		"last outcome":    func(j *job.Job) { j.LastOutcome = "odd" },
		"lock timeout":    func(j *job.Job) { j.LockTimeout = -1 },
		"kept runs":       func(j *job.Job) { j.Retention.KeepRuns = -1 },
		"kept days":       func(j *job.Job) { j.Retention.KeepDays = -1 },
		"kept for failed": func(j *job.Job) { j.Retention.KeepFailedDays = -1 },
	}
	dbtest.Each(t, func(t *testing.T, s *db.Store) {
		for name, change := range bad {
			t.Run(name, func(t *testing.T) {
				j := dbtest.Job(change)
				wantError(t, s.InsertJob(t.Context(), j), apperr.Internal, "constraint")
				_, err := s.Job(t.Context(), j.ID)
				wantError(t, err, apperr.NotFound, "not_found")
			})
		}
		dbtest.AddJob(t, s, func(j *job.Job) { j.State, j.Abandoned = job.Stopped, true })
	})
}

func TestRevisions(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, s *db.Store) {
		ctx := t.Context()
		j := dbtest.AddJob(t, s)
		var all []job.Revision
		for n := int64(1); n <= 5; n++ {
			r := job.Revision{JobID: j.ID, Revision: n, Definition: j.Definition, At: dbtest.T0(), By: j.CreatedBy, Note: "n"}
			r.Definition.MaxCount = int(n)
			noError(t, s.InsertRevision(ctx, r))
			all = append([]job.Revision{r}, all...)
		}
		wantError(t, s.InsertRevision(ctx, all[0]), apperr.Conflict, "exists")
		one, err := s.Revision(ctx, j.ID, 2)
		noError(t, err)
		wantEqual(t, one, all[3])
		_, err = s.Revision(ctx, j.ID, 6)
		wantError(t, err, apperr.NotFound, "not_found")
		page, err := s.Revisions(ctx, j.ID, 0, 2)
		noError(t, err)
		wantEqual(t, page, all[:2])
		page, err = s.Revisions(ctx, j.ID, 4, 10)
		noError(t, err)
		wantEqual(t, page, all[2:])

		dbtest.AddRun(t, s, j, job.RunSucceeded)
		noError(t, s.DeleteJob(ctx, j.ID))
		wantError(t, s.DeleteJob(ctx, j.ID), apperr.NotFound, "not_found")
		page, err = s.Revisions(ctx, j.ID, 0, 10)
		noError(t, err)
		wantEqual(t, len(page), 0)
		n, err := s.CountRuns(ctx, job.RunFilter{JobID: j.ID}, 10)
		noError(t, err)
		wantEqual(t, n, 1) // history survives
		wantError(t, s.InsertRevision(ctx, all[0]), apperr.Conflict, "reference")
	})
}

func TestDueJobs(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, s *db.Store) {
		ctx := t.Context()
		next, err := s.NextDue(ctx)
		noError(t, err)
		wantEqual(t, next, time.Time{})
		unplanned := dbtest.AddJob(t, s, func(j *job.Job) { j.NextRunAt = time.Time{} })
		next, err = s.NextDue(ctx)
		noError(t, err)
		wantEqual(t, next, time.Time{})

		at := func(d time.Duration, state job.State) job.Job {
			return dbtest.AddJob(t, s, func(j *job.Job) { j.NextRunAt, j.State = dbtest.T0().Add(d), state })
		}
		late, now := at(-time.Hour, job.Active), at(0, job.Active)
		at(time.Millisecond, job.Active)
		at(-time.Hour, job.Paused)
		at(-time.Hour, job.Stopped)
		paused := dbtest.AddJob(t, s, func(j *job.Job) {
			j.State, j.PausedUntil, j.NextRunAt = job.Paused, dbtest.T0(), unplanned.NextRunAt
		})

		due := func(limit int) []job.Job {
			var jobs []job.Job
			noError(t, s.InTx(ctx, func(ctx context.Context) (err error) {
				jobs, err = s.DueJobs(ctx, dbtest.T0(), limit)
				return err
			}))
			return jobs
		}
		wantEqual(t, due(10), []job.Job{late, now})
		wantEqual(t, due(1), []job.Job{late})
		pauses, err := s.DuePauses(ctx, dbtest.T0(), 10)
		noError(t, err)
		wantEqual(t, pauses, []job.Job{paused})
		pauses, err = s.DuePauses(ctx, dbtest.T0().Add(-time.Second), 10)
		noError(t, err)
		wantEqual(t, len(pauses), 0)
		next, err = s.NextDue(ctx)
		noError(t, err)
		wantEqual(t, next, late.NextRunAt)
	})
}

func TestDueJobsOfAnotherDispatcherAreLeftOut(t *testing.T) {
	t.Parallel()
	s := dbtest.NewPostgres(t)
	ctx := t.Context()
	dbtest.AddJob(t, s)
	now := dbtest.T0().Add(time.Hour)
	noError(t, s.InTx(ctx, func(tx context.Context) error {
		mine, err := s.DueJobs(tx, now, 10)
		noError(t, err)
		wantEqual(t, len(mine), 1)
		return s.InTx(ctx, func(tx context.Context) error { // another connection
			theirs, err := s.DueJobs(tx, now, 10)
			wantEqual(t, len(theirs), 0)
			return err
		})
	}))
}

func TestGroups(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, s *db.Store) {
		for _, g := range []string{"b", "a", "B", "b"} {
			dbtest.AddJob(t, s, func(j *job.Job) { j.Group = g })
		}
		groups, err := s.Groups(t.Context())
		noError(t, err)
		wantEqual(t, groups, []job.GroupCount{{Group: "B", Jobs: 1}, {Group: "a", Jobs: 1}, {Group: "b", Jobs: 2}})
	})
}
