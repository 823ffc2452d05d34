package job

import "time"

// NoteKind tells how a change of the clocks touches an occurrence.
type NoteKind string

// The notes. Their texts are the messages "schedule.note.<kind>" with the placeholder
// "wall", the time of day in question.
const (
	NoteNone   NoteKind = ""
	NoteMoved  NoteKind = "moved"  // that time does not exist on the day: it runs when the clocks have jumped
	NoteOnce   NoteKind = "once"   // that time comes twice on the day: it runs at the first only
	NoteFirst  NoteKind = "first"  // first of two runs at the same time of day
	NoteSecond NoteKind = "second" // second of two
)

// Message returns the id of the note's text, "" for none.
func (k NoteKind) Message() string {
	if k == NoteNone {
		return ""
	}
	return "schedule.note." + string(k)
}

// Occurrence is one planned time with what is worth saying about it.
type Occurrence struct {
	At   time.Time // in the plan's zone
	Note NoteKind
	// Wall is the time of day that a moved occurrence was meant for, otherwise that of
	// At: "02:30" or "02:30:15".
	Wall string
}

// Preview returns at most n occurrences after the given time, with remarks on changes of the clocks.
func (p Plan) Preview(after time.Time, n int) []Occurrence {
	times := p.Upcoming(after, n)
	list := make([]Occurrence, len(times))
	for i, t := range times {
		list[i] = p.describe(t)
	}
	return list
}

func (p Plan) describe(t time.Time) Occurrence {
	i, zone := t.Unix(), p.Zone()
	s := segmentAt(zone, i)
	wall := s.wall(i)
	o := Occurrence{At: t.In(zone), Wall: clockText(wall)}
	if p.kind != Cron {
		return o
	}
	if i == s.start && !p.cron.real {
		if w, ok := p.cron.next(highWall(zone, i-1)); ok && w < wall {
			o.Note, o.Wall = NoteMoved, clockText(w)
			return o
		}
	}
	twice := s.end < i+reach && wall >= segmentAt(zone, s.end).wall(s.end)
	switch {
	case twice && p.cron.real:
		o.Note = NoteFirst
	case twice:
		o.Note = NoteOnce
	case highWall(zone, i-1) >= wall:
		o.Note = NoteSecond
	}
	return o
}

// clockText is the time of day of a wall time.
func clockText(wall int64) string {
	t := time.Unix(wall, 0).UTC()
	if t.Second() != 0 {
		return t.Format(time.TimeOnly)
	}
	return t.Format("15:04")
}

// CronTimes returns the next occurrences of cron text after a time, in its zone: at
// most n. It is what the dispatcher computes. server is the zone that an empty name
// means. The error is an apperr Invalid on "schedule.cron" or "schedule.zone".
func CronTimes(text, zone string, after time.Time, n int, server *time.Location) ([]time.Time, error) {
	plan, err := Schedule{Type: Cron, Cron: text, Zone: zone}.Compile(server)
	if err != nil {
		return nil, err
	}
	times := plan.Upcoming(after, n)
	for i := range times {
		times[i] = times[i].In(plan.Zone())
	}
	return times, nil
}
