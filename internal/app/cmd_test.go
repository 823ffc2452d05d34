package app

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"carillon/internal/apperr"
)

func TestExplain(t *testing.T) {
	t.Parallel()
	var faults apperr.Faults
	faults.Add("password", "error.access.password_short", "min", 10)
	faults.Add("name", "error.access.name_required")
	for _, c := range []struct {
		err  error
		want string
	}{
		{errors.New("plain"), "plain"},
		{apperr.New(apperr.Unavailable, "x", "The folder is in use."), "The folder is in use."},
		{fmt.Errorf("create: %w", apperr.Newf(apperr.Invalid, "x", "error.access.user_unknown", map[string]any{"name": "bob"})), "There is no user named bob."},
		{faults.Err(), "Enter a user name. Use at least 10 characters for the password."},
	} {
		if got := Explain(c.err); got != c.want {
			t.Errorf("%v: %q, want %q", c.err, got, c.want)
		}
	}
}

func TestFirstLine(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{"a b\n": "a b", "a\r\nb\n": "a", "a": "a", "": "", strings.Repeat("x", 1000): strings.Repeat("x", 256)} {
		if got, err := firstLine(strings.NewReader(text)); err != nil || got != want {
			t.Errorf("%q: %q, %v", text, got, err)
		}
	}
}
