package job_test

import (
	"testing"
	"time"

	"carillon/internal/apperr"
	"carillon/internal/job"
)

func FuzzCron(f *testing.F) {
	for _, text := range []string{
		"*/5 * * * *", "0 0 30 2 *", "TZ=UTC", "@every 0s", "0 0 L-3 * FRI#3", "0 0 0 1 1 ? 2026/2", "0 22-2/3 15W NOV-FEB FRIL",
		"* * * * * * *", "*/60 * * * *", "0 0 LW * SUN-SAT/2", "@daily", "1,,2 * * * *", "0 0 0 29 2 ? 2096",
	} {
		f.Add(text, uint8(1), int64(1_772_000_000))
	}
	f.Fuzz(func(t *testing.T, text string, zone uint8, from int64) {
		p, err := cronIn(text, zonesOfInterest[int(zone)%len(zonesOfInterest)]).Compile(time.UTC)
		if err != nil {
			if !apperr.Is(err, apperr.Invalid) || fault(err, "schedule.cron") == "" {
				t.Fatalf("%q: %v", text, err)
			}
			return
		}
		now := time.Unix(from%20_000_000_000, 0)
		for range 5 {
			next, ok := p.Next(now)
			if !ok {
				return
			}
			if !next.After(now) {
				t.Fatalf("%q: Next(%v) = %v", text, now, next)
			}
			if last, ok := p.Last(next); !ok || !last.Equal(next) {
				t.Fatalf("%q: Last(%v) = %v, %v", text, next, last, ok)
			}
			now = next
		}
	})
}

func FuzzDue(f *testing.F) {
	f.Add("* * * * *", int64(0), int64(0), int64(100), int64(60), uint16(0))
	f.Add("* * * * * *", int64(0), int64(1_700_000_000), int64(31_000_000), int64(1), uint16(0xffff))
	f.Add("", int64(1), int64(1_700_000_000), int64(31_000_000), int64(60), uint16(0x1234))
	f.Fuzz(func(t *testing.T, cron string, every, next, behind, grace int64, bits uint16) {
		j := job.Job{ID: "j", State: job.States()[bits%4], NextRunAt: time.Unix(next%4_000_000_000, 0)}
		j.Overlap, j.Misfire = job.Overlaps()[bits>>2%4], job.Misfires()[bits>>4%3]
		j.MisfireCap, j.Grace, j.MaxCount = int(bits>>6%64), job.Seconds(grace%1_000_000), int(bits>>12)
		j.Schedule = cronIn(cron, "America/New_York")
		if cron == "" {
			j.Schedule = job.Schedule{Type: job.Interval, Every: job.Seconds(every), BeginAt: j.NextRunAt}
		}
		now := j.NextRunAt.Add(time.Duration(behind%2_000_000_000) * time.Second)
		d, err := job.Due(j, now, job.Live{Running: int(bits >> 8 % 2)}, time.UTC)
		if err != nil {
			if !apperr.Is(err, apperr.Invalid) {
				t.Fatal(err)
			}
			return
		}
		seen := map[time.Time]bool{}
		for _, r := range d.Runs {
			if seen[r.ScheduledAt] || r.ScheduledAt.Before(j.NextRunAt) || r.ScheduledAt.After(now) || r.Occurrences < 1 {
				t.Fatalf("row %+v", r)
			}
			seen[r.ScheduledAt] = true
		}
		if len(d.Runs) > job.MaxOnTime+job.MaxMisfireCap+1 {
			t.Fatalf("%d rows", len(d.Runs))
		}
		if j.State == job.Active && !d.Job.NextRunAt.IsZero() && !d.Job.NextRunAt.After(now) {
			t.Fatalf("next %v, now %v", d.Job.NextRunAt, now)
		}
	})
}
