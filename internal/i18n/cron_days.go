package i18n

import (
	"strconv"
	"strings"
)

// dayPhrase says on which days: lead begins a sentence ("Every weekday"), tail ends one
// ("on weekdays"). Every day has no tail.
type dayPhrase struct{ lead, tail string }

// dayWords says the day-of-month and day-of-week fields. Both restricted means either, as in cron.
func (p *Printer) dayWords(f fields) (dayPhrase, bool) {
	switch {
	case f.dom == "*" && f.dow == "*":
		return dayPhrase{lead: p.T("cron.daily")}, true
	case f.dow == "*":
		return p.monthDayWords(f.dom)
	case f.dom == "*":
		return p.weekDayWords(f.dow)
	}
	a, ok := p.monthDayWords(f.dom)
	b, also := p.weekDayWords(f.dow)
	return dayPhrase{
		lead: p.T("cron.either", "a", a.lead, "b", b.tail),
		tail: p.T("cron.either", "a", a.tail, "b", b.tail),
	}, ok && also
}

func (p *Printer) monthDayWords(dom string) (dayPhrase, bool) {
	switch {
	case dom == "L":
		return dayPhrase{p.T("cron.last_day"), p.T("cron.on_last_day")}, true
	case dom == "LW" || dom == "WL":
		return dayPhrase{p.T("cron.last_weekday"), p.T("cron.on_last_weekday")}, true
	case strings.HasSuffix(dom, "W"):
		n, ok := cronNumber(strings.TrimSuffix(dom, "W"), 1, 31)
		day := p.ordinal(n)
		return dayPhrase{p.T("cron.nearest", "day", day), p.T("cron.on_nearest", "day", day)}, ok
	}
	days, ok := cronNumbers(dom, 1, 31)
	if !ok || len(days) > maxListed {
		return dayPhrase{}, false
	}
	names := make([]string, len(days))
	for i, d := range days {
		names[i] = p.ordinal(d)
	}
	list := p.list(names)
	return dayPhrase{p.T("cron.monthly", "days", list), p.T("cron.on_monthly", "days", list)}, true
}

func (p *Printer) weekDayWords(dow string) (dayPhrase, bool) {
	if name, nth, found := strings.Cut(dow, "#"); found {
		d, ok := cronNumber(name, 0, 7)
		n, okNth := cronNumber(nth, 1, 5)
		kv := []any{"nth", p.T("cron.nth." + strconv.FormatInt(n, 10)), "day", p.weekday(d)}
		return dayPhrase{p.T("cron.nth_weekday", kv...), p.T("cron.on_nth_weekday", kv...)}, ok && okNth
	}
	if name, found := strings.CutSuffix(dow, "L"); found {
		d, ok := cronNumber(name, 0, 7)
		kv := []any{"nth", p.T("cron.nth.last"), "day", p.weekday(d)}
		return dayPhrase{p.T("cron.nth_weekday", kv...), p.T("cron.on_nth_weekday", kv...)}, ok
	}
	switch dow {
	case "1-5":
		return dayPhrase{p.T("cron.weekdays"), p.T("cron.on_weekdays")}, true
	case "0,6", "6,0", "6,7", "6-7":
		return dayPhrase{p.T("cron.weekends"), p.T("cron.on_weekends")}, true
	}
	if first, last, ok := cronRange(dow, 0, 7); ok && first < last {
		span := p.T("list.range", "from", p.weekday(first), "to", p.weekday(last))
		return dayPhrase{p.T("cron.weekly_span", "days", span), p.T("cron.on_weekly", "days", span)}, true
	}
	days, ok := cronNumbers(dow, 0, 7)
	if !ok {
		return dayPhrase{}, false
	}
	names := make([]string, len(days))
	for i, d := range days {
		names[i] = p.weekday(d)
	}
	list := p.list(names)
	return dayPhrase{p.T("cron.weekly", "days", list), p.T("cron.on_weekly", "days", list)}, true
}

// monthWords says the month field; "" for every month.
func (p *Printer) monthWords(f fields) (string, bool) {
	if f.month == "*" {
		return "", true
	}
	if first, last, ok := cronRange(f.month, 1, 12); ok && first < last {
		return p.T("list.range", "from", p.month(first), "to", p.month(last)), true
	}
	months, ok := cronNumbers(f.month, 1, 12)
	names := make([]string, len(months))
	for i, m := range months {
		names[i] = p.month(m)
	}
	return p.list(names), ok
}

func (p *Printer) weekday(n int64) string { return p.T("weekday." + strconv.FormatInt(n%7, 10)) }

func (p *Printer) month(n int64) string { return p.T("month." + strconv.FormatInt(n, 10)) }

// ordinal prints a day of the month: "1st" in English, the bare number elsewhere.
func (p *Printer) ordinal(n int64) string {
	text := strconv.FormatInt(n, 10)
	if p.lang != Default {
		return text
	}
	switch {
	case n%10 == 1 && n != 11:
		return text + "st"
	case n%10 == 2 && n != 12:
		return text + "nd"
	case n%10 == 3 && n != 13:
		return text + "rd"
	default:
		return text + "th"
	}
}
