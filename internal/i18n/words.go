package i18n

import (
	"context"
	"strconv"
	"strings"
	"time"
)

// Duration prints a span by its two largest units, as "1m 12s", "12.4s" or "3d 4h".
// Spans below a minute have tenths below ten seconds; below a second they are in milliseconds.
func Duration(ctx context.Context, d time.Duration) string { return From(ctx).Duration(d) }

// Ago prints how long before now t was, as "3m ago"; "just now" below a second.
// For a t after now it prints as [In].
func Ago(ctx context.Context, t, now time.Time) string { return From(ctx).Relative(t, now) }

// In prints how long after now t will be, as "in 3m". For a t before now it prints as [Ago].
func In(ctx context.Context, t, now time.Time) string { return From(ctx).Relative(t, now) }

// Time prints a time to the second in loc with its zone, as "2026-03-01 08:00:05 CET".
func Time(_ context.Context, t time.Time, loc *time.Location) string {
	return t.In(orUTC(loc)).Format("2006-01-02 15:04:05 MST")
}

// Clock prints a time of day with its zone, as "08:00:05 CET", and the date before it
// when it is not the day of now.
func Clock(ctx context.Context, t, now time.Time, loc *time.Location) string {
	loc = orUTC(loc)
	if t.In(loc).Format(time.DateOnly) != now.In(loc).Format(time.DateOnly) {
		return Time(ctx, t, loc)
	}
	return t.In(loc).Format("15:04:05 MST")
}

// Bytes prints a size with a binary unit, as "1.4 MiB".
func Bytes(n int64) string {
	const step = 1024
	units := []string{"B", "KiB", "MiB", "GiB", "TiB"}
	value, unit := float64(n), 0
	for value >= step && unit < len(units)-1 {
		value, unit = value/step, unit+1
	}
	if unit == 0 {
		return strconv.FormatInt(n, 10) + " B"
	}
	return strconv.FormatFloat(value, 'f', 1, 64) + " " + units[unit]
}

// Every prints an interval in words, as "Every 10 seconds" or "Every 1h 30m".
func Every(ctx context.Context, d time.Duration) string { return From(ctx).Every(d) }

// CronWords prints a cron expression as a sentence, as "Every weekday at 08:00".
// It returns "" for text it cannot say; it never panics.
func CronWords(ctx context.Context, text string) string { return From(ctx).CronWords(text) }

// Duration prints a span; see the function of the same name.
func (p *Printer) Duration(d time.Duration) string {
	if d < 0 {
		d = 0
	}
	switch {
	case d < time.Second:
		return p.unit(strconv.FormatInt(d.Milliseconds(), 10), "ms")
	case d < 10*time.Second && d%time.Second >= 100*time.Millisecond:
		tenths := d.Truncate(100 * time.Millisecond).Seconds()
		return p.unit(strconv.FormatFloat(tenths, 'f', 1, 64), "s")
	}
	return p.twoUnits(d)
}

// twoUnits prints whole seconds and more by the two largest units.
func (p *Printer) twoUnits(d time.Duration) string {
	seconds := int64(d / time.Second)
	steps := []struct {
		unit string
		size int64
	}{{"d", 86400}, {"h", 3600}, {"m", 60}, {"s", 1}}
	for i, step := range steps {
		if seconds < step.size && step.size > 1 {
			continue
		}
		text := p.unit(strconv.FormatInt(seconds/step.size, 10), step.unit)
		if i+1 < len(steps) {
			next := steps[i+1]
			if rest := seconds % step.size / next.size; rest > 0 {
				text += p.T("unit.space") + p.unit(strconv.FormatInt(rest, 10), next.unit)
			}
		}
		return text
	}
	return ""
}

func (p *Printer) unit(number, unit string) string { return number + p.T("unit."+unit) }

// Relative prints t as seen from now: "in 3m", "3m ago" or "now".
func (p *Printer) Relative(t, now time.Time) string {
	d := t.Sub(now)
	switch {
	case d >= time.Second:
		return strings.Replace(p.T("time.in"), "{}", p.twoUnits(d), 1)
	case d <= -time.Second:
		return strings.Replace(p.T("time.ago"), "{}", p.twoUnits(-d), 1)
	default:
		return p.T("time.now")
	}
}

// Every prints an interval in words.
func (p *Printer) Every(d time.Duration) string {
	seconds := int64(d / time.Second)
	switch {
	case seconds <= 0:
		return ""
	case seconds%86400 == 0:
		return p.each("days", seconds/86400)
	case seconds%3600 == 0:
		return p.each("hours", seconds/3600)
	case seconds%60 == 0:
		return p.each("minutes", seconds/60)
	case seconds < 60:
		return p.each("seconds", seconds)
	default:
		return p.T("cron.every_span", "span", p.twoUnits(d))
	}
}

// each says "every n units", without a number for one.
func (p *Printer) each(units string, n int64) string {
	if n == 1 {
		return p.T("cron.each_" + units)
	}
	return p.T("cron.every_"+units, "count", n)
}

func orUTC(loc *time.Location) *time.Location {
	if loc == nil {
		return time.UTC
	}
	return loc
}
