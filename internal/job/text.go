package job

import (
	"strings"
	"unicode/utf8"
)

// clip cuts s to at most n runes and makes it storable: valid UTF-8 without NUL,
// which PostgreSQL refuses in text.
func clip(s string, n int) string {
	s = strings.ReplaceAll(strings.ToValidUTF8(s, "\uFFFD"), "\x00", "")
	if utf8.RuneCountInString(s) <= n {
		return s
	}
	for i := range s {
		if n == 0 {
			return s[:i]
		}
		n--
	}
	return s
}

// storable reports whether s can be kept as it is.
func storable(s string) bool {
	return utf8.ValidString(s) && !strings.ContainsRune(s, 0)
}
