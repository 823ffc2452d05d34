package access

import (
	_ "embed"
	"slices"
	"strings"
	"unicode/utf8"

	"carillon/internal/apperr"
)

// The bounds of names and passwords.
const (
	MaxName          = 64  // characters of a user's name
	MinPassword      = 10  // characters
	MaxPassword      = 128 // bytes
	minDistinct      = 4   // different characters of a password
	minNameInSecret  = 3   // a shorter name may occur in a password by chance
	MaxUserAgent     = 200 // bytes kept of a browser's name
	MaxSessionData   = 4096
	MaxTokenLabel    = 100 // characters
	MaxTokensPerUser = 100
)

//go:embed common_passwords.txt
var commonPasswords string

// CheckName records a fault at field if name is not a user's name: 1 to 64 ASCII
// letters, digits and the signs . _ @ -. Only ASCII, so that both databases agree on
// which names are equal without case.
func CheckName(f *apperr.Faults, field, name string) {
	switch {
	case name == "":
		f.Add(field, "error.access.name_required")
	case len(name) > MaxName:
		f.Add(field, "error.access.name_long", "max", MaxName)
	case strings.ContainsFunc(name, notInName):
		f.Add(field, "error.access.name_signs")
	}
}

func notInName(r rune) bool {
	letter := r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z'
	return !letter && (r < '0' || r > '9') && !strings.ContainsRune("._@-", r)
}

// CheckPassword records a fault at field if the password is too short, too long, too
// common, or contains the name of its user.
func CheckPassword(f *apperr.Faults, field, password, name string) {
	lower := strings.ToLower(password)
	switch {
	case password == "":
		f.Add(field, "error.access.password_required")
	case !utf8.ValidString(password):
		f.Add(field, "error.access.password_text")
	case utf8.RuneCountInString(password) < MinPassword:
		f.Add(field, "error.access.password_short", "min", MinPassword)
	case len(password) > MaxPassword:
		f.Add(field, "error.access.password_long", "max", MaxPassword)
	case isCommon(lower):
		f.Add(field, "error.access.password_common")
	case len(name) >= minNameInSecret && strings.Contains(lower, strings.ToLower(name)):
		f.Add(field, "error.access.password_name")
	}
}

// CheckRole records a fault at field if r is not a role.
func CheckRole(f *apperr.Faults, field string, r Role) {
	if !r.Valid() {
		f.Add(field, "error.access.role_unknown")
	}
}

// isCommon reports whether the lower-case password is on the list of common ones or
// is made of very few characters, such as "1111111111".
func isCommon(lower string) bool {
	distinct := []rune(lower)
	slices.Sort(distinct)
	if len(slices.Compact(distinct)) < minDistinct {
		return true
	}
	return slices.Contains(strings.Fields(commonPasswords), lower)
}
