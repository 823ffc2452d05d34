package db

import (
	"math"
	"strings"
	"time"
)

// unplanned is jobs.next_run_at of a job with nothing planned: it sorts last.
const unplanned = math.MaxInt64

// millis writes a time; the zero time is NULL.
func millis(t time.Time) *int64 {
	if t.IsZero() {
		return nil
	}
	ms := t.UnixMilli()
	return &ms
}

// millisOr writes a time; the zero time is the given number.
func millisOr(t time.Time, zero int64) int64 {
	if t.IsZero() {
		return zero
	}
	return t.UnixMilli()
}

// timeOf reads a time; NULL is the zero time.
func timeOf(ms *int64) time.Time {
	if ms == nil {
		return time.Time{}
	}
	return time.UnixMilli(*ms).UTC()
}

// timeUnless reads a time; the given number is the zero time.
func timeUnless(ms, zero int64) time.Time {
	if ms == zero {
		return time.Time{}
	}
	return time.UnixMilli(ms).UTC()
}

// clean makes text that came from a job's work storable: PostgreSQL takes neither NUL
// nor broken UTF-8.
func clean(s string) string {
	return strings.ReplaceAll(strings.ToValidUTF8(s, "\uFFFD"), "\x00", "")
}

// lowerASCII folds ASCII letters only, as both databases' LOWER does.
func lowerASCII(s string) string {
	return strings.Map(func(r rune) rune {
		if 'A' <= r && r <= 'Z' {
			return r + 'a' - 'A'
		}
		return r
	}, s)
}

// containing is the LIKE pattern for a text that contains s, with \ as the escape.
func containing(s string) string {
	return "%" + strings.NewReplacer(`\`, `\\`, `%`, `\%`, `_`, `\_`).Replace(s) + "%"
}
