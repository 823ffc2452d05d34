package job

import "time"

// ScheduleType tells how a job's occurrences are made.
type ScheduleType string

// The schedule types; the original system calls them Once, Period and Persistent.
const (
	Once     ScheduleType = "once"     // at BeginAt
	Cron     ScheduleType = "cron"     // by cron text in a zone
	Interval ScheduleType = "interval" // every so many seconds of elapsed time, anchored at BeginAt
)

// ScheduleTypes lists the schedule types.
func ScheduleTypes() []ScheduleType { return []ScheduleType{Cron, Interval, Once} }

// Schedule says when a job is due. Occurrences have whole seconds.
//
// Cron text counts days of the week from 0 or 7 = Sunday, as cron does and unlike
// Quartz. Fixed times of day fire once a day in the zone; with an hour field of "*",
// "?" or a step they follow real time through a change of the clocks.
type Schedule struct {
	Type    ScheduleType `json:"type"`
	Cron    string       `json:"cron"`              // for Cron: 5 or 6 fields (optional seventh: year), names, macros, L W # ?
	Zone    string       `json:"zone"`              // IANA name; "" means the server's zone
	Every   Seconds      `json:"every"`             // for Interval, at least 1
	BeginAt time.Time    `json:"begin_at,omitzero"` // no occurrence before; required for Once
	EndAt   time.Time    `json:"end_at,omitzero"`   // no occurrence after; zero: never ends
	Jitter  Seconds      `json:"jitter"`            // a run starts up to this much later, by an amount that is stable per job
}

// Anchored returns s with BeginAt filled in for an interval that has none: its first
// occurrence is one interval from now.
func (s Schedule) Anchored(now time.Time) Schedule {
	if s.Type == Interval && s.BeginAt.IsZero() {
		s.BeginAt = now.UTC().Truncate(time.Second).Add(s.Every.Duration())
	}
	return s
}

// SameTimes reports whether both schedules have the same occurrences. Jitter does not matter.
func (s Schedule) SameTimes(o Schedule) bool {
	return s.Type == o.Type && s.Cron == o.Cron && s.Zone == o.Zone && s.Every == o.Every &&
		s.BeginAt.Equal(o.BeginAt) && s.EndAt.Equal(o.EndAt)
}

// Compile makes a plan of the schedule. server is the zone that an empty Zone means.
//
// An error is an apperr Invalid that names the field at fault ("schedule.cron",
// "schedule.zone", …). Compiling takes some microseconds; a caller that asks often
// keeps the plan, which does not change.
func (s Schedule) Compile(server *time.Location) (Plan, error) {
	p := Plan{kind: s.Type, begin: minInstant, end: maxInstant}
	zone, err := LoadZone(s.Zone, server)
	if err != nil {
		return Plan{}, err
	}
	p.zone = zone
	if !s.BeginAt.IsZero() {
		p.begin = max(minInstant, ceilSecond(s.BeginAt))
	}
	if !s.EndAt.IsZero() {
		p.end = min(maxInstant, s.EndAt.Unix())
	}
	switch s.Type {
	case Once:
		if s.BeginAt.IsZero() {
			return Plan{}, scheduleFault("schedule.begin_at", "error.job.begin_required", nil, nil)
		}
	case Interval:
		if s.Every < 1 || s.Every > MaxSpan {
			return Plan{}, scheduleFault("schedule.every", "error.job.every_range", nil, nil)
		}
		p.every = int64(s.Every)
		if s.BeginAt.IsZero() {
			p.begin = 0
		}
	case Cron:
		if p.cron, err = parseCron(s.Cron); err != nil {
			return Plan{}, err
		}
	default:
		return Plan{}, scheduleFault("schedule.type", "error.job.schedule_type", nil, nil)
	}
	return p, nil
}

// ceilSecond returns the first whole second not before t.
func ceilSecond(t time.Time) int64 {
	if t.Nanosecond() > 0 {
		return t.Unix() + 1
	}
	return t.Unix()
}
