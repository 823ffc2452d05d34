package component_test

import (
	"testing"

	"carillon/views/component"
)

func TestVisible(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"":                       "",
		"plain, 中文, שלום":        "plain, 中文, שלום",
		"evil \u202etxt.exe":     "evil ⟨U+202E⟩txt.exe",
		"if (a\u2066) // \u2069": "if (a⟨U+2066⟩) // ⟨U+2069⟩",
	} {
		if got := component.Visible(text); got != want {
			t.Errorf("%q is shown as %q, want %q", text, got, want)
		}
	}
}
