package web_test

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"go.uber.org/goleak"

	"carillon/internal/i18n"
	"carillon/web"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// TestEveryTextExists looks for message ids in this package's source.
func TestEveryTextExists(t *testing.T) {
	t.Parallel()
	catalog, err := i18n.Load()
	if err != nil {
		t.Fatal(err)
	}
	used := map[string]bool{}
	for _, verb := range []string{"pause", "resume", "start", "stop"} {
		used["web.done."+verb] = true
	}
	id := regexp.MustCompile(`"((?:web|error)\.[a-z0-9_.]*[a-z0-9])"`)
	err = filepath.WalkDir(".", func(path string, _ os.DirEntry, err error) error {
		if err != nil || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return err
		}
		source, err := os.ReadFile(path)
		for _, match := range id.FindAllStringSubmatch(string(source), -1) {
			used[match[1]] = true
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, l := range i18n.Languages() {
		known := catalog.IDs(l.Tag)
		for id := range used {
			if !slices.Contains(known, id) {
				t.Errorf("%s has no text %q", l.Tag, id)
			}
		}
		for _, id := range known {
			if strings.HasPrefix(id, "web.") && !used[id] {
				t.Errorf("%s has a text %q that nothing uses", l.Tag, id)
			}
		}
	}
}

func TestGalleryInDevelopment(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(d *web.Deps) { d.Dev = true })
	w.get("", "/gallery").want(200).contains("<html")
}
