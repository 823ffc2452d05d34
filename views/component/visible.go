package component

import (
	"fmt"
	"strings"
)

// Visible returns a text from outside with the characters that would turn the order of
// what follows them named instead, such as "⟨U+202E⟩": nothing then reads otherwise than
// it runs. Right-to-left writing needs none of them.
func Visible(text string) string {
	if !strings.ContainsFunc(text, turns) {
		return text
	}
	var b strings.Builder
	for _, c := range text {
		if turns(c) {
			fmt.Fprintf(&b, "⟨U+%04X⟩", c)
		} else {
			b.WriteRune(c)
		}
	}
	return b.String()
}

// turns reports whether a character embeds, overrides or isolates the direction of writing.
func turns(c rune) bool { return '\u202a' <= c && c <= '\u202e' || '\u2066' <= c && c <= '\u2069' }
