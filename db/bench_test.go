package db_test

import (
	"context"
	"runtime"
	"strconv"
	"testing"
	"time"

	"carillon/db"
	"carillon/db/dbtest"
	"carillon/internal/ident"
	"carillon/internal/job"
)

// BenchmarkRun carries runs through start and finish, as 64 workers do: each write in a
// transaction of its own, or in one that is shared.
func BenchmarkRun(b *testing.B) {
	for name, open := range map[string]func(testing.TB) *db.Store{"sqlite": dbtest.New, "postgres": dbtest.NewPostgres} {
		for _, grouped := range []bool{false, true} {
			b.Run(name+"/grouped="+strconv.FormatBool(grouped), func(b *testing.B) {
				s := open(b)
				in := s.InTx
				if grouped {
					in = s.InGroup
				}
				next := make(chan job.RunID, b.N+64)
				for range 64 {
					for _, id := range addRuns(b, s, dbtest.AddJob(b, s), b.N/64+1, job.RunQueued) {
						next <- id
					}
				}
				b.SetParallelism(64 / runtime.GOMAXPROCS(0))
				b.ResetTimer()
				b.RunParallel(func(pb *testing.PB) {
					for pb.Next() {
						carry(b, s, in, <-next)
					}
				})
				b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "runs/s")
			})
		}
	}
}

func carry(b *testing.B, s *db.Store, in txFunc, id job.RunID) {
	var r job.Run
	err := in(b.Context(), func(ctx context.Context) (err error) {
		r, err = s.StartRun(ctx, id, "n", dbtest.T0())
		return err
	})
	if err == nil {
		r.State, r.FinishedAt, r.Result = job.RunSucceeded, dbtest.T0().Add(time.Second), "ok"
		err = in(b.Context(), func(ctx context.Context) error {
			j, err := s.Job(ctx, r.JobID)
			if err != nil {
				return err
			}
			if err := s.FinishRun(ctx, r); err != nil {
				return err
			}
			return s.UpdateJobStatus(ctx, j)
		})
	}
	if err != nil {
		b.Error(err)
	}
}

func addRuns(b *testing.B, s *db.Store, j job.Job, n int, state job.RunState) []job.RunID {
	b.Helper()
	var ids []job.RunID
	for len(ids) < n {
		runs := make([]job.Run, min(1000, n-len(ids)))
		for i := range runs {
			runs[i] = dbtest.Run(j, state, func(r *job.Run) { r.CreatedAt = r.CreatedAt.Add(time.Duration(len(ids)+i) * time.Millisecond) })
		}
		added, err := s.InsertRuns(b.Context(), runs)
		if err != nil {
			b.Fatal(err)
		}
		ids = append(ids, added...)
	}
	return ids
}

// BenchmarkOpen is what a test pays for a fresh database.
func BenchmarkOpen(b *testing.B) {
	for b.Loop() {
		s, err := db.Open(b.Context(), db.Options{Dir: b.TempDir()})
		if err != nil {
			b.Fatal(err)
		}
		if err := s.Close(); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkPages reads what the pages read, from many jobs with a long history.
func BenchmarkPages(b *testing.B) {
	s := dbtest.New(b)
	ctx := b.Context()
	var jobs []job.Job
	var ids []job.ID
	err := s.InTx(ctx, func(ctx context.Context) error {
		for i := range 20_000 {
			j := dbtest.Job(func(j *job.Job) { j.Group, j.Name = "g"+strconv.Itoa(i%40), "n"+ident.New() })
			if err := s.InsertJob(ctx, j); err != nil {
				return err
			}
			jobs = append(jobs, j)
		}
		return nil
	})
	if err != nil {
		b.Fatal(err)
	}
	for _, j := range jobs[:50] {
		ids = append(ids, j.ID)
	}
	for range 4 {
		for _, j := range jobs[:50] {
			addRuns(b, s, j, 1000, job.RunSucceeded)
		}
	}
	addRuns(b, s, jobs[0], 20, job.RunFailed)
	page := job.JobPage{Limit: 50}
	for name, fn := range map[string]func() error{
		"jobs":         func() error { _, err := s.Jobs(ctx, job.Filter{HideSystem: true}, page); return err },
		"jobs-text":    func() error { _, err := s.Jobs(ctx, job.Filter{Text: "nothing"}, page); return err },
		"jobs-running": func() error { _, err := s.Jobs(ctx, job.Filter{Running: true}, page); return err },
		"jobs-tag":     func() error { _, err := s.Jobs(ctx, job.Filter{Tag: "none"}, page); return err },
		"jobs-count":   func() error { _, err := s.CountJobs(ctx, job.Filter{}, 1000); return err },
		"groups":       func() error { _, err := s.Groups(ctx); return err },
		"bars-50x30":   func() error { _, err := s.Bars(ctx, ids, 30); return err },
		"live-50":      func() error { _, err := s.Live(ctx, ids); return err },
		"stats":        func() error { _, err := s.Stats(ctx, ids[0], time.Time{}.AddDate(1999, 0, 0)); return err },
		"runs":         func() error { _, err := s.Runs(ctx, job.RunFilter{}, job.RunPage{Limit: 50}); return err },
		"runs-failed": func() error {
			_, err := s.Runs(ctx, job.RunFilter{States: []job.RunState{job.RunFailed}}, job.RunPage{Limit: 50})
			return err
		},
		"runs-text": func() error {
			_, err := s.Runs(ctx, job.RunFilter{Text: "nothing"}, job.RunPage{Limit: 50})
			return err
		},
		"job":          func() error { _, err := s.Job(ctx, ids[0]); return err },
		"due-500":      func() error { _, err := s.DueJobs(ctx, dbtest.T0().AddDate(1, 0, 0), 500); return err },
		"statuses-500": func() error { return s.UpdateJobStatuses(ctx, jobs[:500]) },
		"insert-500": func() error {
			runs := make([]job.Run, 500)
			for i := range runs {
				runs[i] = dbtest.Run(jobs[i], job.RunQueued)
			}
			_, err := s.InsertRuns(ctx, runs)
			return err
		},
		"insert-1":      func() error { _, err := s.InsertRuns(ctx, []job.Run{dbtest.Run(jobs[0], job.RunQueued)}); return err },
		"status":        func() error { return s.UpdateJobStatus(ctx, jobs[0]) },
		"empty-tx":      func() error { return s.InTx(ctx, func(context.Context) error { return nil }) },
		"runs-of-a-job": func() error { _, err := s.Runs(ctx, job.RunFilter{JobID: ids[0]}, job.RunPage{Limit: 50}); return err },
	} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				if err := fn(); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
