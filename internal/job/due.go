package job

import (
	"cmp"
	"slices"
	"time"
)

// Bounds of one dispatch of one job, however far behind it is.
const (
	// MaxOnTime is the most occurrences within their grace that get a row each; older
	// ones are treated as missed.
	MaxOnTime = 64
	// MaxMisfireCap is the greatest MisfireCap.
	MaxMisfireCap = 50
	// MaxWalked is the most occurrences of cron text that are walked.
	MaxWalked = 1000
)

// Dispatch is what follows from a job being due.
type Dispatch struct {
	// Runs are the rows to insert, by time. Their ID, RootID and CreatedAt are empty:
	// the caller fills them in.
	Runs []Run
	// Job is the job afterwards. Its NextRunAt is after now and after every row's ScheduledAt.
	Job Job
	// Replace asks to cancel what is in flight, with ReasonReplaced, before the rows go in.
	Replace bool
	// Saturated tells that the missed row's Occurrences is a lower bound, because more
	// than MaxWalked occurrences of cron text were due. Intervals are always counted exactly.
	Saturated bool
}

// Due says which occurrences of the job are due at now and what becomes of them:
// queued, skipped because of an overlap, or missed because now is later than their
// grace allows. live counts the runs that are in flight before.
//
// It is pure, its work is bounded, and since NextRunAt only moves forward it never
// yields an occurrence twice, also when the clock is set back. A job that is not
// active or not yet due is returned unchanged. zone is the server's zone. An error
// means a schedule that cannot be compiled; it is an apperr Invalid.
func Due(j Job, now time.Time, live Live, zone *time.Location) (Dispatch, error) {
	if !isDue(j, now) {
		return Dispatch{Job: j}, nil
	}
	plan, err := j.Schedule.Compile(zone)
	if err != nil {
		return Dispatch{}, err
	}
	return DuePlan(j, plan, now, live), nil
}

// DuePlan is [Due] for a caller that keeps the job's compiled schedule.
func DuePlan(j Job, plan Plan, now time.Time, live Live) Dispatch {
	if !isDue(j, now) {
		return Dispatch{Job: j}
	}
	d := dispatcher{j: j, now: now, live: live, left: maxLeft(j)}
	if d.left > 0 {
		d.enumerate(plan)
		d.placeMissed()
		d.placeOnTime()
	}
	out := Dispatch{Runs: d.rows, Job: d.j, Replace: d.replace, Saturated: d.saturated}
	out.Job.NextRunAt = time.Time{}
	if d.left > 0 {
		out.Job.NextRunAt, _ = plan.Next(now)
	}
	if d.queued == 0 {
		out.Job = Settle(out.Job, live)
	}
	return out
}

func isDue(j Job, now time.Time) bool {
	return j.State == Active && !j.NextRunAt.IsZero() && !j.NextRunAt.After(now)
}

// maxLeft is how many more runs the job may begin.
func maxLeft(j Job) int64 {
	if j.MaxCount <= 0 {
		return maxInstant // without limit
	}
	return max(0, int64(j.MaxCount)-j.TriggerCount)
}

// dispatcher gathers the rows of one Dispatch.
type dispatcher struct {
	j    Job
	now  time.Time
	live Live
	left int64 // runs that MaxCount still allows

	onTime  []time.Time // ascending
	catchUp []time.Time // the newest missed ones, ascending
	older   int64       // how many more were missed, before catchUp
	first   time.Time   // the first of the older ones

	rows      []Run
	queued    int // rows queued
	waiting   int // of these, the ones on time
	replace   bool
	saturated bool
}

// enumerate walks back from now: first what is on time, then as many missed
// occurrences as may become catch-up runs. It counts the rest from the front.
func (d *dispatcher) enumerate(plan Plan) {
	start := d.j.NextRunAt
	graceEnd := d.now.Add(-cmp.Or(d.j.Grace, DefaultGrace).Duration())
	at, ok := latest(plan, start, d.now)
	for ok && !at.Before(graceEnd) && len(d.onTime) < MaxOnTime {
		d.onTime = append(d.onTime, at)
		at, ok = latest(plan, start, at.Add(-time.Second))
	}
	for ok && len(d.catchUp) < d.maxCatchUp() {
		d.catchUp = append(d.catchUp, at)
		at, ok = latest(plan, start, at.Add(-time.Second))
	}
	slices.Reverse(d.onTime)
	slices.Reverse(d.catchUp)
	if !ok {
		return
	}
	d.first, d.older = start, 1
	if at.After(start) {
		limit := int64(MaxWalked - 1 - len(d.onTime) - len(d.catchUp))
		n, full := plan.Missed(start, at, limit)
		d.older, d.saturated = 1+n, full
	}
}

// latest returns the latest occurrence in [start, t]. start counts as one even if the
// plan does not know it: it was planned by an earlier state of the zone database.
func latest(plan Plan, start, t time.Time) (time.Time, bool) {
	if t.Before(start) {
		return time.Time{}, false
	}
	if at, ok := plan.Last(t); ok && at.After(start) {
		return at, true
	}
	return start, true
}

// maxCatchUp is how many missed occurrences may run.
func (d *dispatcher) maxCatchUp() int {
	switch d.j.Misfire {
	case MisfireRunOnce:
		if len(d.onTime) > 0 {
			return 0 // the one on time stands for them
		}
		return 1
	case MisfireRunAll:
		return min(max(d.j.MisfireCap, 0), MaxMisfireCap)
	default:
		return 0
	}
}

// placeMissed makes the one missed row and the catch-up runs.
func (d *dispatcher) placeMissed() {
	if d.older > 0 {
		r := NewRun(d.j, TriggerSchedule)
		r.State, r.Reason, r.ScheduledAt, r.Occurrences = RunMissed, ReasonMisfire, d.first, d.older
		if d.j.Misfire == MisfireRunOnce {
			r.Reason = ReasonCoalesced
		}
		r.AvailableAt, r.FinishedAt = d.first, d.now
		d.rows = append(d.rows, r)
	}
	for i, at := range d.catchUp {
		newest := i == len(d.catchUp)-1 && len(d.onTime) == 0
		d.place(at, TriggerCatchUp, newest)
	}
}

func (d *dispatcher) placeOnTime() {
	for i, at := range d.onTime {
		d.place(at, TriggerSchedule, i == len(d.onTime)-1)
	}
}
