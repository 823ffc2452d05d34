package component

import "time"

// stamp is a time as <time datetime> wants it, to the millisecond.
func stamp(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.000Z") }

// noticeRole interrupts screen readers only for what is wrong.
func noticeRole(tone string) string {
	if tone == "failed" {
		return "alert"
	}
	return "status"
}
