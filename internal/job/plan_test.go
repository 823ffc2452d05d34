package job_test

import (
	"testing"
	"time"

	"carillon/internal/job"
)

func TestIntervalIsElapsedTimeFromItsAnchor(t *testing.T) {
	t.Parallel()
	begin := at("2026-03-07T12:00:00Z")
	p := compile(t, job.Schedule{Type: job.Interval, Every: 5400, BeginAt: begin, EndAt: begin.Add(10 * time.Hour), Zone: "America/New_York"})
	tests := []struct {
		after time.Duration
		want  time.Duration // -1: none
	}{
		{-time.Hour, 0}, {-time.Nanosecond, 0}, {0, 90 * time.Minute}, {time.Nanosecond, 90 * time.Minute},
		{90*time.Minute - 1, 90 * time.Minute}, {90 * time.Minute, 3 * time.Hour}, {8 * time.Hour, 9 * time.Hour}, {9 * time.Hour, -1},
	}
	for _, tt := range tests {
		got, ok := p.Next(begin.Add(tt.after))
		if ok != (tt.want >= 0) || ok && !got.Equal(begin.Add(tt.want)) {
			t.Errorf("Next(%v) = %v, %v; want %v", tt.after, got, ok, tt.want)
		}
	}
	if n, full := p.Missed(begin.Add(-time.Second), begin.Add(24*time.Hour), 3); n != 7 || full {
		t.Errorf("Missed = %d, %v; want 7, whatever the limit", n, full)
	}
	if last, ok := p.Last(begin.Add(100 * time.Hour)); !ok || !last.Equal(begin.Add(9*time.Hour)) {
		t.Errorf("Last after the end = %v, %v", last, ok)
	}
	if last, ok := p.Last(begin.Add(-time.Second)); ok {
		t.Errorf("Last before the beginning = %v", last)
	}
}

func TestOnceHasOneOccurrence(t *testing.T) {
	t.Parallel()
	begin := at("2026-03-07T12:00:00Z")
	p := compile(t, job.Schedule{Type: job.Once, BeginAt: begin})
	if got := p.Upcoming(begin.Add(-time.Hour), 5); len(got) != 1 || !got[0].Equal(begin) {
		t.Errorf("Upcoming = %v", got)
	}
	if got, ok := p.Next(begin); ok {
		t.Errorf("Next(begin) = %v", got)
	}
	if got, ok := p.Last(begin); !ok || !got.Equal(begin) {
		t.Errorf("Last(begin) = %v, %v", got, ok)
	}
}

func TestBeginAndEndBoundCron(t *testing.T) {
	t.Parallel()
	s := cronIn("0 0 * * *", "UTC")
	s.BeginAt, s.EndAt = at("2026-01-03T00:00:00Z"), at("2026-01-05T00:00:00Z")
	p := compile(t, s)
	got := between(p, at("2020-01-01T00:00:00Z"), at("2030-01-01T00:00:00Z"))
	if len(got) != 3 || got[0] != "01-03 00:00:00+0000" || got[2] != "01-05 00:00:00+0000" {
		t.Errorf("occurrences %v", got)
	}
	if n, full := p.Missed(s.BeginAt, s.EndAt, 100); n != 2 || full {
		t.Errorf("Missed(begin, end] = %d, %v; want 2", n, full)
	}
	if n, full := p.Missed(s.BeginAt, s.EndAt, 1); n != 1 || !full {
		t.Errorf("Missed with limit 1 = %d, %v; want 1, true", n, full)
	}
	if n, full := p.Missed(s.BeginAt, s.EndAt, 2); n != 2 || full {
		t.Errorf("Missed with limit 2 = %d, %v; want 2, false", n, full)
	}
	if _, ok := p.Last(s.BeginAt.Add(-1)); ok {
		t.Error("Last before the beginning exists")
	}
}

func TestNextIsTotalAtTheEdgesOfTime(t *testing.T) {
	t.Parallel()
	schedules := []job.Schedule{
		cronIn("* * * * * *", "America/New_York"), cronIn("0 0 29 2 *", "Asia/Tehran"), cronIn("0 0 1 1 *", "Africa/Casablanca"),
		cronIn("0 0 0 1 1 ? 1970", "America/New_York"), {Type: job.Interval, Every: 1, BeginAt: at("0001-01-01T00:00:01Z")},
		{Type: job.Once, BeginAt: at("9999-12-31T23:59:59Z")}, {Type: job.Interval, Every: job.MaxSpan, BeginAt: time.Unix(1<<61, 0)},
	}
	times := []time.Time{{}, time.Unix(-1<<62, 0), time.Unix(1<<62, 0), at("9999-12-31T23:59:59Z"), at("1800-01-01T00:00:00Z")}
	for _, s := range schedules {
		p := compile(t, s)
		for _, now := range times {
			if next, ok := p.Next(now); ok && (!next.After(now) || next.Year() > 9999) {
				t.Errorf("%v: Next(%v) = %v", s, now, next)
			}
			if last, ok := p.Last(now); ok && last.After(now) {
				t.Errorf("%v: Last(%v) = %v", s, now, last)
			}
		}
	}
	var zero job.Plan
	if next, ok := zero.Next(time.Time{}); ok {
		t.Errorf("the zero plan has %v", next)
	}
	if n, _ := zero.Missed(time.Time{}, at("2030-01-01T00:00:00Z"), 10); n != 0 {
		t.Errorf("the zero plan missed %d", n)
	}
}

func TestZones(t *testing.T) {
	t.Parallel()
	zones := job.Zones()
	for i, name := range zones {
		if _, err := job.LoadZone(name, time.UTC); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if i > 0 && zones[i-1] >= name {
			t.Errorf("%s comes after %s", name, zones[i-1])
		}
	}
	if len(zones) < 400 {
		t.Errorf("only %d zones", len(zones))
	}
	for _, name := range []string{"Local", "localtime", "right/UTC", "posix/UTC", "Nowhere/City", "../etc/passwd", "/etc/localtime", "Europe", "a\x00b"} {
		if _, err := job.LoadZone(name, time.UTC); fault(err, "schedule.zone") != "error.job.zone_unknown" {
			t.Errorf("%q gave %v", name, err)
		}
	}
	tokyo, err := job.LoadZone("Asia/Tokyo", time.UTC)
	if err != nil {
		t.Fatal(err)
	}
	if got, err := job.LoadZone("", tokyo); err != nil || got != tokyo {
		t.Errorf("the empty name gave %v, %v", got, err)
	}
	if got, err := job.LoadZone("", nil); err != nil || got != time.UTC {
		t.Errorf("without a server's zone: %v, %v", got, err)
	}
}
