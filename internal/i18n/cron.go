package i18n

import (
	"fmt"
	"strings"

	lnquy "github.com/lnquy/cron"
)

// CronWords prints a cron expression as a sentence; see the function of the same name.
func (p *Printer) CronWords(text string) string {
	if p == nil || len(text) > maxCron {
		return ""
	}
	fields, ok := cronFields(text)
	if !ok {
		return ""
	}
	if words := p.cronSentence(fields); words != "" {
		return words
	}
	return p.cronFallback(fields)
}

// maxCron bounds the text that is looked at; longer text is refused elsewhere.
const maxCron = 200

// cronSentence says the common shapes; "" for the others.
func (p *Printer) cronSentence(f fields) string {
	days, ok := p.dayWords(f)
	if !ok {
		return ""
	}
	months, ok := p.monthWords(f)
	if !ok {
		return ""
	}
	var words string
	if times := f.clockTimes(); times != nil {
		words = p.T("cron.at", "day", days.lead, "times", p.list(times))
	} else if repeat := p.repeatWords(f); repeat != "" {
		words = repeat
		if days.tail != "" {
			words = p.T("cron.repeat_on", "repeat", repeat, "days", days.tail)
		}
	}
	if words == "" || months == "" {
		return words
	}
	return p.T("cron.only_months", "words", words, "months", months)
}

// repeatWords says the time part of an expression that fires many times a day.
func (p *Printer) repeatWords(f fields) string {
	if f.second != "0" {
		return p.secondWords(f)
	}
	minute, hour := f.minute, f.hour
	step, stepped := cronStep(minute)
	switch {
	case hour == "*" && minute == "*":
		return p.each("minutes", 1)
	case hour == "*" && stepped:
		return p.each("minutes", step)
	case hour == "*":
		return p.hourly(minute, 1)
	}
	if n, ok := cronStep(hour); ok {
		if minute == "*" || stepped {
			return ""
		}
		return p.hourly(minute, n)
	}
	return p.spanOfDay(minute, hour)
}

// hourly says "every n hours at :mm".
func (p *Printer) hourly(minute string, n int64) string {
	minutes, ok := cronNumbers(minute, 0, 59)
	if !ok || len(minutes) > maxListed {
		return ""
	}
	words := p.each("hours", n)
	if len(minutes) == 1 && minutes[0] == 0 {
		return words
	}
	marks := make([]string, len(minutes))
	for i, m := range minutes {
		marks[i] = fmt.Sprintf(":%02d", m)
	}
	return p.T("cron.hours_at", "hours", words, "minutes", p.list(marks))
}

// spanOfDay says repetitions within one stretch of hours.
func (p *Printer) spanOfDay(minute, hour string) string {
	first, last, ok := cronRange(hour, 0, 23)
	if !ok {
		return ""
	}
	var repeat string
	from, to := "00", "59"
	step, stepped := cronStep(minute)
	switch {
	case minute == "*":
		repeat = p.each("minutes", 1)
	case stepped:
		repeat = p.each("minutes", step)
	default:
		at, single := cronNumber(minute, 0, 59)
		if !single {
			return ""
		}
		repeat = p.each("hours", 1)
		from = fmt.Sprintf("%02d", at)
		to = from
	}
	return p.T("cron.from_to", "repeat", repeat,
		"from", fmt.Sprintf("%02d:%s", first, from), "to", fmt.Sprintf("%02d:%s", last, to))
}

// secondWords says expressions that fire by the second.
func (p *Printer) secondWords(f fields) string {
	if f.minute != "*" || f.hour != "*" {
		return ""
	}
	if f.second == "*" {
		return p.each("seconds", 1)
	}
	if n, ok := cronStep(f.second); ok {
		return p.each("seconds", n)
	}
	if at, ok := cronNumber(f.second, 0, 59); ok {
		return p.T("cron.minute_at", "second", fmt.Sprintf("%02d", at))
	}
	return ""
}

// list joins words: "a", "a and b", "a, b and c".
func (p *Printer) list(words []string) string {
	if len(words) < 2 {
		return strings.Join(words, "")
	}
	last := len(words) - 1
	return strings.Join(words[:last], p.T("list.comma")) + p.T("list.and") + words[last]
}

// cronFallback asks a library for a sentence. It is old and unguarded, so a panic
// in it counts as "cannot say".
func (p *Printer) cronFallback(f fields) (words string) {
	if strings.Trim(f.String(), "0123456789*,-/LW# ") != "" {
		return ""
	}
	defer func() {
		if recover() != nil {
			words = ""
		}
	}()
	locale := lnquy.Locale_en
	if p.lang != Default {
		locale = lnquy.Locale_zh_CN
	}
	teller, err := lnquy.NewDescriptor(lnquy.Use24HourTimeFormat(true), lnquy.SetLocales(locale))
	if err != nil {
		return ""
	}
	words, err = teller.ToDescription(f.String(), locale)
	if err != nil {
		return ""
	}
	return words
}
