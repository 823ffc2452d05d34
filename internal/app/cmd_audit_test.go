package app_test

import (
	"bytes"
	"regexp"
	"strings"
	"testing"

	"carillon/internal/app"
	"carillon/internal/config"
)

// carillon runs a command line as main does, and returns what it printed.
func carillon(t *testing.T, stdin string, args ...string) (string, error) {
	t.Helper()
	in, err := config.Parse(args, &bytes.Buffer{})
	if err != nil {
		t.Fatal(err)
	}
	var out, log bytes.Buffer
	err = app.Run(t.Context(), in, app.Streams{In: strings.NewReader(stdin), Out: &out, Err: &log})
	return out.String(), err
}

func TestAuditVerify(t *testing.T) {
	t.Parallel()
	data := "--data=" + t.TempDir()
	if _, err := carillon(t, "", "audit", "verify", data); err == nil || !strings.Contains(app.Explain(err), "no database") {
		t.Errorf("without a database: %v", err)
	}
	for _, name := range []string{"ada", "ben"} {
		if _, err := carillon(t, "correct horse battery\n", "user", "add", name, "--role=admin", "--password-stdin", data); err != nil {
			t.Fatal(err)
		}
	}
	out, err := carillon(t, "", "audit", "verify", data)
	link := regexp.MustCompile(`(?m)^2:[0-9a-f]{64}$`).FindString(out)
	if err != nil || !strings.Contains(out, "2 entries") || link == "" {
		t.Fatalf("%v, %q", err, out)
	}
	if _, err = carillon(t, "", "audit", "verify", "--known="+link, data); err != nil {
		t.Error(err)
	}
	other := "2:" + strings.Repeat("0", 64)
	if _, err = carillon(t, "", "audit", "verify", "--known="+other, data); err == nil || !strings.Contains(app.Explain(err), "broken at entry 2: changed") {
		t.Errorf("with another hash: %v", err)
	}
	if _, err = carillon(t, "", "audit", "verify", "--known=nonsense", data); err == nil || !strings.Contains(app.Explain(err), "--known wants") {
		t.Errorf("with nonsense: %v", err)
	}
}
