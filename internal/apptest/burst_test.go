package apptest_test

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"sync"
	"syscall"
	"testing"
	"time"

	"carillon/internal/apptest"
	"carillon/internal/job"
)

// target is a local server that notes when each request arrived.
type target struct {
	*httptest.Server
	mu       sync.Mutex
	arrivals []time.Time
	want     int
	all      chan struct{}
}

func newTarget(want int) *target {
	t := &target{want: want, all: make(chan struct{})}
	t.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		now := time.Now()
		t.mu.Lock()
		t.arrivals = append(t.arrivals, now)
		if len(t.arrivals) == t.want {
			close(t.all)
		}
		t.mu.Unlock()
		_, _ = io.WriteString(w, "ok")
	}))
	return t
}

// lags returns how long after begin each request arrived, sorted.
func (t *target) lags(begin time.Time) []time.Duration {
	t.mu.Lock()
	defer t.mu.Unlock()
	lags := make([]time.Duration, len(t.arrivals))
	for i, at := range t.arrivals {
		lags[i] = at.Sub(begin)
	}
	slices.Sort(lags)
	return lags
}

func quantile(sorted []time.Duration, q float64) time.Duration {
	return sorted[min(len(sorted)-1, int(q*float64(len(sorted))))]
}

// BenchmarkBurst measures how late the requests of N HTTP jobs that are due in the same
// second arrive, and beside it a bare Go client that makes the same requests. The times
// of the processor until the last arrival include the target's; they say more than the
// clock on a machine that others use too.
//
//	go test -run '^$' -bench Burst -benchtime 1x ./internal/apptest
func BenchmarkBurst(b *testing.B) {
	for _, n := range []int{1000, 10000} {
		for _, workers := range []int{64, 256, 1024} {
			b.Run(fmt.Sprintf("jobs=%d/workers=%d", n, workers), func(b *testing.B) {
				for range b.N {
					carillon, cpu := burstOfJobs(b, n, workers)
					bare, bareCPU := burstOfRequests(b, n)
					b.ReportMetric(float64(quantile(carillon, 0.5).Milliseconds()), "p50-ms")
					b.ReportMetric(float64(quantile(carillon, 0.99).Milliseconds()), "p99-ms")
					b.ReportMetric(float64(quantile(bare, 0.5).Milliseconds()), "bare-p50-ms")
					b.ReportMetric(float64(quantile(bare, 0.99).Milliseconds()), "bare-p99-ms")
					b.ReportMetric(float64(quantile(carillon, 0.99))/float64(quantile(bare, 0.99)), "p99-ratio")
					b.ReportMetric(cpu.Seconds()*1000, "cpu-ms")
					b.ReportMetric(bareCPU.Seconds()*1000, "bare-cpu-ms")
					b.ReportMetric(0, "ns/op")
				}
			})
		}
	}
}

func burstOfJobs(b *testing.B, n, workers int) ([]time.Duration, time.Duration) {
	b.Helper()
	srv := newTarget(n)
	defer srv.Close()
	w := apptest.StartWith(b, b.TempDir(), &apptest.Work{}, workers)
	defer w.Stop()
	due := time.Now().UTC().Truncate(time.Second).Add(time.Duration(5+n/1000) * time.Second)
	w.Fill(n, func(i int) job.Definition {
		return job.Definition{
			Group: "burst", Name: fmt.Sprintf("job-%05d", i), Kind: "HttpRequest",
			Schedule: job.Schedule{Type: job.Once, BeginAt: due, Zone: "UTC"},
			Args:     job.Args{"url": srv.URL, "method": "GET"},
		}
	})
	if late := time.Since(due); late > -time.Second {
		b.Fatalf("making the jobs took %v too long", late+time.Second)
	}
	time.Sleep(time.Until(due))
	used := processorTime(b)
	select {
	case <-srv.all:
	case <-time.After(5 * time.Minute):
		b.Fatalf("%d of %d arrived", len(srv.lags(due)), n)
	}
	return srv.lags(due), processorTime(b) - used
}

// burstOfRequests makes the same requests with nothing but a client and goroutines.
func burstOfRequests(b *testing.B, n int) ([]time.Duration, time.Duration) {
	b.Helper()
	srv := newTarget(n)
	defer srv.Close()
	const workers = 64
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: workers, MaxConnsPerHost: workers}}
	used := processorTime(b)
	begin := time.Now()
	work := make(chan struct{})
	var group sync.WaitGroup
	for range workers {
		group.Go(func() {
			for range work {
				req, _ := http.NewRequestWithContext(b.Context(), http.MethodGet, srv.URL, nil)
				resp, err := client.Do(req)
				if err != nil {
					b.Error(err)
					continue
				}
				_, _ = io.Copy(io.Discard, resp.Body)
				_ = resp.Body.Close()
			}
		})
	}
	for range n {
		work <- struct{}{}
	}
	close(work)
	group.Wait()
	return srv.lags(begin), processorTime(b) - used
}

// processorTime is how long this process has kept processors busy.
func processorTime(b *testing.B) time.Duration {
	b.Helper()
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
