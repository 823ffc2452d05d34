package job

import "time"

// next returns the first wall time of the pattern after w.
func (p pattern) next(w int64) (int64, bool) {
	t := p.spec.Next(time.Unix(w, 0).UTC())
	return t.Unix(), !t.IsZero()
}

// prev returns the last wall time of the pattern up to and including w.
func (p pattern) prev(w int64) (int64, bool) {
	t := p.spec.Prev(time.Unix(w+1, 0).UTC())
	return t.Unix(), !t.IsZero()
}

// nextIn returns the first instant of the pattern in zone after instant i.
//
// A fixed wall-clock time fires when the clocks first reach it: that is once, at the
// end of a gap or at the first of two. The others fire whenever the clocks show it.
func (p pattern) nextIn(zone *time.Location, i int64) (int64, bool) {
	if !p.real {
		w, ok := p.next(highWall(zone, i))
		if !ok {
			return 0, false
		}
		return firstInstant(zone, w), true
	}
	for i++; ; {
		s := segmentAt(zone, i)
		w, ok := p.next(s.wall(i) - 1)
		switch {
		case ok && w <= s.lastWall():
			return w - s.offset, true
		case s.end == farFuture, !ok && s.end-i > reach:
			return 0, false
		case ok && s.end-i > reach && w-reach > s.end:
			i = w - reach // no wall time in between fires, however the clocks jump
		default:
			i = s.end
		}
	}
}

// lastIn returns the last instant of the pattern in zone up to and including instant i.
func (p pattern) lastIn(zone *time.Location, i int64) (int64, bool) {
	if !p.real {
		w, ok := p.prev(highWall(zone, i))
		if !ok {
			return 0, false
		}
		return firstInstant(zone, w), true
	}
	for {
		s := segmentAt(zone, i)
		w, ok := p.prev(s.wall(i))
		switch {
		case ok && w >= s.wall(s.start):
			return w - s.offset, true
		case s.start == farPast, !ok && i-s.start > reach:
			return 0, false
		case ok && i-s.start > reach && w+reach < s.start:
			i = w + reach
		default:
			i = s.start - 1
		}
	}
}
