package app_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"carillon/internal/app"
	"carillon/internal/jobfile"
)

const threeJobs = `carillon: 1
jobs:
  - group: ops
    name: nightly
    tags: [backup]
    schedule:
      cron: 0 3 * * *
      zone: Europe/Berlin
    kind: Shell
    args:
      environment:
        MODE: "yes"
      script: |
        set -eu
        backup
    timeout: 1h30m
    retry:
      limit: 3
      delay: 30s

  - group: ops
    name: poll
    enabled: false
    schedule:
      every: 5m
      begin: "2026-01-01T00:00:00Z"
    kind: HttpRequest
    args:
      url: https://example.com/

  - group: web
    name: hello
    schedule:
      cron: '@daily'
    kind: Console
    args:
      message: hello
`

// write puts a text into a file.
func write(t *testing.T, dir, text string) string {
	t.Helper()
	name := filepath.Join(dir, "jobs.yaml")
	if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return name
}

func TestApplyAndExport(t *testing.T) {
	t.Parallel()
	data, dir := t.TempDir(), t.TempDir()
	at := []string{"--data", data, "--zone", "UTC"}
	file := write(t, dir, threeJobs)
	if out := must(t, "", append([]string{"apply", file, "--dry-run"}, at[:2]...)...); !strings.HasSuffix(out, "\n3 new, 0 changed, 0 removed\n") {
		t.Errorf("dry run:\n%s", out)
	}
	if out := must(t, "", "export", "--data", data); out != "carillon: 1\njobs: []\n" {
		t.Errorf("after the dry run:\n%s", out)
	}
	must(t, "", "apply", file, "--data", data)
	if diff := cmp.Diff(threeJobs, must(t, "", "export", "--data", data)); diff != "" {
		t.Errorf("round trip: -file +exported\n%s", diff)
	}
	for range 2 {
		if out := must(t, "", "apply", file, "--data", data, "--prune"); out != "0 new, 0 changed, 0 removed\n" {
			t.Errorf("again:\n%s", out)
		}
	}

	changed := strings.NewReplacer("    enabled: false\n", "", "1h30m", "2h", "@daily", "@hourly").Replace(threeJobs)
	out := must(t, changed, "apply", "-", "--data", data)
	if !strings.Contains(out, "    - timeout: 1h30m\n    + timeout: 2h\n") || !strings.Contains(out, "    - enabled: false\n") || !strings.HasSuffix(out, "0 new, 3 changed, 0 removed\n") {
		t.Errorf("changes:\n%s", out)
	}
	if diff := cmp.Diff(changed, must(t, "", "export", "--data", data)); diff != "" {
		t.Errorf("after the changes: -file +exported\n%s", diff)
	}

	copyOf := filepath.Join(dir, "copy.json")
	must(t, "", "export", "--format", "json", copyOf, "--data", data)
	if info, err := os.Stat(copyOf); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v, %v", info, err)
	}
	other := t.TempDir()
	must(t, "", "apply", copyOf, "--data", other)
	if diff := cmp.Diff(changed, must(t, "", "export", "--data", other)); diff != "" {
		t.Errorf("by way of JSON: -file +exported\n%s", diff)
	}
	if out := must(t, "", "export", "--group", "web", "--data", other); strings.Count(out, "- group") != 1 {
		t.Errorf("one group:\n%s", out)
	}
}

func TestApplyPrune(t *testing.T) {
	t.Parallel()
	data := t.TempDir()
	must(t, threeJobs, "apply", "-", "--data", data)
	one, _, _ := strings.Cut(threeJobs, "\n  - group: ops\n    name: poll")
	file := write(t, t.TempDir(), one)
	if out := must(t, "", "apply", file, "--data", data); out != "0 new, 0 changed, 0 removed\n" {
		t.Errorf("without --prune:\n%s", out)
	}
	for _, answer := range []string{"n\n", "", "yesterday\n"} {
		out, err := invoke(t, answer, "apply", file, "--prune", "--data", data)
		if err == nil || !strings.Contains(out, "removed  ops/poll\nremoved  web/hello\n\n0 new, 0 changed, 2 removed\nRemove 2 of the jobs") {
			t.Errorf("%q: %v\n%s", answer, err, out)
		}
	}
	if _, err := invoke(t, one, "apply", "-", "--prune", "--data", data); err == nil || !strings.Contains(app.Explain(err), "--yes") {
		t.Errorf("nobody can be asked: %v", err)
	}
	if out := must(t, "", "export", "--data", data); out != threeJobs {
		t.Errorf("declined, and yet:\n%s", out)
	}
	must(t, "y\n", "apply", file, "--prune", "--data", data)
	if out := must(t, "", "export", "--data", data); out != one {
		t.Errorf("after:\n%s", out)
	}
	must(t, "carillon: 1\njobs: []\n", "apply", "-", "--prune", "--yes", "--data", data)
	if out := must(t, "", "export", "--data", data); out != "carillon: 1\njobs: []\n" {
		t.Errorf("after all are gone:\n%s", out)
	}
}

func TestApplyIsAllOrNothing(t *testing.T) {
	t.Parallel()
	data := t.TempDir()
	must(t, threeJobs, "apply", "-", "--data", data)
	for name, c := range map[string]struct{ file, want string }{
		"form": {strings.Replace(threeJobs, "    timeout: 1h30m", "    timeuot: 1h30m", 1), "standard input:16: “timeuot” is no key"},
		"kind": {strings.Replace(threeJobs, "kind: Console", "kind: Teleport", 1), "standard input:31: web/hello: "},
		"cron": {strings.NewReplacer("0 3 * * *", "0 3 30 2 *", "1h30m", "2h").Replace(threeJobs), "standard input:3: ops/nightly: "},
		// Valid by itself, but it would never run: only the transaction sees that.
		"past": {strings.Replace(threeJobs, "      cron: '@daily'", "      cron: '@hourly'", 1) +
			"\n  - group: web\n    name: past\n    schedule: {cron: '@daily', end: '2020-01-01T00:00:00Z'}\n    kind: Console\n    args: {message: x}\n", "past"},
	} {
		_, err := invoke(t, c.file, "apply", "-", "--data", data)
		if err == nil || !strings.Contains(app.Explain(err), c.want) || !strings.HasSuffix(app.Explain(err), "Nothing was changed.") {
			t.Errorf("%s: %v", name, err)
		}
		if diff := cmp.Diff(threeJobs, must(t, "", "export", "--data", data)); diff != "" {
			t.Errorf("%s changed something:\n%s", name, diff)
		}
	}
}

func TestExportSchema(t *testing.T) {
	t.Parallel()
	data := filepath.Join(t.TempDir(), "none")
	out := must(t, "", "export", "--schema", "--data", data)
	if out != jobfile.Schema() || !json.Valid([]byte(out)) {
		t.Errorf("%s", out)
	}
	if _, err := os.Stat(data); err == nil {
		t.Error("the schema needs no data, but a folder was made")
	}
}
