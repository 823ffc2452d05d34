// Package arch holds no code, only the test of which package may import which. The table
// is the house's plan: a new import between packages is a decision, made here.
package arch

import (
	"bytes"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

const module = "carillon"

// room is one line of the plan: a package, or with "/..." a package and those below it,
// and the packages of the module that it may import. The first line that fits counts.
type room struct{ name, mayImport string }

func plan() []room {
	return []room{
		{"", "internal/app internal/config"},

		// Leaves.
		{"static", ""},
		{"internal/apperr", ""},
		{"internal/arch", ""},
		{"internal/clock", ""},
		{"internal/gather", ""},
		{"internal/i18n", ""},
		{"internal/ident", ""},
		{"internal/netguard", ""},
		{"internal/route", ""},
		{"internal/secret", ""},
		{"internal/config", "internal/netguard"},

		// The core.
		{"internal/job", "internal/apperr internal/ident"},
		{"internal/crontab", "internal/job internal/apperr"},
		{"internal/jobfile", "internal/job"},
		{"internal/metrics", "internal/job internal/event"},
		{"internal/access", "internal/apperr internal/job"},
		{"internal/audit", "internal/access"},
		{"internal/event", "internal/job"},

		// What runs.
		{"internal/engine/...", "internal/engine internal/job internal/clock internal/apperr"},
		{"internal/kind/kindtest", "internal/kind internal/job internal/apperr internal/ident"},
		{"internal/kind/...", "internal/kind internal/job internal/apperr internal/netguard internal/secret"},
		{"internal/output", "internal/job internal/clock"},
		{"internal/runner", "internal/job internal/kind internal/output internal/event internal/clock internal/apperr internal/gather internal/ident"},
		{"internal/scheduler", "internal/job internal/event internal/clock internal/apperr internal/ident"},

		// Storage.
		{"db/sqlgen", ""},
		{"db/dbtest", "db internal/job internal/access internal/audit internal/apperr internal/ident"},
		{"db", "db/sqlgen internal/job internal/access internal/audit internal/apperr internal/gather"},

		// The operator's verbs and the browser.
		{"internal/control", "internal/job internal/access internal/audit internal/event internal/apperr internal/clock internal/ident"},
		{"views/...", "views/... internal/job internal/access internal/audit internal/route internal/i18n"},
		{"web/...", "web/... views/... static internal/control internal/crontab internal/job internal/access internal/audit internal/event " +
			"internal/route internal/apperr internal/i18n internal/clock"},

		// Everything together.
		{"internal/app", "..."},
		{"internal/apptest/...", "..."},
		{"internal/e2e/...", "..."},
	}
}

// fits reports whether a package is the one a pattern names.
func fits(pattern, pkg string) bool {
	if pattern == "..." {
		return true
	}
	if below, ok := strings.CutSuffix(pattern, "/..."); ok {
		return pkg == below || strings.HasPrefix(pkg, below+"/")
	}
	return pattern == pkg
}

// relative returns a package's path within the module; ok is false for any other package.
func relative(path string) (pkg string, ok bool) {
	if path == module {
		return "", true
	}
	return strings.CutPrefix(path, module+"/")
}

// imports lists the packages of the module, each with what it imports outside its tests.
func imports(t *testing.T) map[string][]string {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "go", "list", "-e", "-f", `{{.ImportPath}}{{range .Imports}} {{.}}{{end}}`, "./...")
	cmd.Dir = "../.."
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("list packages: %v", err)
	}
	all := map[string][]string{}
	for line := range bytes.Lines(out) {
		fields := strings.Fields(string(line))
		if pkg, ok := relative(fields[0]); ok && !strings.HasPrefix(pkg, "node_modules/") {
			all[pkg] = fields[1:]
		}
	}
	return all
}

func TestImports(t *testing.T) {
	t.Parallel()
	all := imports(t)
	if len(all) < 5 {
		t.Fatalf("only %d packages found", len(all))
	}
	for pkg, imported := range all {
		i := slices.IndexFunc(plan(), func(r room) bool { return fits(r.name, pkg) })
		if i < 0 {
			t.Errorf("%s has no line in the plan", pkg)
			continue
		}
		allowed := strings.Fields(plan()[i].mayImport)
		for _, path := range imported {
			target, ours := relative(path)
			if ours && !slices.ContainsFunc(allowed, func(pattern string) bool { return fits(pattern, target) }) {
				t.Errorf("%s must not import %s", pkg, target)
			}
		}
	}
}

// TestOutsideImports keeps each large dependency in the one room that wraps it.
func TestOutsideImports(t *testing.T) {
	t.Parallel()
	homes := map[string]string{
		"github.com/go-co-op/gocron":   "internal/scheduler",
		"modernc.org/sqlite":           "db/...",
		"github.com/jackc/pgx":         "db/...",
		"github.com/pressly/goose":     "db/...",
		"database/sql":                 "db/...",
		"github.com/labstack/echo":     "web/...",
		"github.com/gorilla/sessions":  "web",
		"github.com/alecthomas/kong":   "internal/config",
		"github.com/alexedwards":       "internal/access",
		"github.com/nicksnyder/go-i18": "internal/i18n",
		"go.yaml.in/yaml":              "internal/jobfile",
		"github.com/prometheus":        "internal/metrics",
	}
	for pkg, imported := range imports(t) {
		for _, path := range imported {
			for dependency, home := range homes {
				if strings.HasPrefix(path, dependency) && !fits(home, pkg) {
					t.Errorf("%s must not import %s: only %s does", pkg, path, home)
				}
			}
		}
	}
}
