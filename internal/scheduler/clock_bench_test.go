package scheduler_test

import (
	"context"
	"fmt"
	"log/slog"
	"sync"
	"testing"
	"time"

	"github.com/go-co-op/gocron/v2"

	"carillon/db/dbtest"
	"carillon/internal/clock"
	"carillon/internal/event"
	"carillon/internal/ident"
	"carillon/internal/job"
	"carillon/internal/scheduler"
)

// BenchmarkDispatch measures what docs/adr/0001 weighs: N jobs due in one second, kept
// by gocron one by one, or as rows of which one tick makes queued runs.
//
//	go test -run '^$' -bench Dispatch -benchtime 1x ./internal/scheduler
func BenchmarkDispatch(b *testing.B) {
	for _, n := range []int{1000, 10000, 100000} {
		b.Run(fmt.Sprintf("gocron/jobs=%d", n), func(b *testing.B) {
			for range b.N {
				b.ReportMetric(gocronBurst(b, n).Seconds()*1000, "last-start-ms")
			}
		})
		b.Run(fmt.Sprintf("rows/jobs=%d", n), func(b *testing.B) {
			for range b.N {
				b.ReportMetric(rowsBurst(b, n).Seconds()*1000, "last-queued-ms")
			}
		})
	}
}

// gocronBurst returns how long after the second the last of n gocron jobs started.
func gocronBurst(b *testing.B, n int) time.Duration {
	b.Helper()
	cron, err := gocron.NewScheduler(gocron.WithLocation(time.UTC))
	if err != nil {
		b.Fatal(err)
	}
	var started sync.WaitGroup
	var once sync.Map
	started.Add(n)
	due := time.Now().UTC().Truncate(time.Second).Add(time.Duration(3+n/20000) * time.Second)
	for i := range n {
		task := gocron.NewTask(func() {
			if _, again := once.LoadOrStore(i, true); !again {
				started.Done()
			}
		})
		text := fmt.Sprintf("%d %d %d * * *", due.Second(), due.Minute(), due.Hour())
		if _, err := cron.NewJob(gocron.CronJob(text, true), task); err != nil {
			b.Fatal(err)
		}
	}
	cron.Start()
	started.Wait()
	lag := time.Since(due)
	if err := cron.Shutdown(); err != nil {
		b.Fatal(err)
	}
	return lag
}

// nowhere is an engine that takes runs and does nothing.
type nowhere struct{}

func (nowhere) Submit(context.Context, ...job.Ticket)         {}
func (nowhere) Cancel(context.Context, job.RunID, job.Reason) {}

// rowsBurst returns how long a tick took to make queued runs of n due jobs.
func rowsBurst(b *testing.B, n int) time.Duration {
	b.Helper()
	store := dbtest.New(b)
	due := time.Now().UTC().Truncate(time.Second)
	insert := func(ctx context.Context, from, to int) error {
		for i := from; i < to; i++ {
			def := job.Definition{
				Group: "burst", Name: fmt.Sprint(i), Kind: "Sleep", Priority: job.Normal, Overlap: job.OverlapSkip,
				Misfire: job.MisfireRunOnce, Grace: 60, Schedule: job.Schedule{Type: job.Interval, Every: 60, BeginAt: due, Zone: "UTC"},
			}
			j, err := job.New(def, job.SourceUser, job.By{}, due.Add(-time.Second), time.UTC, true)
			if err != nil {
				return err
			}
			j.ID = job.ID(ident.New())
			if err := store.InsertJob(ctx, j); err != nil {
				return err
			}
		}
		return nil
	}
	for from := 0; from < n; from += 1000 {
		err := store.InTx(b.Context(), func(ctx context.Context) error { return insert(ctx, from, min(n, from+1000)) })
		if err != nil {
			b.Fatal(err)
		}
	}
	d := scheduler.NewDispatcher(scheduler.Deps{
		Store: store, Engine: nowhere{}, Events: event.NewHub(), Clock: clock.System(), Zone: time.UTC,
		Log: slog.New(slog.DiscardHandler),
	})
	began := time.Now()
	queued, err := d.Dispatch(b.Context())
	if err != nil || queued != n {
		b.Fatalf("queued %d of %d: %v", queued, n, err)
	}
	return time.Since(began)
}
