package job_test

import (
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"carillon/internal/job"
)

func drawPlan(t *rapid.T) (job.Plan, job.Schedule) {
	s := drawSchedule(t)
	p, err := s.Compile(time.UTC)
	if fault(err, "schedule.cron") == "error.job.cron_never" {
		t.SkipNow()
	}
	if err != nil {
		t.Fatalf("%+v: %v", s, err)
	}
	return p, s
}

func TestNextGrowsAndLastAgrees(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		p, s := drawPlan(t)
		now := drawChange(t, s.Zone)
		if s.Zone == "" {
			now = drawTime(t, "now")
		}
		start, count := now, int64(0)
		for range 50 {
			next, ok := p.Next(now)
			if !ok {
				break
			}
			count++
			if !next.After(now) || next.Nanosecond() != 0 || next.Location() != time.UTC {
				t.Fatalf("%+v: Next(%v) = %v", s, now, next)
			}
			if again, _ := p.Next(next.Add(-time.Nanosecond)); !again.Equal(next) {
				t.Fatalf("%+v: Next just before %v = %v", s, next, again)
			}
			for _, late := range []time.Duration{0, time.Nanosecond} {
				if last, ok := p.Last(next.Add(late)); !ok || !last.Equal(next) {
					t.Fatalf("%+v: Last(%v) = %v, %v", s, next.Add(late), last, ok)
				}
			}
			if last, ok := p.Last(next.Add(-time.Second)); count > 1 && (!ok || !last.Equal(now)) {
				t.Fatalf("%+v: Last before %v = %v, %v; want %v", s, next, last, ok, now)
			}
			now = next
		}
		if n, full := p.Missed(start, now, 1000); n != count || full {
			t.Fatalf("%+v: Missed(%v, %v) = %d, %v; walked %d", s, start, now, n, full, count)
		}
	})
}

// TestCronMatchesItsFields compares with a reference that asks of every minute whether it fires.
func TestCronMatchesItsFields(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		zone := rapid.SampledFrom(zonesOfInterest).Draw(t, "zone")
		hour, minute := drawField(t, "hour", 0, 23, "0/2", "0-23/3"), drawField(t, "minute", 0, 59)
		weekday := drawField(t, "weekday", 0, 6)
		now := drawChange(t, zone).Truncate(time.Minute)
		p := compile(t, cronIn(minute+" "+hour+" * * "+weekday, zone))
		real := strings.HasPrefix(hour, "*") || strings.HasPrefix(hour, "0/") || strings.HasPrefix(hour, "0-23")
		matches := func(wall time.Time) bool {
			return inField(minute, wall.Minute(), 59) && inField(hour, wall.Hour(), 23) && inField(weekday, int(wall.Weekday()), 7)
		}
		want := reference(now, 36*time.Hour, p.Zone(), real, matches)
		var got []time.Time
		for next, ok := p.Next(now.Add(-time.Second)); ok && next.Before(now.Add(36*time.Hour)); next, ok = p.Next(next) {
			got = append(got, next)
		}
		if len(got) != len(want) {
			t.Fatalf("%s %s * * %s in %s from %v: %d fires, want %d\n%v\n%v", minute, hour, weekday, zone, now, len(got), len(want), got, want)
		}
		for i := range got {
			if !got[i].Equal(want[i]) {
				t.Fatalf("%s %s in %s: fire %d at %v, want %v", minute, hour, zone, i, got[i], want[i])
			}
		}
	})
}

// reference walks instants minute by minute and keeps the wall clock's high-water mark.
func reference(from time.Time, span time.Duration, zone *time.Location, real bool, matches func(time.Time) bool) []time.Time {
	wallOf := func(t time.Time) time.Time {
		_, offset := t.In(zone).Zone()
		return t.Add(time.Duration(offset) * time.Second)
	}
	var fires []time.Time
	high := wallOf(from.Add(-72 * time.Hour))
	for t := from.Add(-72 * time.Hour); t.Before(from.Add(span)); t = t.Add(time.Minute) {
		wall, fire := wallOf(t), false
		if real {
			fire = matches(wall)
		} else {
			for w := high.Add(time.Minute); !w.After(wall); w = w.Add(time.Minute) {
				fire = fire || matches(w)
			}
		}
		if wall.After(high) {
			high = wall
		}
		if fire && !t.Before(from) {
			fires = append(fires, t)
		}
	}
	return fires
}

// inField reads the plain forms that drawField draws.
func inField(field string, v, high int) bool {
	for item := range strings.SplitSeq(field, ",") {
		base, step, stepped := strings.Cut(item, "/")
		low, top, ranged := strings.Cut(base, "-")
		from, to := 0, high
		if base != "*" {
			from = number(low)
			to = from
			if ranged {
				to = number(top)
			} else if stepped {
				to = high
			}
		}
		n := 1
		if stepped {
			n = number(step)
		}
		if v >= from && v <= to && (v-from)%n == 0 {
			return true
		}
	}
	return false
}

func number(s string) int {
	n := 0
	for _, c := range s {
		n = n*10 + int(c-'0')
	}
	return n
}
