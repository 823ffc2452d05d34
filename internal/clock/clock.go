// Package clock is the only place that reads the time of day.
package clock

import "time"

// Clock tells the time. Everything that needs "now" takes one, so that tests own it.
type Clock interface {
	// Now returns the wall-clock time with its monotonic reading.
	Now() time.Time
	// NewTimer returns a timer that fires after d.
	NewTimer(d time.Duration) *time.Timer
}

// System returns the machine's clock.
func System() Clock { return system{} }

type system struct{}

func (system) Now() time.Time                       { return time.Now() }
func (system) NewTimer(d time.Duration) *time.Timer { return time.NewTimer(d) }

// Fixed is a clock for tests that stands still at T.
type Fixed struct{ T time.Time }

// Now returns T.
func (f Fixed) Now() time.Time { return f.T }

// NewTimer returns a real timer.
func (f Fixed) NewTimer(d time.Duration) *time.Timer { return time.NewTimer(d) }
