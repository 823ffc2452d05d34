package shell

import (
	"context"
	"io"
	"os/exec"
	"runtime"
	"testing"
	"time"

	"carillon/internal/ident"
	"carillon/internal/job"
	"carillon/internal/kind"
)

func TestHasEntry(t *testing.T) {
	t.Parallel()
	environ := "A=1\x00CARILLON_OWNER=ABC\x00B=2\x00"
	for entry, want := range map[string]bool{
		"A=1": true, "CARILLON_OWNER=ABC": true, "B=2": true, "CARILLON_OWNER=AB": false, "OWNER=ABC": false, "B=": false,
	} {
		if got := hasEntry(environ, entry); got != want {
			t.Errorf("hasEntry(%q) = %v", entry, got)
		}
	}
}

// survivor starts a process that ignores SIGTERM, as one that an earlier server of this
// installation started, and returns a channel that is closed at its end.
func survivor(t *testing.T, owner string) <-chan struct{} {
	t.Helper()
	cmd := exec.Command("/bin/sh", "-c", "trap '' TERM; echo ready; sleep 100; sleep 100")
	cmd.Env = []string{"PATH=" + defaultPath, ownerVariable + "=" + owner}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	if _, err := out.Read(make([]byte, 6)); err != nil { // the trap is set
		t.Fatal(err)
	}
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		_ = cmd.Wait()
	}()
	t.Cleanup(func() { _ = cmd.Process.Kill(); <-ended })
	return ended
}

func TestRecoverEndsWhatAnEarlierServerLeftRunning(t *testing.T) {
	t.Parallel()
	if runtime.GOOS != "linux" {
		t.Skip("only Linux shows the environment of processes")
	}
	dir := t.TempDir()
	s, err := New(Options{ScriptDir: dir})
	if err != nil {
		t.Fatal(err)
	}
	mine, other := survivor(t, s.owner), survivor(t, "SOMEBODYELSE")
	again, err := New(Options{ScriptDir: dir})
	if err != nil {
		t.Fatal(err)
	}
	if again.owner != s.owner {
		t.Fatal("the mark of the installation changed")
	}
	select {
	case <-mine:
		t.Fatal("New alone ended a process; only Recover may")
	default:
	}
	if err := again.Recover(); err != nil {
		t.Fatal(err)
	}
	select {
	case <-mine:
	case <-time.After(10 * time.Second):
		t.Error("the process of an earlier server still runs")
	}
	select {
	case <-other:
		t.Error("another installation's process was ended")
	default:
	}
}

// ready is a writer that ends a context at the first output.
type ready struct{ cancel context.CancelFunc }

func (r ready) Write(p []byte) (int, error) { r.cancel(); return len(p), nil }

func TestStopFindsWhatLeftTheGroup(t *testing.T) {
	t.Parallel()
	if runtime.GOOS != "linux" {
		t.Skip("only Linux shows the environment of processes")
	}
	s, err := New(Options{ScriptDir: t.TempDir(), Grace: 200 * time.Millisecond})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	x := kind.Execution{
		RunID: job.RunID(ident.New()), Stdout: ready{cancel}, Stderr: io.Discard,
		Args: job.Args{"command": "setsid sh -c 'trap \"\" TERM; echo up; sleep 100' & sleep 100"},
	}
	if _, err := s.Run(ctx, x); err == nil {
		t.Error("a stopped run succeeded")
	}
	if left := withEnvironment(runVariable + "=" + x.RunID.String()); len(left) != 0 {
		t.Errorf("processes %v outlived the run", left)
	}
}
