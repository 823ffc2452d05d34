package job_test

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"carillon/internal/job"
)

func drawJob(t *rapid.T) (job.Job, job.Plan) {
	p, s := drawPlan(t)
	first, ok := p.Next(drawTime(t, "created"))
	if !ok {
		t.SkipNow()
	}
	j := job.Job{ID: "j", State: job.Active, Revision: 1, NextRunAt: first}
	j.Definition = job.Defaults()
	j.Schedule = s
	j.Overlap = rapid.SampledFrom(job.Overlaps()).Draw(t, "overlap")
	j.Misfire = rapid.SampledFrom(job.Misfires()).Draw(t, "misfire")
	j.MisfireCap = rapid.IntRange(1, job.MaxMisfireCap).Draw(t, "cap")
	j.Grace = job.Seconds(rapid.SampledFrom([]int{1, 60, 3600, 1_000_000}).Draw(t, "grace"))
	return j, p
}

func drawLive(t *rapid.T) job.Live {
	n := rapid.IntRange(0, 1)
	return job.Live{Queued: n.Draw(t, "queued"), Waiting: n.Draw(t, "waiting"), Running: n.Draw(t, "running")}
}

// TestEveryOccurrenceIsAccountedForOnce moves the clock about, also back, and checks
// that each occurrence gets exactly one row or a share of one.
func TestEveryOccurrenceIsAccountedForOnce(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		j, p := drawJob(t)
		now, seen := j.NextRunAt, map[time.Time]bool{}
		for range rapid.IntRange(1, 10).Draw(t, "steps") {
			step := rapid.SampledFrom([]int{1, 60, 3600, 86_400, 3_000_000}).Draw(t, "scale")
			now = now.Add(time.Duration(rapid.IntRange(-step, 2*step).Draw(t, "step")) * time.Second)
			live := drawLive(t)
			d, err := job.Due(j, now, live, time.UTC)
			if err != nil {
				t.Fatal(err)
			}
			checkRows(t, j, d, now, live, seen)
			checkSum(t, j, d, p, now)
			j = d.Job
		}
	})
}

func checkRows(t *rapid.T, j job.Job, d job.Dispatch, now time.Time, live job.Live, seen map[time.Time]bool) {
	if len(d.Runs) > job.MaxOnTime+job.MaxMisfireCap+1 {
		t.Fatalf("%d rows", len(d.Runs))
	}
	queued := int64(0)
	for _, r := range d.Runs {
		if seen[r.ScheduledAt] || r.ScheduledAt.Before(j.NextRunAt) || r.ScheduledAt.After(now) {
			t.Fatalf("%v yielded again, or out of [%v, %v]", r.ScheduledAt, j.NextRunAt, now)
		}
		seen[r.ScheduledAt] = true
		if r.State == job.RunQueued {
			queued++
		}
		if r.State.Final() == r.FinishedAt.IsZero() || r.AvailableAt.Before(r.ScheduledAt) {
			t.Fatalf("row %+v", r)
		}
	}
	if d.Job.TriggerCount != j.TriggerCount+queued {
		t.Fatalf("trigger count %d, was %d, queued %d", d.Job.TriggerCount, j.TriggerCount, queued)
	}
	if !d.Job.NextRunAt.IsZero() && (d.Job.NextRunAt.Before(j.NextRunAt) || j.State == job.Active && !d.Job.NextRunAt.After(now)) {
		t.Fatalf("next %v, was %v, now %v", d.Job.NextRunAt, j.NextRunAt, now)
	}
	idle := d.Job.NextRunAt.IsZero() && !live.Any() && queued == 0
	if j.State == job.Active && (d.Job.State == job.Completed) != (idle && !j.NextRunAt.IsZero()) {
		t.Fatalf("state %v, idle %v", d.Job.State, idle)
	}
}

func checkSum(t *rapid.T, j job.Job, d job.Dispatch, p job.Plan, now time.Time) {
	if j.NextRunAt.IsZero() || now.Before(j.NextRunAt) {
		if len(d.Runs) > 0 {
			t.Fatalf("%d rows though nothing is due", len(d.Runs))
		}
		return
	}
	want, full := p.Missed(j.NextRunAt.Add(-time.Second), now, 2*job.MaxWalked)
	got := occurrences(d.Runs)
	switch {
	case d.Saturated && (got != job.MaxWalked || want <= got):
		t.Fatalf("saturated at %d of %d", got, want)
	case !d.Saturated && (got != want || full):
		t.Fatalf("%d occurrences due, rows stand for %d: %v", want, got, show(d.Runs))
	}
}
