package page

import (
	"strings"

	"carillon/internal/job"
	"carillon/views/component"
)

// firstLine is the first line of what a run says about itself: its error before its result.
func firstLine(r job.Run) string {
	text := r.Error
	if strings.TrimSpace(text) == "" {
		text = r.Result
	}
	line, _, _ := strings.Cut(strings.TrimSpace(text), "\n")
	return component.Visible(strings.TrimSpace(line))
}
