package job_test

import (
	"math"
	"strings"
	"testing"
	"time"

	"carillon/internal/job"
)

func valid() job.Definition {
	return job.Definition{Group: " ops ", Name: " nightly ", Kind: "Shell", Schedule: cronIn(" 0  3 * * * ", "Europe/Warsaw"), Tags: []string{" a ", "", "a", "b"}}
}

func TestValidateFillsInDefaults(t *testing.T) {
	t.Parallel()
	def := valid()
	def.Schedule.Every = 7
	def.Schedule.BeginAt = time.Date(2026, 3, 1, 12, 0, 0, 999, time.FixedZone("", 3600))
	got, err := job.Validate(def, at("2026-03-01T12:00:00Z"), time.UTC)
	if err != nil {
		t.Fatal(err)
	}
	if got.Group != "ops" || got.Name != "nightly" || got.Schedule.Cron != "0 3 * * *" || len(got.Tags) != 2 || got.Args == nil {
		t.Errorf("texts: %+v", got)
	}
	if got.Priority != job.Normal || got.Overlap != job.OverlapSkip || got.Misfire != job.MisfireRunOnce || got.Grace != 60 || got.MisfireCap != 10 || got.Retry.Factor != 1 {
		t.Errorf("defaults: %+v", got)
	}
	if got.Schedule.Every != 0 || got.Schedule.BeginAt != at("2026-03-01T11:00:00Z") {
		t.Errorf("schedule: %+v", got.Schedule)
	}
	again, err := job.Validate(got, at("2026-03-01T12:00:00Z"), time.UTC)
	if err != nil || !again.Schedule.SameTimes(got.Schedule) || again.Name != got.Name {
		t.Errorf("validated again: %+v, %v", again, err)
	}
}

func TestValidateNamesTheField(t *testing.T) {
	t.Parallel()
	long := func(n int) string { return strings.Repeat("界", n) }
	tests := []struct {
		field, msg string
		change     func(*job.Definition)
	}{
		{"name", "name_required", func(d *job.Definition) { d.Name = " \t" }},
		{"name", "text_long", func(d *job.Definition) { d.Name = long(101) }},
		{"name", "text_control", func(d *job.Definition) { d.Name = "a\nb" }},
		{"name", "text_control", func(d *job.Definition) { d.Name = "a\x00b" }},
		{"name", "text_control", func(d *job.Definition) { d.Name = "a\xffb" }},
		{"group", "group_required", func(d *job.Definition) { d.Group = "" }},
		{"group", "text_long", func(d *job.Definition) { d.Group = long(101) }},
		{"kind", "kind_required", func(d *job.Definition) { d.Kind = "" }},
		{"description", "text_long", func(d *job.Definition) { d.Description = long(256) }},
		{"name", "text_control", func(d *job.Definition) { d.Name = "evil\u202etxt" }},
		{"description", "text_control", func(d *job.Definition) { d.Description = "a\x1b[0m" }},
		{"owner", "text_long", func(d *job.Definition) { d.Owner = long(101) }},
		{"node", "text_long", func(d *job.Definition) { d.Node = long(129) }},
		{"tags", "tags_many", func(d *job.Definition) { d.Tags = strings.Fields("a b c d e f g h i j k l m n o p q r s t u") }},
		{"tags", "text_long", func(d *job.Definition) { d.Tags = []string{long(51)} }},
		{"max_count", "number_range", func(d *job.Definition) { d.MaxCount = -1 }},
		{"max_tries", "number_range", func(d *job.Definition) { d.MaxTries = -1 }},
		{"retry.limit", "number_range", func(d *job.Definition) { d.Retry.Limit = -2 }},
		{"retry.delay", "number_range", func(d *job.Definition) { d.Retry.Delay = job.MaxSpan + 1 }},
		{"retry.delay", "retry_without_end", func(d *job.Definition) { d.Retry.Limit = -1 }},
		{"retry.factor", "number_range", func(d *job.Definition) { d.Retry.Factor = math.NaN() }},
		{"retry.factor", "number_range", func(d *job.Definition) { d.Retry.Factor = 0.5 }},
		{"retry.max_delay", "number_range", func(d *job.Definition) { d.Retry.MaxDelay = -1 }},
		{"timeout", "number_range", func(d *job.Definition) { d.Timeout = -1 }},
		{"lock_timeout", "number_range", func(d *job.Definition) { d.LockTimeout = math.MaxInt64 }},
		{"overlap", "choice", func(d *job.Definition) { d.Overlap = "maybe" }},
		{"misfire", "choice", func(d *job.Definition) { d.Misfire = "maybe" }},
		{"priority", "choice", func(d *job.Definition) { d.Priority = 11 }},
		{"grace", "number_range", func(d *job.Definition) { d.Grace = -1 }},
		{"misfire_cap", "number_range", func(d *job.Definition) { d.MisfireCap = job.MaxMisfireCap + 1 }},
		{"retention.keep_runs", "number_range", func(d *job.Definition) { d.Retention.KeepRuns = -1 }},
		{"retention.keep_days", "number_range", func(d *job.Definition) { d.Retention.KeepDays = 40_000 }},
		{"retention.keep_failed_days", "number_range", func(d *job.Definition) { d.Retention.KeepFailedDays = -1 }},
		{"schedule.type", "schedule_type", func(d *job.Definition) { d.Schedule.Type = "hourly" }},
		{"schedule.cron", "cron_never", func(d *job.Definition) { d.Schedule.Cron = "0 0 30 2 *" }},
		{"schedule.zone", "zone_unknown", func(d *job.Definition) { d.Schedule.Zone = "Local" }},
		{"schedule.every", "every_range", func(d *job.Definition) { d.Schedule.Type = job.Interval }},
		{"schedule.every", "every_range", func(d *job.Definition) {
			d.Schedule = job.Schedule{Type: job.Interval, Every: math.MaxInt64}
		}},
		{"schedule.begin_at", "begin_required", func(d *job.Definition) { d.Schedule.Type = job.Once }},
		{"schedule.begin_at", "date_range", func(d *job.Definition) { d.Schedule.BeginAt = at("1969-01-01T00:00:00Z") }},
		{"schedule.end_at", "date_range", func(d *job.Definition) { d.Schedule.EndAt = time.Unix(1<<40, 0) }},
		{"schedule.end_at", "end_before_begin", func(d *job.Definition) {
			d.Schedule.BeginAt, d.Schedule.EndAt = at("2026-05-01T00:00:00Z"), at("2026-04-01T00:00:00Z")
		}},
		{"schedule.end_at", "end_before_first", func(d *job.Definition) {
			d.Schedule.BeginAt, d.Schedule.EndAt = at("2026-05-01T12:00:00Z"), at("2026-05-01T13:00:00Z")
		}},
		{"schedule.end_at", "end_before_first", func(d *job.Definition) {
			d.Schedule = job.Schedule{Type: job.Interval, Every: 7200, EndAt: at("2026-03-01T13:00:00Z")}
		}},
		{"schedule.jitter", "number_range", func(d *job.Definition) { d.Schedule.Jitter = 86_401 }},
	}
	for _, tt := range tests {
		t.Run(tt.field+" "+tt.msg, func(t *testing.T) {
			t.Parallel()
			def := valid()
			tt.change(&def)
			_, err := job.Validate(def, at("2026-03-01T12:00:00Z"), time.UTC)
			if got := fault(err, tt.field); got != "error.job."+tt.msg {
				t.Errorf("fault %q, want %q (%v)", got, tt.msg, err)
			}
		})
	}
}

func TestValidateGathersAllFaults(t *testing.T) {
	t.Parallel()
	def := job.Definition{Schedule: cronIn("x", "Nowhere"), Timeout: -1}
	_, err := job.Validate(def, at("2026-03-01T12:00:00Z"), time.UTC)
	for _, field := range []string{"name", "group", "kind", "schedule.cron", "schedule.zone", "timeout"} {
		if fault(err, field) == "" {
			t.Errorf("nothing about %s in %v", field, err)
		}
	}
}
