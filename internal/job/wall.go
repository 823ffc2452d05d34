package job

import "time"

// A wall time is what clocks on the wall of a zone show, kept as if it were UTC: whole
// seconds since 1970 in a calendar without transitions. The functions here map
// between instants (Unix seconds) and wall times.

// reach is more than any jump of a zone's offset and more than any offset, in
// seconds. A transition farther away than this has no influence.
const reach = 48 * 60 * 60

// farPast and farFuture stand for "no transition before" and "none after".
const (
	farPast   = -1 << 52
	farFuture = 1 << 52
)

// segment is a span of instants [start, end) in which a zone's offset is constant.
type segment struct{ start, end, offset int64 }

// wall returns what the clock shows at instant i of the segment.
func (s segment) wall(i int64) int64 { return i + s.offset }

// lastWall returns the latest wall time of the segment.
func (s segment) lastWall() int64 { return s.end - 1 + s.offset }

// segmentAt returns a segment of zone in which instant i lies, with end > i.
// Neighbouring segments may have the same offset.
func segmentAt(zone *time.Location, i int64) segment {
	t := time.Unix(i, 0).In(zone)
	_, offset := t.Zone()
	start, end := t.ZoneBounds()
	s := segment{start: farPast, end: farFuture, offset: int64(offset)}
	if !start.IsZero() {
		s.start = start.Unix()
	}
	if !end.IsZero() {
		s.end = end.Unix()
	}
	if s.end <= i {
		// For years beyond its table, time.ZoneBounds takes every year to have 365 days,
		// and on 31 December of a leap year gives an end that is past already.
		s.end = time.Date(t.UTC().Year()+1, time.January, 1, 0, 0, 0, 0, time.UTC).Unix()
	}
	return s
}

// highWall returns the latest wall time that the clocks have shown up to and including
// instant i. It is more than the wall time of i itself while an hour is repeated.
func highWall(zone *time.Location, i int64) int64 {
	s := segmentAt(zone, i)
	high := s.wall(i)
	for s.start > i-reach {
		s = segmentAt(zone, s.start-1)
		high = max(high, s.lastWall())
	}
	return high
}

// firstInstant returns the first instant at which the clocks have reached wall time w:
// the first of two when w occurs twice, the end of the gap when it never occurs.
// It grows with w.
func firstInstant(zone *time.Location, w int64) int64 {
	s := segmentAt(zone, w-reach)
	for s.lastWall() < w {
		s = segmentAt(zone, s.end)
	}
	return max(s.start, w-s.offset)
}
