package access_test

import (
	"errors"
	"strings"
	"testing"

	"carillon/internal/access"
	"carillon/internal/apperr"
)

// fault returns the message id at the field x; "" if there is none.
func fault(t *testing.T, check func(f *apperr.Faults)) string {
	t.Helper()
	var f apperr.Faults
	check(&f)
	var e *apperr.Error
	if !errors.As(f.Err(), &e) {
		return ""
	}
	if len(e.Fields) != 1 {
		t.Errorf("faults at %v, want only x", e.Fields)
	}
	return e.Fields["x"].Msg
}

func TestCheckName(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{
		"ada": "", "Ada.Lovelace": "", "ops-team_1@example.com": "", "7": "", strings.Repeat("a", 64): "",
		"": "error.access.name_required", strings.Repeat("a", 65): "error.access.name_long",
		"ada lovelace": "error.access.name_signs", "ádá": "error.access.name_signs", "a\x00": "error.access.name_signs",
		"ada\n": "error.access.name_signs", "<b>": "error.access.name_signs", "a/b": "error.access.name_signs",
	} {
		if got := fault(t, func(f *apperr.Faults) { access.CheckName(f, "x", name) }); got != want {
			t.Errorf("%q: %q, want %q", name, got, want)
		}
	}
}

func TestCheckPassword(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ password, name, want string }{
		{"correct horse", "ada", ""},
		{"七个中文字加上三个也够了", "ada", ""},
		{strings.Repeat("abcd", 32), "ada", ""},
		{"al0ng p4ss", "al", ""}, // a name of two letters may occur by chance
		{"", "ada", "error.access.password_required"},
		{"short pas", "ada", "error.access.password_short"},
		{"密码太短", "ada", "error.access.password_short"}, // 12 bytes, 4 characters
		{strings.Repeat("abcd", 32) + "e", "ada", "error.access.password_long"},
		{"password123", "ada", "error.access.password_common"},
		{"PassWord123", "ada", "error.access.password_common"},
		{"aaaaaaaaaaaaaa", "ada", "error.access.password_common"},
		{"121212121212", "ada", "error.access.password_common"},
		{"I am ADA indeed", "ada", "error.access.password_name"},
		{"bad\xffbytes here", "ada", "error.access.password_text"},
	} {
		got := fault(t, func(f *apperr.Faults) { access.CheckPassword(f, "x", c.password, c.name) })
		if got != c.want {
			t.Errorf("%q of %s: %q, want %q", c.password, c.name, got, c.want)
		}
	}
}

func TestCheckRole(t *testing.T) {
	t.Parallel()
	if got := fault(t, func(f *apperr.Faults) { access.CheckRole(f, "x", access.Operator) }); got != "" {
		t.Errorf("operator: %q", got)
	}
	if got := fault(t, func(f *apperr.Faults) { access.CheckRole(f, "x", "boss") }); got != "error.access.role_unknown" {
		t.Errorf("boss: %q", got)
	}
}
