package job

import "time"

// Plan is a compiled [Schedule]: it knows every occurrence. It is a value, never
// changes, and is safe for concurrent use. The zero Plan has no occurrence.
type Plan struct {
	kind       ScheduleType
	cron       pattern
	zone       *time.Location
	every      int64
	begin, end int64 // bounds of the occurrences, inclusive; begin anchors an interval
}

// Occurrences lie between these instants: the years 1 to 9999, which every format can express.
const (
	minInstant = -62135596800
	maxInstant = 253402300799
)

// Zone returns the plan's time zone.
func (p Plan) Zone() *time.Location {
	if p.zone == nil {
		return time.UTC
	}
	return p.zone
}

// Next returns the first occurrence strictly after the given time, in UTC and whole
// seconds; ok is false if there is none. It is total and grows strictly when it is
// fed its own results. Cron text is searched 130 years ahead.
func (p Plan) Next(after time.Time) (at time.Time, ok bool) {
	i, ok := p.next(clampInstant(after.Unix()))
	if !ok {
		return time.Time{}, false
	}
	return time.Unix(i, 0).UTC(), true
}

// Last returns the latest occurrence that is not after the given time. Cron text is
// searched 130 years back.
func (p Plan) Last(notAfter time.Time) (at time.Time, ok bool) {
	i, ok := p.last(clampInstant(notAfter.Unix()))
	if !ok {
		return time.Time{}, false
	}
	return time.Unix(i, 0).UTC(), true
}

// Upcoming returns at most n occurrences after the given time, in order.
func (p Plan) Upcoming(after time.Time, n int) []time.Time {
	var list []time.Time
	for len(list) < n {
		next, ok := p.Next(after)
		if !ok {
			break
		}
		list = append(list, next)
		after = next
	}
	return list
}

// Missed counts the occurrences in (from, to]. An interval is counted exactly, by
// arithmetic. Cron text is walked, and the count saturates at limit: a result equal
// to limit then means "limit or more", which full tells.
func (p Plan) Missed(from, to time.Time, limit int64) (count int64, full bool) {
	return p.count(clampInstant(from.Unix()), clampInstant(to.Unix()), limit)
}

func (p Plan) count(from, to, limit int64) (count int64, full bool) {
	if p.kind == Interval {
		return p.countInterval(from, to), false
	}
	for count < limit {
		next, ok := p.next(from)
		if !ok || next > to {
			return count, false
		}
		count, from = count+1, next
	}
	next, ok := p.next(from)
	return count, ok && next <= to
}

func (p Plan) countInterval(from, to int64) int64 {
	first, ok := p.next(from)
	if !ok || first > to {
		return 0
	}
	last, _ := p.last(to)
	return (last-first)/p.every + 1
}

func (p Plan) next(i int64) (int64, bool) {
	i = max(i, p.begin-1)
	if i >= p.end {
		return 0, false
	}
	next, ok := p.begin, i < p.begin
	switch p.kind {
	case Once:
	case Interval:
		if !ok {
			next, ok = p.begin+((i-p.begin)/p.every+1)*p.every, true
		}
	case Cron:
		next, ok = p.cron.nextIn(p.zone, i)
	default:
		ok = false
	}
	return next, ok && next <= p.end
}

func (p Plan) last(i int64) (int64, bool) {
	i = min(i, p.end)
	if i < p.begin {
		return 0, false
	}
	last, ok := p.begin, true
	switch p.kind {
	case Once:
	case Interval:
		last = p.begin + (i-p.begin)/p.every*p.every
	case Cron:
		last, ok = p.cron.lastIn(p.zone, i)
	default:
		ok = false
	}
	return last, ok && last >= p.begin
}

func clampInstant(i int64) int64 { return min(max(i, minInstant-1), maxInstant) }
