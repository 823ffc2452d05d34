// Package metrics counts what the process does and writes it in the text form of
// Prometheus. Every label has a small, fixed set of values: no name of a job, a user or a
// path stands in one.
package metrics

import (
	"context"
	"fmt"
	"io"
	"math"
	"runtime"
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/common/expfmt"

	"carillon/internal/event"
	"carillon/internal/job"
)

// Facts are what a scrape asks the process for.
type Facts struct {
	Workers       int
	Queued        int // runs that wait for a worker of this process
	Running       int // runs at work in this process
	LastTick      time.Time
	Draining      bool
	DatabaseOK    bool
	DatabaseBytes int64 // 0 when not known
	OutputBytes   int64 // 0 when not known
}

// Options are what a set needs.
type Options struct {
	Version string
	Now     func() time.Time
	// Facts is asked at each scrape. On an error the scrape tells what it knows, and that
	// the database is down.
	Facts func(ctx context.Context) (Facts, error)
}

// Set holds the metrics of one process. It is safe for concurrent use.
type Set struct {
	options  Options
	registry *prometheus.Registry

	runs     *prometheus.CounterVec
	lag      prometheus.Histogram
	requests *prometheus.CounterVec
	gauges   gauges
}

// gauges are set at each scrape.
type gauges struct {
	workers, queued, running, tickAge, draining, databaseUp, databaseBytes, outputBytes prometheus.Gauge
}

// New returns a set with a registry of its own.
func New(o Options) *Set {
	s := &Set{options: o, registry: prometheus.NewRegistry()}
	s.runs = prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "carillon_runs_total", Help: "Runs that came to an end in this process, by their final state.",
	}, []string{"state"})
	s.lag = prometheus.NewHistogram(prometheus.HistogramOpts{
		Name: "carillon_dispatch_lag_seconds", Help: "How long after its due time a run was queued.",
		Buckets: []float64{0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300},
	})
	s.requests = prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "carillon_http_requests_total", Help: "Requests answered, by method, pattern of the route and class of the status.",
	}, []string{"method", "route", "status"})
	s.gauges = gauges{
		workers:       s.gauge("carillon_workers", "How many runs may work at once."),
		queued:        s.gauge("carillon_queue_depth", "Runs that wait for a worker."),
		running:       s.gauge("carillon_runs_running", "Runs at work."),
		tickAge:       s.gauge("carillon_last_tick_age_seconds", "How long ago the scheduler last looked for due jobs; NaN before the first look."),
		draining:      s.gauge("carillon_draining", "1 while the process comes to its end."),
		databaseUp:    s.gauge("carillon_database_up", "1 if the database answers."),
		databaseBytes: s.gauge("carillon_database_bytes", "Size of the database without the output of runs."),
		outputBytes:   s.gauge("carillon_output_bytes", "Size of the stored output of runs."),
	}
	build := prometheus.NewGaugeVec(prometheus.GaugeOpts{Name: "carillon_build_info", Help: "1, with the version as a label."}, []string{"version", "go"})
	build.WithLabelValues(o.Version, runtime.Version()).Set(1)
	s.registry.MustRegister(s.runs, s.lag, s.requests, build,
		collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	for _, state := range job.RunStates() {
		if final(state) {
			s.runs.WithLabelValues(string(state)) // so that a first failure counts as a change from 0
		}
	}
	return s
}

// gauge makes and registers a gauge.
func (s *Set) gauge(name, help string) prometheus.Gauge {
	g := prometheus.NewGauge(prometheus.GaugeOpts{Name: name, Help: help})
	s.registry.MustRegister(g)
	return g
}

// final reports whether a run in that state stays in it.
func final(s job.RunState) bool { return s.Valid() && s != job.RunQueued && s != job.RunRunning }

// Event counts the runs that ended. It is quick and never waits.
func (s *Set) Event(e event.Event) {
	if state := job.RunState(e.State); e.Type == event.RunChanged && final(state) {
		s.runs.WithLabelValues(e.State).Inc()
	}
}

// Lag notes how long after its due time a run was queued.
func (s *Set) Lag(late time.Duration) { s.lag.Observe(max(0, late.Seconds())) }

// Request counts an answered request. The route is the pattern of the route table, "" if
// none fits; then the method is left out too, since anybody can invent methods.
func (s *Set) Request(method, route string, status int) {
	if route == "" {
		method, route = "other", "none"
	}
	s.requests.WithLabelValues(method, route, strconv.Itoa(status/100)+"xx").Inc()
}

// Write writes all metrics in the text form, version 0.0.4.
func (s *Set) Write(ctx context.Context, w io.Writer) error {
	s.look(ctx)
	families, err := s.registry.Gather()
	if err != nil {
		return fmt.Errorf("gather metrics: %w", err)
	}
	for _, family := range families {
		if _, err := expfmt.MetricFamilyToText(w, family); err != nil {
			return fmt.Errorf("write metrics: %w", err)
		}
	}
	return nil
}

// look sets the gauges.
func (s *Set) look(ctx context.Context) {
	f, err := s.options.Facts(ctx)
	g := s.gauges
	if err != nil {
		g.databaseUp.Set(0)
		return
	}
	g.workers.Set(float64(f.Workers))
	g.queued.Set(float64(f.Queued))
	g.running.Set(float64(f.Running))
	g.draining.Set(truth(f.Draining))
	g.databaseUp.Set(truth(f.DatabaseOK))
	g.databaseBytes.Set(float64(f.DatabaseBytes))
	g.outputBytes.Set(float64(f.OutputBytes))
	age := math.NaN()
	if !f.LastTick.IsZero() {
		age = s.options.Now().Sub(f.LastTick).Seconds()
	}
	g.tickAge.Set(age)
}

func truth(b bool) float64 {
	if b {
		return 1
	}
	return 0
}
