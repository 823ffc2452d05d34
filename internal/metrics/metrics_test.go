package metrics_test

import (
	"bytes"
	"context"
	"errors"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"

	"carillon/internal/event"
	"carillon/internal/job"
	"carillon/internal/metrics"
)

// fixture is a set over facts that a test may change.
type fixture struct {
	*metrics.Set
	facts metrics.Facts
	err   error
}

func newFixture() *fixture {
	now := time.Date(2026, 1, 1, 0, 0, 10, 0, time.UTC)
	f := &fixture{facts: metrics.Facts{
		Workers: 64, Queued: 3, Running: 2, LastTick: now.Add(-1500 * time.Millisecond), DatabaseOK: true, DatabaseBytes: 4096, OutputBytes: 512,
	}}
	f.Set = metrics.New(metrics.Options{
		Version: "v1.2.3", Now: func() time.Time { return now },
		Facts: func(context.Context) (metrics.Facts, error) { return f.facts, f.err },
	})
	return f
}

// scrape writes the metrics and fails the test unless they can be read back.
func (f *fixture) scrape(t *testing.T) string {
	t.Helper()
	var b bytes.Buffer
	if err := f.Write(t.Context(), &b); err != nil {
		t.Fatal(err)
	}
	parser := expfmt.NewTextParser(model.UTF8Validation)
	if _, err := parser.TextToMetricFamilies(strings.NewReader(b.String())); err != nil {
		t.Fatalf("%v\n%s", err, b.String())
	}
	return b.String()
}

func wantLines(t *testing.T, text string, lines ...string) {
	t.Helper()
	for _, line := range lines {
		if !strings.Contains("\n"+text, "\n"+line+"\n") {
			t.Errorf("no line %s", line)
		}
	}
}

func TestScrape(t *testing.T) {
	t.Parallel()
	f := newFixture()
	text := f.scrape(t)
	wantLines(t, text,
		`carillon_runs_total{state="succeeded"} 0`, `carillon_runs_total{state="missed"} 0`, `carillon_queue_depth 3`, `carillon_runs_running 2`,
		`carillon_workers 64`, `carillon_last_tick_age_seconds 1.5`, `carillon_database_up 1`, `carillon_database_bytes 4096`,
		`carillon_output_bytes 512`, `carillon_draining 0`, `carillon_dispatch_lag_seconds_count 0`,
	)
	if !strings.Contains(text, `version="v1.2.3"} 1`) || strings.Contains(text, `state="queued"`) {
		t.Errorf("%s", text)
	}
	for _, e := range []event.Event{
		{Type: event.RunChanged, State: string(job.RunQueued)}, {Type: event.RunChanged, State: string(job.RunRunning)},
		{Type: event.RunChanged, State: string(job.RunFailed)}, {Type: event.RunChanged, State: string(job.RunFailed)}, {Type: event.RunChanged},
		{Type: event.JobChanged, State: string(job.Stopped)}, {Type: event.RunChanged, State: "nonsense"},
	} {
		f.Event(e)
	}
	f.Lag(300 * time.Millisecond)
	f.Lag(-time.Second)
	f.Request("GET", "/jobs/:id", 200)
	f.Request("GET", "/jobs/:id", 302)
	f.Request("BREW", "", 405)
	f.Request("GET", "", 404)
	f.facts.Draining, f.facts.LastTick = true, time.Time{}
	text = f.scrape(t)
	wantLines(t, text,
		`carillon_runs_total{state="failed"} 2`, `carillon_runs_total{state="succeeded"} 0`, `carillon_dispatch_lag_seconds_count 2`,
		`carillon_dispatch_lag_seconds_bucket{le="0.05"} 1`, `carillon_dispatch_lag_seconds_bucket{le="0.5"} 2`,
		`carillon_http_requests_total{method="GET",route="/jobs/:id",status="2xx"} 1`,
		`carillon_http_requests_total{method="GET",route="/jobs/:id",status="3xx"} 1`,
		`carillon_http_requests_total{method="other",route="none",status="4xx"} 2`,
		`carillon_draining 1`, `carillon_last_tick_age_seconds NaN`,
	)
	if strings.Contains(text, "nonsense") || strings.Contains(text, "BREW") {
		t.Error("what comes from outside became a label")
	}
	f.err = errors.New("no database")
	wantLines(t, f.scrape(t), `carillon_database_up 0`, `carillon_workers 64`)
}

// TestPackagingKnowsTheMetrics looks for names in the dashboard and the alert rules that
// no scrape has.
func TestPackagingKnowsTheMetrics(t *testing.T) {
	t.Parallel()
	f := newFixture()
	f.Request("GET", "/", 200)
	known := regexp.MustCompile(`(?m)^(\w+)`).FindAllString(f.scrape(t), -1)
	used := map[string]bool{}
	for _, file := range []string{"../../packaging/grafana-dashboard.json", "../../packaging/prometheus-alerts.yml"} {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		names := regexp.MustCompile(`\bcarillon_[a-z_]+\b`).FindAllString(string(text), -1)
		if len(names) < 5 {
			t.Errorf("%s names %d metrics", file, len(names))
		}
		for _, name := range names {
			used[name] = true
			if !slices.Contains(known, name) {
				t.Errorf("%s: there is no %s", file, name)
			}
		}
	}
	for _, name := range known {
		if base := strings.TrimSuffix(strings.TrimSuffix(name, "_sum"), "_count"); strings.HasPrefix(name, "carillon_") && base == name && !used[name] && name != "carillon_output_bytes" {
			t.Errorf("neither the dashboard nor an alert shows %s", name)
		}
	}
}
