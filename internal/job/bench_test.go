package job_test

import (
	"testing"
	"time"

	"carillon/internal/job"
)

func BenchmarkNext(b *testing.B) {
	for _, text := range []string{"*/5 * * * *", "30 2 * * *", "59 23 31 12 *", "0 9 LW * *", "0 9 ? * FRI#3", "0 0 29 2 *", "0 */6 29 2 *"} {
		b.Run(text, func(b *testing.B) {
			p := compile(b, cronIn(text, "America/New_York"))
			now := at("2026-03-01T12:00:00Z")
			for b.Loop() {
				next, ok := p.Next(now)
				if !ok {
					b.Fatal("no occurrence")
				}
				now = next
				if now.Year() > 2090 {
					now = at("2026-03-01T12:00:00Z")
				}
			}
		})
	}
}

func BenchmarkCompile(b *testing.B) {
	for b.Loop() {
		compile(b, cronIn("*/5 9-17 * * MON-FRI", "America/New_York"))
	}
}

func BenchmarkDue(b *testing.B) {
	now := at("2027-03-01T12:00:00Z")
	on := minutely(func(j *job.Job) { j.NextRunAt = now })
	second := minutely(func(j *job.Job) { j.Schedule.Cron = "* * * * * *" })
	interval := minutely(func(j *job.Job) {
		j.Schedule = job.Schedule{Type: job.Interval, Every: 1, BeginAt: j.NextRunAt}
	})
	for name, j := range map[string]job.Job{"on time": on, "cron a year behind": second, "interval a year behind": interval} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				if _, err := job.Due(j, now, job.Live{}, time.UTC); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
