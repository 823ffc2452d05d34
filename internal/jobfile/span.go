package jobfile

import (
	"regexp"
	"strconv"
	"strings"

	"carillon/internal/job"
)

// unit is a letter and its length in seconds.
type unit struct {
	sign string
	size job.Seconds
}

// units lists the units of spans, the longest first. Weeks are read but not written.
func units() []unit {
	return []unit{{"w", 7 * 24 * 3600}, {"d", 24 * 3600}, {"h", 3600}, {"m", 60}, {"s", 1}}
}

// formatSpan writes a span such as 1h30m in whole units.
func formatSpan(s job.Seconds) string {
	if s <= 0 {
		return strconv.FormatInt(int64(s), 10) + "s"
	}
	var b strings.Builder
	for _, u := range units()[1:] {
		if n := s / u.size; n > 0 {
			b.WriteString(strconv.FormatInt(int64(n), 10) + u.sign)
			s -= n * u.size
		}
	}
	return b.String()
}

var spanForm = regexp.MustCompile(`^(?:(\d{1,9})w)?(?:(\d{1,9})d)?(?:(\d{1,9})h)?(?:(\d{1,9})m)?(?:(\d{1,9})s)?$`)

// parseSpan reads a span; its units stand from the longest to the shortest.
func parseSpan(text string) (job.Seconds, bool) {
	m := spanForm.FindStringSubmatch(text)
	if m == nil || text == "" {
		return 0, false
	}
	var total job.Seconds
	for i, u := range units() {
		if m[i+1] == "" {
			continue
		}
		n, err := strconv.ParseInt(m[i+1], 10, 64)
		if err != nil {
			return 0, false
		}
		total += job.Seconds(n) * u.size
	}
	return total, true
}
