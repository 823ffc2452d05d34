package kindtest

import (
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"testing"

	"carillon/internal/kind"
)

// Languages lists the languages of the catalogs.
func Languages() []string { return []string{"en", "zh-CN"} }

// Catalog reads the messages about kinds in a language from the source tree.
func Catalog(t *testing.T, language string) map[string]string {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join(moduleRoot(t), "internal", "i18n", "locales", language, "kind.json"))
	if err != nil {
		t.Fatal(err)
	}
	var catalog map[string]string
	if err := json.Unmarshal(raw, &catalog); err != nil {
		t.Fatalf("catalog %s: %v", language, err)
	}
	return catalog
}

// moduleRoot returns the folder of go.mod above the working folder.
func moduleRoot(t *testing.T) string {
	t.Helper()
	dir, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return dir
		}
		parent := filepath.Dir(dir)
		if parent == dir {
			t.Fatal("no go.mod above the working folder")
		}
		dir = parent
	}
}

// CheckFailure checks that err is a [kind.Failure] whose message every catalog has,
// with the same words in English and the same placeholders everywhere.
func CheckFailure(t *testing.T, err error) {
	t.Helper()
	var f *kind.Failure
	if !errors.As(err, &f) {
		t.Errorf("error %v is no kind.Failure", err)
		return
	}
	if english := Catalog(t, "en")[f.Msg]; english != f.Text {
		t.Errorf("message %q is %q in the catalog and %q in the code", f.Msg, english, f.Text)
	}
	for _, name := range placeholders(f.Text) {
		if _, given := f.Args[name]; !given {
			t.Errorf("failure %q has no value for %s", f.Msg, name)
		}
	}
}

// placeholders returns the names of a message's placeholders in order, each once.
func placeholders(text string) []string {
	var names []string
	for _, m := range regexp.MustCompile(`\{\{\.([a-z_]+)\}\}`).FindAllStringSubmatch(text, -1) {
		names = append(names, m[1])
	}
	slices.Sort(names)
	return slices.Compact(names)
}
