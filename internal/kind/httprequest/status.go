package httprequest

import (
	"fmt"
	"strconv"
	"strings"
)

// statuses are the status codes that count as a success, as ranges with both ends.
type statuses [][2]int

// parseStatuses reads a list like "200-299, 404"; "" means [defaultExpected].
func parseStatuses(text string) (statuses, error) {
	if strings.TrimSpace(text) == "" {
		text = defaultExpected
	}
	var list statuses
	for item := range strings.SplitSeq(text, ",") {
		low, high, isRange := strings.Cut(item, "-")
		if !isRange {
			high = low
		}
		from, errFrom := strconv.Atoi(strings.TrimSpace(low))
		to, errTo := strconv.Atoi(strings.TrimSpace(high))
		if errFrom != nil || errTo != nil || from < 100 || to > 599 || from > to {
			return nil, fmt.Errorf("%q is no status code or range of them", item)
		}
		list = append(list, [2]int{from, to})
	}
	return list, nil
}

func (s statuses) contains(code int) bool {
	for _, r := range s {
		if code >= r[0] && code <= r[1] {
			return true
		}
	}
	return false
}
