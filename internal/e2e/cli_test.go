package e2e_test

import (
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// command runs a command that must end with the given code, and returns what it wrote.
func command(t *testing.T, code int, stdin string, args ...string) (stdout, stderr string) {
	t.Helper()
	stdout, stderr, got := binary.Run(t, stdin, args...)
	if got != code {
		t.Fatalf("%q ended with %d, want %d\nstdout: %s\nstderr: %s", args, got, code, stdout, stderr)
	}
	return stdout, stderr
}

func TestCLIUsageErrors(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		args string
		want string // part of the complaint
	}{
		{"--nonsense", "--nonsense"},
		{"nonsense", "nonsense"},
		{"serve --workers many", "--workers"},
		{"serve --workers 0 --listen nowhere", "--listen must be"},
		{"serve --config /does/not/exist", "config file cannot be read"},
		{"user add ada --role boss --password-stdin", "--role"},
		{"user add ada --role admin", "--password-stdin"},
		{"token create --user ada", "--name"},
		{"next", "<cron>"},
		{"backup", "<file>"},
	} {
		stdout, stderr := command(t, 2, "", strings.Fields(c.args)...)
		if stdout != "" || !strings.Contains(stderr, c.want) || !strings.Contains(stderr, "--help") {
			t.Errorf("%s\nstdout: %s\nstderr: %s", c.args, stdout, stderr)
		}
	}
}

func TestCLIHelpAndVersion(t *testing.T) {
	t.Parallel()
	stdout, _ := command(t, 0, "", "--help")
	for _, want := range []string{"serve", "user add", "token create", "next", "backup", "restore", "version", "CARILLON_DATA"} {
		if !strings.Contains(stdout, want) {
			t.Errorf("the help does not mention %s:\n%s", want, stdout)
		}
	}
	stdout, stderr := command(t, 0, "", "version")
	if !regexp.MustCompile(`^carillon \S+ go\S+ \w+/\w+\n$`).MatchString(stdout) || stderr != "" {
		t.Errorf("version: %q, %q", stdout, stderr)
	}
}

func TestCLINext(t *testing.T) {
	t.Parallel()
	stdout, stderr := command(t, 0, "", "next", "30 2 * * *", "--zone", "America/New_York", "--from", "2026-03-07T12:00:00Z", "--count", "3")
	want := "2026-03-08T03:00:00-04:00\n2026-03-09T02:30:00-04:00\n2026-03-10T02:30:00-04:00\n"
	if stdout != want || stderr != "" {
		t.Errorf("over the spring gap:\n%swant\n%s%s", stdout, want, stderr)
	}
	for _, c := range []struct{ cron, zone, want string }{
		{"0 0 30 2 *", "UTC", "never comes"},
		{"TZ=UTC", "UTC", "TZ="},
		{"every day", "UTC", "cron expression"},
		{"0 0 * * *", "Mars/Base", "Mars/Base"},
		{"0 0 0 1 1 ? 1999", "UTC", ""},
	} {
		stdout, stderr := command(t, 1, "", "next", c.cron, "--zone", c.zone, "--from", "2026-01-01T00:00:00Z", "--count", "1")
		if stdout != "" || !oneSentence(stderr) || !strings.Contains(stderr, c.want) {
			t.Errorf("%s\nstdout: %s\nstderr: %s", c.cron, stdout, stderr)
		}
	}
}

// oneSentence reports whether a complaint is one line of readable text.
func oneSentence(s string) bool {
	return strings.Count(s, "\n") == 1 && strings.Contains(s, " ") && !strings.Contains(s, "error.") && !strings.Contains(s, "{{")
}

func TestCLIAccountsBeforeTheFirstStart(t *testing.T) {
	t.Parallel()
	data := filepath.Join(t.TempDir(), "new", "data")
	stdout, stderr := command(t, 0, "correct horse 1\n", "user", "add", "ada", "--role", "admin", "--password-stdin", "--data", data)
	if stdout != "Added user ada with role admin.\n" || stderr != "" {
		t.Errorf("user add: %q, %q", stdout, stderr)
	}
	for stdin, args := range map[string][]string{
		"correct horse 1\r\n": {"user", "add", "ADA", "--role", "viewer", "--password-stdin", "--data", data},
		"short":               {"user", "add", "bob", "--role", "viewer", "--password-stdin", "--data", data},
		"":                    {"user", "add", "bob", "--role", "viewer", "--password-stdin", "--data", data},
		"x":                   {"token", "create", "--user", "nobody", "--name", "ci", "--data", data},
	} {
		if stdout, stderr := command(t, 1, stdin, args...); stdout != "" || !oneSentence(stderr) {
			t.Errorf("%q: %q, %q", args, stdout, stderr)
		}
	}
	stdout, stderr = command(t, 0, "", "token", "create", "--user", "ada", "--name", "ci", "--expires", "90d", "--data", data)
	if !regexp.MustCompile(`^crl_[A-Za-z0-9_-]{43}\n$`).MatchString(stdout) || stderr != "" {
		t.Errorf("token create: %q, %q", stdout, stderr)
	}
	server := binary.Serve(t, data)
	if server.Token != "" {
		t.Error("the server offers set-up although there is an administrator")
	}
	if got := apiStatus(t, server.URL, strings.TrimSpace(stdout)); got != http.StatusOK {
		t.Errorf("the token made before the start answers %d", got)
	}
	server.Stop(t)
}

func TestCLIAccountsWhileTheServerRuns(t *testing.T) {
	t.Parallel()
	data := t.TempDir()
	server := binary.Serve(t, data)
	if server.Token == "" {
		t.Error("a new installation offers no set-up")
	}
	command(t, 0, "correct horse 1", "user", "add", "olga", "--role", "operator", "--password-stdin", "--data", data)
	stdout, _ := command(t, 0, "", "token", "create", "--user", "olga", "--name", "ci", "--data", data)
	if got := apiStatus(t, server.URL, strings.TrimSpace(stdout)); got != http.StatusOK {
		t.Errorf("the token answers %d", got)
	}
	if got := apiStatus(t, server.URL, "crl_"+strings.Repeat("A", 43)); got != http.StatusUnauthorized {
		t.Errorf("an unknown token answers %d", got)
	}
	if _, stderr := command(t, 1, "", "serve", "--listen", "127.0.0.1:0", "--data", data); !oneSentence(stderr) {
		t.Errorf("a second server on the folder: %s", stderr)
	}
	server.Stop(t)
}

// apiStatus asks for the jobs with a token.
func apiStatus(t *testing.T, url, token string) int {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url+"/api/task-management/background-jobs", http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+token)
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	return res.StatusCode
}

func TestCLIBackupAndRestore(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	data, other, file := filepath.Join(dir, "data"), filepath.Join(dir, "other"), filepath.Join(dir, "backup.tar")
	server := binary.Serve(t, data)
	command(t, 0, "correct horse 1", "user", "add", "ada", "--role", "admin", "--password-stdin", "--data", data)
	command(t, 0, "", "backup", file, "--data", data)
	if info, err := os.Stat(file); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("backup file: %v, %v", info, err)
	}
	command(t, 0, "", "backup", file, "--data", data) // replaces the one before
	if _, stderr := command(t, 1, "", "backup", file, "--data", other); !oneSentence(stderr) {
		t.Errorf("of a folder without data: %s", stderr)
	}
	if _, err := os.Stat(other); err == nil {
		t.Error("backup made the folder that it should read")
	}
	if _, stderr := command(t, 1, "", "restore", file, "--force", "--data", data); !oneSentence(stderr) {
		t.Errorf("while the server runs: %s", stderr)
	}
	server.Stop(t)
	if _, stderr := command(t, 1, "", "restore", file, "--data", data); !oneSentence(stderr) {
		t.Errorf("over data without --force: %s", stderr)
	}
	command(t, 0, "", "restore", file, "--force", "--data", data)
	command(t, 0, "", "restore", file, "--data", other)
	for _, folder := range []string{data, other} {
		restored := binary.Serve(t, folder)
		if restored.Token != "" {
			t.Errorf("%s has no users after the restore", folder)
		}
		restored.Stop(t)
	}
	broken := filepath.Join(dir, "broken.tar")
	if err := os.WriteFile(broken, []byte("no backup"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{broken, filepath.Join(dir, "gone.tar")} {
		if _, stderr := command(t, 1, "", "restore", name, "--data", filepath.Join(dir, "third")); !oneSentence(stderr) {
			t.Errorf("restore %s: %s", name, stderr)
		}
	}
	if _, err := os.Stat(filepath.Join(dir, "third", "carillon.db")); err == nil {
		t.Error("a failed restore left a database")
	}
}
