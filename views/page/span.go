package page

import (
	"strconv"
	"strings"

	"carillon/internal/job"
)

// maxSpan keeps sums of parts far from overflow; the domain's own bound is lower.
const maxSpan = 1 << 40

// SpanText prints a span as a form field has it: "90s" is "1m30s", nothing is "".
func SpanText(s job.Seconds) string {
	if s <= 0 {
		return ""
	}
	var b strings.Builder
	for _, step := range spanUnits() {
		if n := s / step.size; n > 0 {
			b.WriteString(strconv.FormatInt(int64(n), 10) + step.unit)
			s %= step.size
		}
	}
	return b.String()
}

// ParseSpan reads a span as people type it: whole seconds ("90") or units from large to
// small ("1d 2h", "1h30m", "45s"). Empty text is 0. False means it cannot be read.
func ParseSpan(text string) (job.Seconds, bool) {
	text = strings.ToLower(strings.Join(strings.Fields(text), ""))
	if text == "" {
		return 0, true
	}
	if n, err := strconv.ParseInt(text, 10, 64); err == nil {
		return job.Seconds(n), n >= 0 && n <= maxSpan
	}
	var total job.Seconds
	for _, step := range spanUnits() {
		number, rest, found := strings.Cut(text, step.unit)
		if !found {
			continue
		}
		n, err := strconv.ParseUint(number, 10, 31)
		if err != nil {
			return 0, false
		}
		total, text = total+job.Seconds(n)*step.size, rest
	}
	return total, text == "" && total <= maxSpan
}

type spanUnit struct {
	unit string
	size job.Seconds
}

func spanUnits() []spanUnit {
	return []spanUnit{{"d", 86400}, {"h", 3600}, {"m", 60}, {"s", 1}}
}
