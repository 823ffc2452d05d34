package kindtest

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

func TestLanguagesHaveTheSameMessages(t *testing.T) {
	t.Parallel()
	english := Catalog(t, "en")
	for _, language := range Languages() {
		catalog := Catalog(t, language)
		for id, text := range english {
			if !slices.Equal(placeholders(text), placeholders(catalog[id])) {
				t.Errorf("%s: %q has the placeholders %v, in English %v", language, id, placeholders(catalog[id]), placeholders(text))
			}
			if strings.TrimSpace(catalog[id]) == "" {
				t.Errorf("%s has no message %q", language, id)
			}
		}
		for id := range catalog {
			if _, ok := english[id]; !ok {
				t.Errorf("%s has a message %q that English has not", language, id)
			}
		}
	}
}

// TestMessagesInCode checks that every message id in the kinds' code is in the
// catalog, and that no message of the catalog is left over.
func TestMessagesInCode(t *testing.T) {
	t.Parallel()
	id := regexp.MustCompile(`"((?:error\.kind|kind\.failure)\.[a-z_]+)"`)
	used := map[string]bool{}
	root := filepath.Join(moduleRoot(t), "internal", "kind")
	err := filepath.WalkDir(root, func(path string, _ fs.DirEntry, err error) error {
		if err != nil || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return err
		}
		source, err := os.ReadFile(path)
		for _, m := range id.FindAllSubmatch(source, -1) {
			used[string(m[1])] = true
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	catalog := Catalog(t, "en")
	for message := range used {
		if catalog[message] == "" {
			t.Errorf("the catalog has no message %q", message)
		}
	}
	for message := range catalog {
		if id.MatchString(`"`+message+`"`) && !used[message] {
			t.Errorf("no code uses the message %q", message)
		}
	}
}
