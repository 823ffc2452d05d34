package crontab_test

import (
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"carillon/internal/apperr"
	"carillon/internal/crontab"
	"carillon/internal/i18n"
	"carillon/internal/job"
)

var update = flag.Bool("update", false, "write the golden files again")

// report words rows for people to compare: all that differs from a job's defaults.
func report(t *testing.T, rows []crontab.Row) string {
	t.Helper()
	catalog, err := i18n.Load()
	if err != nil {
		t.Fatal(err)
	}
	printer := catalog.Printer("en")
	var b strings.Builder
	for _, row := range rows {
		fmt.Fprintf(&b, "%d %s: %s\n", row.Line, row.Status, row.Text)
		if row.Status == crontab.Job {
			describe(t, &b, row.Definition)
		}
		for _, n := range row.Notes {
			sign := "-"
			if n.Warn {
				sign = "!"
			}
			if !printer.Has(n.Msg) {
				t.Errorf("line %d: no text %q", row.Line, n.Msg)
			}
			fmt.Fprintf(&b, "    %s %s\n", sign, printer.Text(i18n.Msg{ID: n.Msg, Args: n.Args}))
		}
	}
	return b.String()
}

func describe(t *testing.T, b *strings.Builder, def job.Definition) {
	t.Helper()
	args, err := json.Marshal(def.Args)
	if err != nil {
		t.Fatal(err)
	}
	fmt.Fprintf(b, "    name %q\n", def.Name)
	if def.Description != "" {
		fmt.Fprintf(b, "    description %q\n", def.Description)
	}
	s := def.Schedule
	fmt.Fprintf(b, "    when %s", strings.TrimSpace(string(s.Type)+" "+s.Cron))
	if s.Every != 0 {
		fmt.Fprintf(b, " every %s", s.Every.Duration())
	}
	if s.Zone != "" {
		fmt.Fprintf(b, " in %s", s.Zone)
	}
	if s.Jitter != 0 {
		fmt.Fprintf(b, " jitter %s", s.Jitter.Duration())
	}
	fmt.Fprintf(b, "\n    args %s\n", strings.NewReplacer(`\u003e`, ">", `\u003c`, "<", `\u0026`, "&").Replace(string(args)))
}

// TestShapes reads crontabs as they are found in the world.
func TestShapes(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("testdata/*.cron")
	if err != nil || len(files) < 30 {
		t.Fatalf("%d fixtures, %v", len(files), err)
	}
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			t.Parallel()
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			rows, err := crontab.Parse(string(text), crontab.Options{System: strings.HasSuffix(file, ".system.cron"), Group: "crontab"})
			if err != nil {
				t.Fatal(err)
			}
			got, golden := report(t, rows), strings.TrimSuffix(file, ".cron")+".golden"
			if *update {
				if err := os.WriteFile(golden, []byte(got), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(golden)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(string(want), got); diff != "" {
				t.Errorf("-want +got\n%s", diff)
			}
			valid(t, rows)
		})
	}
}

// valid fails unless every job of the report may be saved.
func valid(t *testing.T, rows []crontab.Row) {
	t.Helper()
	for _, row := range rows {
		if row.Status != crontab.Job {
			continue
		}
		if _, err := job.Validate(row.Definition, time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC), time.UTC); err != nil {
			t.Errorf("line %d: %v", row.Line, err)
		}
	}
}

func TestParseRefuses(t *testing.T) {
	t.Parallel()
	for name, text := range map[string]string{
		"too long": strings.Repeat("# a comment\n", 100_000),
		"too many": strings.Repeat("0 1 * * * a\n", crontab.MaxRows+1),
		"no text":  "0 1 * * * a\x00",
	} {
		if rows, err := crontab.Parse(text, crontab.Options{}); rows != nil || !apperr.Is(err, apperr.Invalid) {
			t.Errorf("%s: %d rows, %v", name, len(rows), err)
		}
	}
}

func FuzzParse(f *testing.F) {
	files, err := filepath.Glob("testdata/*.cron")
	if err != nil {
		f.Fatal(err)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(string(text), false)
		f.Add(string(text), true)
	}
	f.Fuzz(func(t *testing.T, text string, system bool) {
		rows, err := crontab.Parse(text, crontab.Options{System: system, Group: "crontab"})
		if err != nil {
			return
		}
		for _, row := range rows {
			if row.Status == crontab.Refused && len(row.Notes) == 0 {
				t.Errorf("refused without a reason: %q", row.Text)
			}
		}
		valid(t, rows)
	})
}
