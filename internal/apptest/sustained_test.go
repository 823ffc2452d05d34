package apptest_test

import (
	"context"
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"carillon/internal/apptest"
	"carillon/internal/job"
)

// BenchmarkSustained has 1,000 jobs print a line each second for half a minute, and
// measures how late their runs start, how far the program falls behind, and its memory:
//
//	go test -run '^$' -bench Sustained -benchtime 1x ./internal/apptest
func BenchmarkSustained(b *testing.B) {
	const jobs, span = 1000, 30 * time.Second
	for range b.N {
		w := apptest.Start(b, b.TempDir(), &apptest.Work{})
		begin := time.Now().UTC().Truncate(time.Second).Add(4 * time.Second)
		w.Fill(jobs, func(i int) job.Definition {
			return job.Definition{
				Group: "sustained", Name: fmt.Sprintf("job-%04d", i), Kind: "Console",
				Schedule: job.Schedule{Type: job.Interval, Every: 1, BeginAt: begin, EndAt: begin.Add(span - time.Second), Zone: "UTC"},
				Args:     job.Args{"message": "a line of output"},
			}
		})
		time.Sleep(time.Until(begin))
		used := processorTime(b)
		time.Sleep(time.Until(begin.Add(span / 3)))
		early := residentMB(b)
		time.Sleep(time.Until(begin.Add(span)))
		late := residentMB(b)
		used = processorTime(b) - used
		lags := startLags(b, w)
		b.ReportMetric(float64(len(lags))/span.Seconds(), "runs/s")
		b.ReportMetric(float64(quantile(lags, 0.5).Milliseconds()), "start-p50-ms")
		b.ReportMetric(float64(quantile(lags, 0.99).Milliseconds()), "start-p99-ms")
		b.ReportMetric(used.Seconds()*1000/float64(len(lags)), "cpu-ms/run")
		b.ReportMetric(early, "RSS-at-10s-MB")
		b.ReportMetric(late, "RSS-at-30s-MB")
		b.ReportMetric(0, "ns/op")
		w.Stop()
	}
}

// startLags returns how long after its time each run that has started did so, sorted.
func startLags(b *testing.B, w *apptest.World) []time.Duration {
	b.Helper()
	var lags []time.Duration
	page := job.RunPage{Limit: 1000}
	for {
		runs, err := w.Store.Runs(context.WithoutCancel(b.Context()), job.RunFilter{}, page)
		if err != nil {
			b.Fatal(err)
		}
		for _, run := range runs.Items {
			if !run.StartedAt.IsZero() {
				lags = append(lags, run.StartedAt.Sub(run.ScheduledAt))
			}
		}
		if page.After = runs.Next; page.After == "" {
			slices.Sort(lags)
			return lags
		}
	}
}

// residentMB is the memory of this process that is in use, in MB.
func residentMB(b *testing.B) float64 {
	b.Helper()
	raw, err := os.ReadFile("/proc/self/statm")
	if err != nil {
		b.Skip("no /proc on this system")
	}
	pages, err := strconv.Atoi(strings.Fields(string(raw))[1])
	if err != nil {
		b.Fatal(err)
	}
	return float64(pages*os.Getpagesize()) / 1e6
}
