package config

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// parse parses without output.
func parse(t *testing.T, args ...string) (Invocation, error) {
	t.Helper()
	return Parse(args, io.Discard)
}

func mustParse(t *testing.T, args ...string) Invocation {
	t.Helper()
	in, err := parse(t, args...)
	if err != nil {
		t.Fatalf("parse %q: %v", args, err)
	}
	return in
}

func writeFile(t *testing.T, text string) string {
	t.Helper()
	name := filepath.Join(t.TempDir(), "config")
	if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return name
}

func TestNoArgumentsServe(t *testing.T) {
	t.Parallel()
	in := mustParse(t)
	s := in.Server
	if in.Command != CommandServe || s.Listen != "127.0.0.1:8080" || s.Data != "./data" || s.DatabaseURL != "" ||
		s.Workers != 64 || s.DrainTimeout != 5*time.Minute || s.Demo || s.LogFormat != "text" || s.LogLevel != slog.LevelInfo {
		t.Errorf("got %+v", in)
	}
	if s.Zone == "" || s.Zone == "Local" {
		t.Errorf("zone %q is no IANA name", s.Zone)
	}
}

func TestCommands(t *testing.T) {
	t.Parallel()
	if in := mustParse(t, "--demo", "--listen=:0"); in.Command != CommandServe || !in.Server.Demo || in.Server.Listen != ":0" {
		t.Errorf("flags without command: %+v", in)
	}
	if in := mustParse(t, "serve", "--http-deny", "private,192.0.2.0/24"); len(in.Server.HTTPDeny) != 2 {
		t.Errorf("http-deny: %+v", in.Server.HTTPDeny)
	}
	in := mustParse(t, "user", "add", "ada", "--role", "admin", "--password-stdin", "--data", "x")
	if in.Command != CommandUserAdd || in.User.Name != "ada" || in.User.Role != "admin" || in.Server.Data != "x" {
		t.Errorf("user add: %+v", in)
	}
	in = mustParse(t, "token", "create", "--user", "ada", "--name", "ci", "--expires", "90d")
	if in.Command != CommandTokenCreate || in.Token != (TokenCreate{User: "ada", Name: "ci", Expires: 90 * day}) {
		t.Errorf("token create: %+v", in)
	}
	in = mustParse(t, "next", "0 9 * * *", "--zone", "Asia/Shanghai", "--from", "2026-01-01T00:00:00Z", "--count", "3")
	if in.Command != CommandNext || in.Next.Cron != "0 9 * * *" || in.Next.From.Year() != 2026 || in.Next.Count != 3 {
		t.Errorf("next: %+v", in)
	}
	if in = mustParse(t, "restore", "f", "--force"); in.Command != CommandRestore || !in.Restore.Force {
		t.Errorf("restore: %+v", in)
	}
	if in = mustParse(t, "backup", "f"); in.Command != CommandBackup || in.Backup.File != "f" {
		t.Errorf("backup: %+v", in)
	}
}

func TestUsageErrors(t *testing.T) {
	t.Parallel()
	for _, args := range [][]string{
		{"nonsense"}, {"--nonsense"}, {"user"}, {"user", "add"}, {"user", "add", "ada", "--password-stdin"},
		{"next"}, {"backup"}, {"next", "* * * * *", "--from", "yesterday"}, {"--drain-timeout", "soon"}, {"--workers", "many"},
		{"token", "create", "--user", "ada", "--name", "ci", "--expires", "-1h"},
	} {
		if in, err := parse(t, args...); err == nil {
			t.Errorf("%q: got %+v, want an error", args, in)
		}
	}
}

func TestHelpPrints(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	in, err := Parse([]string{"token", "create", "--help"}, &out)
	if err != nil || in.Command != CommandHelp || !strings.Contains(out.String(), "--expires=TIME") {
		t.Errorf("%v, %v, %s", in.Command, err, &out)
	}
	for args, want := range map[string]string{"--help": "token create", "serve --help": "--drain-timeout"} {
		out.Reset()
		if _, err := Parse(strings.Fields(args), &out); err != nil || !strings.Contains(out.String(), want) {
			t.Errorf("%s does not show %s: %v, %s", args, want, err, &out)
		}
	}
}

func TestAllFaultsAtOnce(t *testing.T) {
	t.Parallel()
	_, err := parse(t, "--listen", "8080", "--workers", "0", "--drain-timeout", "2d", "--zone", "Mars/Base", "--log-format", "xml",
		"--log-level", "loud", "--base-path", "carillon", "--trusted-proxies", "proxy", "--http-deny", "10.0.0.0/99",
		"--public-url", "ftp://x", "--database-url", "mysql://root:hunter2@db/x")
	if err == nil {
		t.Fatal("no error")
	}
	for _, option := range []string{"--listen", "--workers", "--drain-timeout", "--zone", "--log-format", "--log-level",
		"--base-path", "--trusted-proxies", "--http-deny", "--public-url", "--database-url"} {
		if !strings.Contains(err.Error(), option) {
			t.Errorf("the error does not name %s:\n%v", option, err)
		}
	}
	if strings.Contains(err.Error(), "hunter2") {
		t.Errorf("the error shows a password:\n%v", err)
	}
	for line := range strings.SplitSeq(err.Error(), "\n") {
		if !strings.HasSuffix(line, ".") {
			t.Errorf("no sentence: %q", line)
		}
	}
}

func TestPublicURL(t *testing.T) {
	t.Parallel()
	s := mustParse(t, "--public-url", "https://ops.example.com/carillon/", "--base-path", "/carillon/").Server
	if s.BasePath != "/carillon" || s.PublicURL != "https://ops.example.com/carillon" {
		t.Errorf("%+v", s)
	}
	if _, err := parse(t, "--public-url", "https://ops.example.com/", "--base-path", "/carillon"); err == nil {
		t.Error("a public address outside the base path passed")
	}
}

func TestWarnsWithoutTLS(t *testing.T) {
	t.Parallel()
	for args, want := range map[string]int{
		"--listen=127.0.0.1:1": 0, "--listen=localhost:1": 0, "--listen=[::1]:1": 0, "--listen=:1": 1, "--listen=192.0.2.1:1": 1,
		"--listen=:1 --public-url=https://x.example": 0, "--listen=:1 --public-url=http://x.example": 1,
	} {
		if got := mustParse(t, strings.Fields(args)...).Server.Warnings(); len(got) != want {
			t.Errorf("%s: %q, want %d warnings", args, got, want)
		}
	}
}

func TestSecretsStayHidden(t *testing.T) {
	t.Parallel()
	s := mustParse(t, "--database-url", "postgres://u:hunter2@db/x").Server
	if s.DatabaseURL.Reveal() != "postgres://u:hunter2@db/x" {
		t.Errorf("reveal: %q", s.DatabaseURL.Reveal())
	}
	raw, err := json.Marshal(s)
	if err != nil {
		t.Fatal(err)
	}
	var logged bytes.Buffer
	log := slog.New(slog.NewJSONHandler(&logged, nil))
	log.Info("options", "server", s, "url", s.DatabaseURL)
	log = slog.New(slog.NewTextHandler(&logged, nil))
	log.Info("options", "server", s, "url", s.DatabaseURL)
	for _, shown := range []string{fmt.Sprintf("%v %+v %#v %s %q", s, s, s, s.DatabaseURL, s.DatabaseURL), string(raw), logged.String()} {
		if strings.Contains(shown, "hunter2") || !strings.Contains(shown, "(secret)") {
			t.Errorf("shown: %s", shown)
		}
	}
}

func TestDatabaseURLFromFile(t *testing.T) {
	t.Parallel()
	name := writeFile(t, "postgres://u:p@db/x\n")
	if s := mustParse(t, "--database-url-file", name).Server; s.DatabaseURL.Reveal() != "postgres://u:p@db/x" {
		t.Errorf("got %q", s.DatabaseURL.Reveal())
	}
	for _, args := range [][]string{
		{"--database-url-file", name, "--database-url", "postgres://db/x"},
		{"--database-url-file", name + ".gone"},
		{"--database-url-file", writeFile(t, " \n")},
	} {
		if _, err := parse(t, args...); err == nil {
			t.Errorf("%q passed", args)
		}
	}
}

// TestOrderOfSources sets environment variables and therefore does not run in parallel.
func TestOrderOfSources(t *testing.T) {
	name := writeFile(t, `{"workers": 3, "drain_timeout": "1m", "demo": true, "http-deny": ["private", "192.0.2.1"], "listen": ":1"}`)
	t.Setenv("CARILLON_CONFIG", name)
	t.Setenv("CARILLON_LISTEN", ":2")
	s := mustParse(t, "--workers", "9").Server
	if s.Workers != 9 || s.Listen != ":2" || s.DrainTimeout != time.Minute || !s.Demo || len(s.HTTPDeny) != 2 {
		t.Errorf("got %+v", s)
	}
	other := writeFile(t, `{"drain-timeout": "2m"}`)
	if s := mustParse(t, "--config", other).Server; s.DrainTimeout != 2*time.Minute || s.Workers != 64 {
		t.Errorf("--config does not outweigh the environment: %+v", s)
	}
}

func TestBadConfigFiles(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"", "[]", `{"workers": 3} x`, `{"wrokers": 3}`, `{"config": "x"}`, `{"help": true}`,
		`{"workers": "many"}`, `{"base-path": "/a", "base_path": "/b"}`} {
		if in, err := parse(t, "--config", writeFile(t, text)); err == nil {
			t.Errorf("%s passed: %+v", text, in.Server)
		}
	}
	if _, err := parse(t, "--config", "/does/not/exist"); err == nil {
		t.Error("a missing file passed")
	}
}

func TestEveryOptionHasItsVariable(t *testing.T) {
	t.Parallel()
	all, err := Options()
	if err != nil {
		t.Fatal(err)
	}
	if len(all) < 15 {
		t.Errorf("only %d options", len(all))
	}
	for _, o := range all {
		want := "CARILLON_" + strings.ToUpper(strings.ReplaceAll(strings.TrimPrefix(o.Flag, "--"), "-", "_"))
		if o.Env != want || o.Help == "" {
			t.Errorf("%+v, want variable %s and a help", o, want)
		}
	}
}

func TestParseDuration(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]time.Duration{
		"90d": 90 * day, "2w": 14 * day, "12h": 12 * time.Hour, "5m": 5 * time.Minute, "1w2d12h": 9*day + 12*time.Hour,
		"1h30m": 90 * time.Minute, "500ms": 500 * time.Millisecond, "0s": 0, "0d": 0, " 5m ": 5 * time.Minute,
	} {
		if got, err := ParseDuration(text); err != nil || got != want {
			t.Errorf("%q: %v, %v, want %v", text, got, err, want)
		}
	}
	for _, text := range []string{"", "5", "d", "-5m", "1.5d", "9999999999999d", "110000d", "106751d24h", "1d1w", "1d 2h", "soon", "d5"} {
		if got, err := ParseDuration(text); err == nil {
			t.Errorf("%q passed as %v", text, got)
		}
	}
}

func TestFormatDurationReadsBack(t *testing.T) {
	t.Parallel()
	for d, want := range map[time.Duration]string{5 * time.Minute: "5m", 24 * time.Hour: "1d", 90 * time.Minute: "1h30m",
		time.Hour: "1h", 45 * time.Second: "45s", 0: "0s", 61 * time.Second: "1m1s", 10 * time.Hour: "10h", 70 * time.Second: "1m10s"} {
		if got := FormatDuration(d); got != want {
			t.Errorf("%v: %q, want %q", d, got, want)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		d := time.Duration(rapid.Int64Range(0, 1<<62).Draw(t, "d"))
		if got, err := ParseDuration(FormatDuration(d)); err != nil || got != d {
			t.Fatalf("%v became %q, which reads %v, %v", d, FormatDuration(d), got, err)
		}
	})
}

func TestMachineZone(t *testing.T) {
	t.Parallel()
	link := filepath.Join(t.TempDir(), "localtime")
	if err := os.Symlink("/usr/share/zoneinfo/Asia/Shanghai", link); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ tz, link, want string }{
		{"Europe/Berlin", link, "Europe/Berlin"}, {":Europe/Berlin", link, "Europe/Berlin"}, {"", link, "Asia/Shanghai"},
		{"Mars/Base", link, "Asia/Shanghai"}, {"", link + ".gone", "UTC"}, {"Local", link + ".gone", "UTC"},
	} {
		if got := machineZone(c.tz, c.link); got != c.want {
			t.Errorf("TZ=%q: %q, want %q", c.tz, got, c.want)
		}
	}
}
