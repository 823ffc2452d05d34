package config

import (
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"
)

// TestReadme keeps the configuration table of the README true. Run it with -update after
// changing an option.
func TestReadme(t *testing.T) {
	t.Parallel()
	const name, begin, end = "../../README.md", "<!-- options: begin -->\n", "<!-- options: end -->"
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	before, rest, ok := strings.Cut(string(text), begin)
	table, after, closed := strings.Cut(rest, end)
	if !ok || !closed {
		t.Fatalf("%s has no place for the options", name)
	}
	want := optionTable(t)
	if table == want {
		return
	}
	if !*update {
		t.Fatalf("the table of options is not that of the program; run this test with -update\n%s", want)
	}
	if err := os.WriteFile(name, []byte(before+begin+want+end+after), 0o644); err != nil {
		t.Fatal(err)
	}
}

var update = flag.Bool("update", false, "write the table of options into the README")

// optionTable renders the options as Markdown.
func optionTable(t *testing.T) string {
	t.Helper()
	all, err := Options()
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	b.WriteString("| Option | Environment | Default | Meaning |\n|---|---|---|---|\n")
	for _, o := range all {
		value := ""
		if o.Default != "" {
			value = "`" + o.Default + "`"
		}
		fmt.Fprintf(&b, "| `%s` | `%s` | %s | %s |\n", o.Flag, o.Env, value, strings.ReplaceAll(o.Help, "|", `\|`))
	}
	return b.String()
}
