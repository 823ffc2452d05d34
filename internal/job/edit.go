package job

import "time"

// New makes the first revision of a job from a validated definition. It is active, or
// stopped if enabled is false. The caller fills in the ID. A once job whose time has
// passed runs at once; an interval without BeginAt first runs one interval from now.
// An enabled job that could never run is refused with an apperr Invalid.
func New(def Definition, source Source, by By, now time.Time, zone *time.Location, enabled bool) (Job, error) {
	def.Schedule = def.Schedule.Anchored(now)
	j := Job{
		Definition: def, Source: source, Revision: 1, State: Stopped,
		CreatedAt: now, CreatedBy: by, UpdatedAt: now, UpdatedBy: by,
	}
	plan, err := def.Schedule.Compile(zone)
	if err != nil {
		return Job{}, err
	}
	if !enabled {
		return j, nil
	}
	j = arm(j, plan, now)
	if j.State != Active {
		return Job{}, noFuture(def.Schedule, now)
	}
	return j, nil
}

func noFuture(s Schedule, now time.Time) error {
	if !s.EndAt.IsZero() && !s.EndAt.After(now) {
		return scheduleFault("schedule.end_at", "error.job.end_past", nil, nil)
	}
	return scheduleFault("schedule.cron", "error.job.no_future", nil, nil)
}

// Edit gives the job a new definition (validated) and the next revision.
//
// The next occurrence is planned anew only if the times or MaxCount changed, so that
// an edit of anything else neither loses nor repeats an occurrence. An interval
// without BeginAt keeps its anchor unless Every changed. A completed job whose new
// schedule has an occurrence left becomes active again; an active one whose new
// schedule has none becomes completed.
func Edit(j Job, def Definition, by By, now time.Time, zone *time.Location) (Job, error) {
	was := j.Definition
	def.Schedule = keepAnchor(def.Schedule, was.Schedule).Anchored(now)
	plan, err := def.Schedule.Compile(zone)
	if err != nil {
		return j, err
	}
	j.Definition = def
	j.Revision++
	j.UpdatedAt, j.UpdatedBy = now, by
	changed := !def.Schedule.SameTimes(was.Schedule) || def.MaxCount != was.MaxCount
	if changed && (j.State == Active || j.State == Completed) {
		j = arm(j, plan, now)
	}
	return j, nil
}

func keepAnchor(s, was Schedule) Schedule {
	if s.Type == Interval && s.BeginAt.IsZero() && was.Type == Interval && was.Every == s.Every {
		s.BeginAt = was.BeginAt
	}
	return s
}

// Replan computes an active job's next occurrence again, for when the server's zone or
// the zone database changed. An occurrence that is due already stays.
func Replan(j Job, now time.Time, zone *time.Location) (Job, error) {
	if j.State != Active || !j.NextRunAt.After(now) {
		return j, nil
	}
	plan, err := j.Schedule.Compile(zone)
	if err != nil {
		return j, err
	}
	if next, ok := plan.Next(now); ok {
		j.NextRunAt = next
	}
	return j, nil
}
