package job

import (
	"hash/fnv"
	"time"
)

// place queues one occurrence or skips it because of an overlap. What MaxCount no
// longer allows is no occurrence at all.
func (d *dispatcher) place(at time.Time, trigger Trigger, newest bool) {
	if d.left == 0 {
		return
	}
	r := NewRun(d.j, trigger)
	r.ScheduledAt = at
	if !d.mayQueue(trigger, newest) {
		r.State, r.Reason = RunSkipped, ReasonOverlap
		r.AvailableAt, r.FinishedAt = at, d.now
		d.rows = append(d.rows, r)
		return
	}
	r.AvailableAt = at
	if trigger == TriggerCatchUp {
		r.AvailableAt = d.now
	}
	r.AvailableAt = r.AvailableAt.Add(jitter(d.j))
	d.rows = append(d.rows, r)
	d.queued++
	if trigger == TriggerSchedule {
		d.waiting++
	}
	d.left--
	d.j.TriggerCount++
	d.replace = d.j.Overlap == OverlapReplace && d.live.Any()
}

// mayQueue applies the overlap policy. Catch-up runs of run_all wait for one another
// whatever the policy (but replace), and do not get in the way of what is on time.
func (d *dispatcher) mayQueue(trigger Trigger, newest bool) bool {
	switch d.j.Overlap {
	case OverlapParallel:
		return true
	case OverlapReplace:
		return newest
	}
	if trigger == TriggerCatchUp && d.j.Misfire == MisfireRunAll {
		return true
	}
	if d.j.Overlap == OverlapQueue {
		return d.live.Queued+d.waiting == 0
	}
	return !d.live.Any() && d.waiting == 0
}

// jitter is the job's own delay: anything from 0 to Schedule.Jitter, always the same.
func jitter(j Job) time.Duration {
	if j.Schedule.Jitter <= 0 {
		return 0
	}
	h := fnv.New64a()
	_, _ = h.Write([]byte(j.ID)) // never fails
	return Seconds(h.Sum64() % uint64(j.Schedule.Jitter+1)).Duration()
}
