package job_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"testing"
)

// TestEveryMessageIsInBothCatalogs compares the ids in this package's source with the
// catalogs, in both directions for whole ids.
func TestEveryMessageIsInBothCatalogs(t *testing.T) {
	t.Parallel()
	used := map[string]bool{}
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	id := regexp.MustCompile(`"(error\.job\.[a-z_.]*[a-z])"`)
	code := regexp.MustCompile(`conflict\("([a-z_]+)"\)`)
	reason := regexp.MustCompile(`Reason +(?:Reason +)?= "([a-z_]+)"`)
	for _, name := range files {
		if matched, _ := filepath.Match("*_test.go", name); matched {
			continue
		}
		src, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range id.FindAllSubmatch(src, -1) {
			used[string(m[1])] = true
		}
		for _, m := range code.FindAllSubmatch(src, -1) {
			used["error.job."+string(m[1])] = true
		}
		for _, m := range reason.FindAllSubmatch(src, -1) {
			used["reason."+string(m[1])] = true
		}
	}
	for _, s := range []string{"second", "minute", "hour", "day", "month", "weekday", "year"} {
		used["error.job.cron_field."+s] = true
	}
	for _, s := range []string{"name", "group", "kind"} {
		used["error.job."+s+"_required"] = true
	}
	for _, s := range []string{"moved", "once", "first", "second"} {
		used["schedule.note."+s] = true
	}
	for _, language := range []string{"en", "zh-CN"} {
		raw, err := os.ReadFile(filepath.Join("..", "i18n", "locales", language, "job.json"))
		if err != nil {
			t.Fatal(err)
		}
		texts := map[string]string{}
		if err := json.Unmarshal(raw, &texts); err != nil {
			t.Fatal(err)
		}
		for id := range used {
			if texts[id] == "" {
				t.Errorf("%s: no text for %s", language, id)
			}
		}
		for id := range texts {
			if !used[id] {
				t.Errorf("%s: %s is not used", language, id)
			}
		}
	}
}
