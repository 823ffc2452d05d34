package i18n

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// maxListed is how many values a sentence lists; more are left to the fallback.
const maxListed = 6

// fields are the six fields of a cron expression, "?" read as "*", names as numbers.
type fields struct{ second, minute, hour, dom, month, dow string }

// String prints the six fields.
func (f fields) String() string {
	return strings.Join([]string{f.second, f.minute, f.hour, f.dom, f.month, f.dow}, " ")
}

// cronFields splits text. It does not check more than the wording needs. A year
// field is accepted if it does not restrict.
func cronFields(text string) (fields, bool) {
	text = strings.TrimSpace(text)
	if strings.HasPrefix(text, "@") {
		text = macro(text)
	}
	parts := strings.Fields(strings.ToUpper(text))
	if len(parts) == 5 {
		parts = append([]string{"0"}, parts...)
	}
	if len(parts) == 7 && (parts[6] == "*" || parts[6] == "?") {
		parts = parts[:6]
	}
	if len(parts) != 6 {
		return fields{}, false
	}
	for i, part := range parts {
		if part == "?" || part == "*/1" {
			parts[i] = "*"
		}
	}
	return fields{
		second: parts[0], minute: parts[1], hour: parts[2], dom: parts[3],
		month: named(parts[4], "JAN FEB MAR APR MAY JUN JUL AUG SEP OCT NOV DEC", 1),
		dow:   named(parts[5], "SUN MON TUE WED THU FRI SAT", 0),
	}, true
}

// macro returns the five fields of a macro; "" for an unknown one.
func macro(text string) string {
	switch strings.ToLower(text) {
	case "@hourly":
		return "0 * * * *"
	case "@daily", "@midnight":
		return "0 0 * * *"
	case "@weekly":
		return "0 0 * * 0"
	case "@monthly":
		return "0 0 1 * *"
	case "@yearly", "@annually":
		return "0 0 1 1 *"
	default:
		return ""
	}
}

// named replaces the names of months or days by their numbers.
func named(field, names string, first int) string {
	for i, name := range strings.Fields(names) {
		field = strings.ReplaceAll(field, name, strconv.Itoa(first+i))
	}
	return field
}

// clockTimes lists the fixed times of day, "08:00" or "08:00:30"; nil if there are none or too many.
func (f fields) clockTimes() []string {
	second, ok := cronNumber(f.second, 0, 59)
	minutes, okMinutes := cronNumbers(f.minute, 0, 59)
	hours, okHours := cronNumbers(f.hour, 0, 23)
	if !ok || !okMinutes || !okHours || len(minutes)*len(hours) > maxListed {
		return nil
	}
	var times []string
	for _, h := range hours {
		for _, m := range minutes {
			at := fmt.Sprintf("%02d:%02d", h, m)
			if second > 0 {
				at += fmt.Sprintf(":%02d", second)
			}
			times = append(times, at)
		}
	}
	return times
}

// cronNumber reads a single number within bounds.
func cronNumber(text string, low, high int64) (int64, bool) {
	n, err := strconv.ParseUint(text, 10, 16)
	return int64(n), err == nil && int64(n) >= low && int64(n) <= high
}

// cronNumbers reads a list of numbers, sorted and without repetition.
func cronNumbers(text string, low, high int64) ([]int64, bool) {
	var list []int64
	for part := range strings.SplitSeq(text, ",") {
		n, ok := cronNumber(part, low, high)
		if !ok {
			return nil, false
		}
		list = append(list, n)
	}
	slices.Sort(list)
	return slices.Compact(list), true
}

// cronRange reads "a-b", or "a" as "a-a".
func cronRange(text string, low, high int64) (first, last int64, ok bool) {
	from, to, found := strings.Cut(text, "-")
	if !found {
		to = from
	}
	first, okFirst := cronNumber(from, low, high)
	last, okLast := cronNumber(to, low, high)
	return first, last, okFirst && okLast && first <= last
}

// cronStep reads "*/n" or "0/n".
func cronStep(text string) (int64, bool) {
	base, step, found := strings.Cut(text, "/")
	if !found || (base != "*" && base != "0") {
		return 0, false
	}
	return cronNumber(step, 1, 59)
}
