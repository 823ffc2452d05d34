package kind

import (
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"

	"carillon/internal/job"
)

// escapes matches terminal control sequences: CSI ("\x1b[31m"), OSC (titles, links)
// and the two-character ones.
var escapes = regexp.MustCompile("\x1b(?:\\[[0-?]*[ -/]*[@-~]|\\][^\x07\x1b]*(?:\x07|\x1b\\\\)?|[@-_])")

// Line makes text fit to be a [Result.Message] or a part of one: a single line of
// valid UTF-8 without control characters or terminal sequences, trimmed, at most
// [job.MaxResult] runes.
func Line(text string) string {
	text = strings.ToValidUTF8(text, "\uFFFD")
	if strings.ContainsRune(text, 0x1b) {
		text = escapes.ReplaceAllString(text, "")
	}
	text = strings.Map(func(r rune) rune {
		switch {
		case r == '\n', r == '\r', r == '\t', r == '\u2028', r == '\u2029':
			return ' '
		case unicode.IsControl(r):
			return -1
		}
		return r
	}, text)
	return Cut(strings.TrimSpace(text), job.MaxResult)
}

// Cut returns the first max runes of s; a cut text ends with an ellipsis that counts.
func Cut(s string, max int) string {
	if len(s) <= max || utf8.RuneCountInString(s) <= max {
		return s
	}
	n := 0
	for i := range s {
		if n++; n == max {
			return s[:i] + "…"
		}
	}
	return s
}
