package job

import (
	"strconv"
	"strings"
)

// cronField is one field of cron text: its name in message ids and what may stand in it.
type cronField struct {
	name     string
	min, max int
	names    []string // three-letter names, the first one meaning first
	first    int
	day      bool // day of month: L, L-3, LW, 15W
	weekday  bool // day of week: FRI#3, FRI#L, FRIL
}

// cronFields are the fields in order, seconds first and the year last.
func cronFields() [7]cronField {
	return [7]cronField{
		{name: "second", min: 0, max: 59},
		{name: "minute", min: 0, max: 59},
		{name: "hour", min: 0, max: 23},
		{name: "day", min: 1, max: 31, day: true},
		{
			name: "month", min: 1, max: 12, first: 1,
			names: []string{"JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"},
		},
		{
			name: "weekday", min: 0, max: 7, weekday: true,
			names: []string{"SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"},
		},
		{name: "year", min: yearMin, max: yearMax},
	}
}

// The years that a seventh field may name.
const (
	yearMin = 1970
	yearMax = 2099
)

// clean checks one field's text, in upper case, and returns it in the parser's own
// dialect. Everything is checked here, because the parser accepts sloppy text
// ("*-5", "1,,2"), would expand a huge range of years, and counts a weekday range
// with a step wrongly when it goes over the week's end. ok is false, with the
// offending part, if the text cannot be used.
func (f cronField) clean(text string) (clean, bad string, ok bool) {
	items := strings.Split(text, ",")
	for i, item := range items {
		items[i], ok = f.item(item)
		if !ok {
			return "", item, false
		}
	}
	return strings.Join(items, ","), "", true
}

// item checks one element of a list.
func (f cronField) item(item string) (string, bool) {
	base, step, stepped := strings.Cut(item, "/")
	n := 1
	if stepped {
		var ok bool
		if n, ok = digits(step); !ok || n < 1 {
			return "", false
		}
	}
	if special, ok := f.special(base); ok {
		return special, !stepped
	}
	from, to, ok := f.span(base, stepped)
	if !ok {
		return "", false
	}
	if size := f.size(from, to); n > 1 && n >= size {
		return "", false
	}
	switch {
	case f.weekday && from > to:
		return weekdays(from, to+7, n), true
	case f.name == "year" && base == "*" && !stepped:
		return "*", true
	case f.name == "year":
		return strconv.Itoa(from) + "-" + strconv.Itoa(to) + "/" + strconv.Itoa(n), true
	default:
		return item, true
	}
}

// span returns the first and the last value of "*", "?", "a" or "a-b"; "a/n" goes up to the field's end.
func (f cronField) span(base string, stepped bool) (from, to int, ok bool) {
	if base == "*" || base == "?" {
		return f.min, f.max, true
	}
	low, high, ranged := strings.Cut(base, "-")
	if from, ok = f.value(low); !ok {
		return 0, 0, false
	}
	switch {
	case ranged:
		to, ok = f.value(high)
		if f.name == "year" && from > to {
			return 0, 0, false
		}
		return from, to, ok
	case stepped:
		return from, f.max, true
	default:
		return from, from, true
	}
}

// size counts the values of a range, which may go over the field's end.
func (f cronField) size(from, to int) int {
	if from <= to {
		return to - from + 1
	}
	return f.max - from + 1 + to - f.min + 1
}

// value reads a number within the bounds or a name.
func (f cronField) value(s string) (int, bool) {
	for i, name := range f.names {
		if s == name {
			return f.first + i, true
		}
	}
	n, ok := digits(s)
	return n, ok && n >= f.min && n <= f.max
}

// special checks the forms that depend on the month: L, L-n, LW and nW for days,
// v#n, v#L and vL (the same as v#L) for weekdays.
func (f cronField) special(base string) (string, bool) {
	switch {
	case f.day:
		return base, f.specialDay(base)
	case f.weekday:
		return f.specialWeekday(base)
	default:
		return "", false
	}
}

func (f cronField) specialDay(base string) bool {
	if base == "L" || base == "LW" {
		return true
	}
	if before, ok := strings.CutPrefix(base, "L-"); ok {
		n, number := digits(before)
		return number && n >= 1 && n <= 30
	}
	nearest, ok := strings.CutSuffix(base, "W")
	_, known := f.value(nearest)
	return ok && known
}

func (f cronField) specialWeekday(base string) (string, bool) {
	if day, nth, ok := strings.Cut(base, "#"); ok {
		_, known := f.value(day)
		n, number := digits(nth)
		return base, known && (nth == "L" || number && n >= 1 && n <= 5)
	}
	day, ok := strings.CutSuffix(base, "L")
	_, known := f.value(day)
	return day + "#L", ok && known
}

// weekdays lists every nth day from from to to, where 7 is Sunday again.
func weekdays(from, to, n int) string {
	var list []string
	for d := from; d <= to; d += n {
		list = append(list, strconv.Itoa(d%7))
	}
	return strings.Join(list, ",")
}

// digits reads one to four decimal digits and nothing else.
func digits(s string) (int, bool) {
	if s == "" || len(s) > 4 {
		return 0, false
	}
	n := 0
	for _, c := range []byte(s) {
		if c < '0' || c > '9' {
			return 0, false
		}
		n = n*10 + int(c-'0')
	}
	return n, true
}
