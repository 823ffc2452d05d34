package shell

import (
	"context"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"go.uber.org/goleak"

	"carillon/internal/job"
	"carillon/internal/kind"
	"carillon/internal/kind/kindtest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// newShell returns a shell whose server has a secret in its environment.
func newShell(t *testing.T, grace time.Duration) *Shell {
	t.Helper()
	s, err := New(Options{
		ScriptDir: filepath.Join(t.TempDir(), "scripts"),
		Grace:     grace,
		Environ: []string{
			"PATH=" + os.Getenv("PATH"), "HOME=" + t.TempDir(), "LC_ALL=C.UTF-8", "LANG=C.UTF-8",
			"CARILLON_DATABASE_URL=postgres://canary", "AWS_SECRET_ACCESS_KEY=canary", "PATHOLOGY=canary",
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// run runs the shell and returns what it printed on each stream.
func run(t *testing.T, s *Shell, args job.Args) (stdout, stderr string, result kind.Result, err error) {
	t.Helper()
	var out, errs kindtest.Buffer
	x := kindtest.Execution(t, s, args, &out)
	x.Stderr = &errs
	result, err = s.Run(t.Context(), x)
	return out.String(), errs.String(), result, err
}

func TestConformance(t *testing.T) {
	kindtest.Run(t, newShell(t, 300*time.Millisecond), kindtest.Cases{
		Valid: []job.Args{
			{"command": "echo hello; echo world >&2"},
			{"command": "true", "environment": "A=b\nC: d"},
			{"script": "read line\necho \"got $line\"\n", "stdin": "input\n", "timeout": 30},
			{"command": "sleep 100 & echo left a child"},
		},
		Failing: []job.Args{
			{"command": "exit 3"},
			{"command": "kill -SEGV $$"},
			{"command": "sh -c 'kill -KILL $$'; exit $?"},
			{"command": "true", "workingDirectory": "/no/such/folder"},
			{"script": "true", "interpreter": "/no/such/interpreter"},
			{"command": "sleep 100", "timeout": 1},
		},
		// Three generations that all refuse to go when asked.
		Slow:  job.Args{"command": `trap "" TERM; sh -c 'trap "" TERM; sh -c "trap \"\" TERM; while :; do sleep 1; done" & while :; do sleep 1; done' & while :; do sleep 1; done`},
		Flood: job.Args{"command": "yes carillon | head -c 50000000"},
		Grace: 300 * time.Millisecond,
	})
}

func TestEndings(t *testing.T) {
	t.Parallel()
	s := newShell(t, time.Second)
	tests := []struct {
		name, err, message string
		args               job.Args
		code               int // -1: none
	}{
		{name: "success", args: job.Args{"command": "echo one; echo two; echo"}, message: "two"},
		{name: "exit code", args: job.Args{"command": "echo almost; exit 3"}, err: "exit code 3", message: "almost", code: 3},
		{
			name: "exit code with a last word", args: job.Args{"command": "echo almost; printf '\\033[31mno route\\033[0m to host\\n' >&2; exit 3"},
			err: "exit code 3: no route to host", message: "almost", code: 3,
		},
		{name: "signal", args: job.Args{"command": "kill -SEGV $$"}, err: "killed by signal SEGV", code: -1},
		{name: "signal seen by a shell", args: job.Args{"command": "sh -c 'kill -KILL $$'; exit $?"}, err: "exit code 137 (signal KILL)", code: 137},
		{name: "no such folder", args: job.Args{"command": "true", "workingDirectory": "/no/such"}, err: "cannot start: /no/such: no such file or directory", code: -1},
		{name: "own time limit", args: job.Args{"command": "echo begun; sleep 100", "timeout": 1}, err: "timed out after 1 s", message: "begun", code: -1},
		{name: "progress bar", args: job.Args{"command": `printf '10%%\r50%%\r100%%\r\n'`}, message: "100%"},
		{name: "colours", args: job.Args{"command": `printf '\033[32mdone\033[0m\n\033[0m\n'`}, message: "done"},
		{name: "no line end", args: job.Args{"command": "printf a; printf b"}, message: "ab"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			_, _, result, err := run(t, s, tt.args)
			if got := text(err); got != tt.err {
				t.Errorf("error %q, want %q", got, tt.err)
			}
			if result.Message != tt.message {
				t.Errorf("message %q, want %q", result.Message, tt.message)
			}
			switch {
			case tt.code < 0 && result.ExitCode != nil:
				t.Errorf("exit code %d, want none", *result.ExitCode)
			case tt.code >= 0 && (result.ExitCode == nil || *result.ExitCode != tt.code):
				t.Errorf("exit code %v, want %d", result.ExitCode, tt.code)
			}
		})
	}
}

func text(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}

func TestTimeLimitIsADeadline(t *testing.T) {
	t.Parallel()
	s := newShell(t, time.Second)
	_, _, _, err := run(t, s, job.Args{"command": "sleep 100", "timeout": 1})
	if !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("%v is no context.DeadlineExceeded", err)
	}
}

func TestEnvironment(t *testing.T) {
	t.Parallel()
	s := newShell(t, time.Second)
	var out kindtest.Buffer
	x := kindtest.Execution(t, s, job.Args{"command": "env", "environment": "OWN=mine\nLANG=de_DE.UTF-8"}, &out)
	x.ScheduledAt = time.Date(2026, 3, 29, 2, 30, 0, 0, time.FixedZone("", 3600))
	if _, err := s.Run(t.Context(), x); err != nil {
		t.Fatal(err)
	}
	if strings.Contains(out.String(), "canary") {
		t.Errorf("a secret of the server reached the command:\n%s", out.String())
	}
	allowed := []string{"PATH", "HOME", "LANG", "LC_ALL", "OWN", "PWD", "OLDPWD", "SHLVL", "_"}
	for line := range strings.Lines(out.String()) {
		name, _, _ := strings.Cut(line, "=")
		if !strings.HasPrefix(name, "CARILLON_") && !slices.Contains(allowed, name) {
			t.Errorf("the command sees %s", name)
		}
	}
	for _, want := range []string{
		"CARILLON_JOB_ID=" + x.JobID.String(), "CARILLON_RUN_ID=" + x.RunID.String(), "CARILLON_JOB_NAME=conformance",
		"CARILLON_JOB_GROUP=test", "CARILLON_ATTEMPT=1", "CARILLON_SCHEDULED_AT=2026-03-29T01:30:00Z", "OWN=mine", "LANG=de_DE.UTF-8",
	} {
		if !strings.Contains("\n"+out.String(), "\n"+want+"\n") {
			t.Errorf("no %s in\n%s", want, out.String())
		}
	}
}

func TestStreams(t *testing.T) {
	t.Parallel()
	s := newShell(t, time.Second)
	stdout, stderr, result, err := run(t, s, job.Args{"command": "echo out; echo err >&2"})
	if stdout != "out\n" || stderr != "err\n" || result.Message != "out" || err != nil {
		t.Errorf("stdout %q, stderr %q, message %q, %v", stdout, stderr, result.Message, err)
	}
	if stdout, _, _, err = run(t, s, job.Args{"command": "cat; echo end"}); stdout != "end\n" || err != nil {
		t.Errorf("without input: %q, %v", stdout, err)
	}
	if stdout, _, _, err = run(t, s, job.Args{"command": "cat", "stdin": "a\r\nb"}); stdout != "a\nb" || err != nil {
		t.Errorf("with input: %q, %v", stdout, err)
	}
	big := strings.Repeat("0123456789abcdef", 4000)
	if _, _, _, err = run(t, s, job.Args{"command": "head -c 1 >/dev/null", "stdin": big}); err != nil {
		t.Errorf("input that nobody reads: %v", err)
	}
}

func TestScripts(t *testing.T) {
	t.Parallel()
	s := newShell(t, time.Second)
	tests := []struct {
		name, interpreter, script, want string
	}{
		{"sh by default", "", "echo $((6*7))\n", "42"},
		{"windows line ends", "", "x=1\r\necho $x\r\n", "1"},
		{"bash", "bash", "a=(x y); echo ${a[1]}\n", "y"},
		{"perl", "perl", "print 6*7, \"\\n\";\n", "42"},
		{"shebang", "", "#!/usr/bin/env perl\nprint 'by perl';\n", "by perl"},
		{"named one wins over shebang", "sh", "#!/usr/bin/perl\necho by sh\n", "by sh"},
		{"absolute path", "/bin/sh", "echo path\n", "path"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			_, stderr, result, err := run(t, s, job.Args{"script": tt.script, "interpreter": tt.interpreter})
			if result.Message != tt.want || err != nil {
				t.Errorf("message %q, %v; want %q; stderr %q", result.Message, err, tt.want, stderr)
			}
		})
	}
}

func TestScriptFiles(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "scripts")
	s, err := New(Options{ScriptDir: dir})
	if err != nil {
		t.Fatal(err)
	}
	_, _, result, err := run(t, s, job.Args{"script": "stat -c %a \"$0\" 2>/dev/null || stat -f %Lp \"$0\"\nexit 1"})
	if result.Message != "700" {
		t.Errorf("script's mode is %q, want 700 (%v)", result.Message, err)
	}
	if left, _ := filepath.Glob(filepath.Join(dir, scriptPrefix+"*")); len(left) != 0 {
		t.Errorf("left after a failed run: %v", left)
	}

	crashed := filepath.Join(dir, scriptPrefix+"old")
	foreign := filepath.Join(dir, "notes.txt")
	for _, f := range []string{crashed, foreign} {
		if err := os.WriteFile(f, nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.Recover(); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(crashed); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("a crash's script is still there: %v", err)
	}
	if _, err := os.Stat(foreign); err != nil {
		t.Errorf("a file that is not ours was removed: %v", err)
	}
}

func TestStopWaitsForTheGrace(t *testing.T) {
	t.Parallel()
	s := newShell(t, 20*time.Second)
	ctx, cancel := context.WithCancel(t.Context())
	out := &watcher{want: "ready", seen: cancel}
	// The shell ends at once when asked; its child still has something to say.
	x := kindtest.Execution(t, s, job.Args{"command": `(trap "sleep 0.3; echo tidied; exit 0" TERM; echo ready; while :; do sleep 0.05; done) & wait`}, out)
	_, err := s.Run(ctx, x)
	if err == nil || !strings.Contains(out.String(), "tidied") {
		t.Errorf("error %v, output %q; want the child's last words", err, out.String())
	}
}

// watcher calls seen once want has been written.
type watcher struct {
	kindtest.Buffer
	want string
	seen func()
}

func (w *watcher) Write(p []byte) (int, error) {
	n, err := w.Buffer.Write(p)
	if strings.Contains(w.String(), w.want) {
		w.seen()
	}
	return n, err
}

func TestProcessThatLeavesItsGroupDoesNotHoldTheRun(t *testing.T) {
	t.Parallel()
	if _, err := exec.LookPath("setsid"); err != nil || runtime.GOOS != "linux" {
		t.Skip("needs setsid and /proc")
	}
	s := newShell(t, time.Second)
	var out kindtest.Buffer
	x := kindtest.Execution(t, s, job.Args{"command": "setsid sleep 60 & sleep 0.2; echo $!"}, &out)
	result, err := s.Run(t.Context(), x)
	if err != nil {
		t.Fatal(err)
	}
	if left := kindtest.Processes(x.RunID); len(left) != 1 || !strings.HasPrefix(left[0], "sleep 60") {
		t.Errorf("the run ended with %q left; want only the process that left the group, still alive", left)
	}
	pid, err := strconv.Atoi(result.Message)
	if err != nil {
		t.Fatalf("no process id in %q", out.String())
	}
	_ = syscall.Kill(pid, syscall.SIGKILL)
}

func TestNewRefuses(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, dir := range []string{"", file, filepath.Join(file, "below")} {
		if _, err := New(Options{ScriptDir: dir}); err == nil {
			t.Errorf("script folder %q was accepted", dir)
		}
	}
}

func TestCheck(t *testing.T) {
	t.Parallel()
	reg, err := kind.NewRegistry(newShell(t, 0))
	if err != nil {
		t.Fatal(err)
	}
	for field, args := range map[string]job.Args{
		"args.command":          {},
		"args.script":           {"command": "true", "script": "true"},
		"args.interpreter":      {"script": "true", "interpreter": "ruby; rm"},
		"args.workingDirectory": {"command": "true", "workingDirectory": "relative/path"},
		"args.environment":      {"command": "true", "environment": map[string]any{"A B": "c"}},
		"args.timeout":          {"command": "true", "timeout": -1},
	} {
		if _, _, err := reg.Check("shell", args); !strings.Contains(text(err), field) {
			t.Errorf("Check(%v) = %v, want a fault under %s", args, err, field)
		}
	}
}

func TestSummary(t *testing.T) {
	t.Parallel()
	s := newShell(t, 0)
	tests := []struct {
		want string
		args job.Args
	}{
		{"df -h /", job.Args{"command": "df -h /"}},
		{"cd /srv", job.Args{"command": "\n  cd /srv\n  make"}},
		{"sh: make all", job.Args{"script": "#!/bin/sh\n# build\nmake all\n"}},
		{"python3: print(1)", job.Args{"script": "print(1)", "interpreter": "python3"}},
		{"sh: script", job.Args{"script": "# nothing"}},
	}
	for _, tt := range tests {
		if got := s.Summary(kindtest.Execution(t, s, tt.args, io.Discard).Args); got != tt.want {
			t.Errorf("Summary(%v) = %q, want %q", tt.args, got, tt.want)
		}
	}
}
