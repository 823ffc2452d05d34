// Package e2e holds tests of the real binary as a real process, and of its pages in a
// real browser. This file is the harness; it is used by tests only.
package e2e

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// Binary is the program, built once for a test package.
type Binary struct {
	Path string
	// browsers holds one entry for each browser that runs, so that a small machine is not overrun.
	browsers chan struct{}
}

// Browsers is how many browsers run at the same time.
const Browsers = 2

// Build builds the program into dir.
func Build(dir string) (Binary, error) {
	path := filepath.Join(dir, "carillon")
	out, err := exec.Command("go", "build", "-o", path, "carillon").CombinedOutput()
	if err != nil {
		return Binary{}, fmt.Errorf("build: %w\n%s", err, out)
	}
	return Binary{Path: path, browsers: make(chan struct{}, Browsers)}, nil
}

// Run runs a command to its end and returns stdout, stderr and the exit code.
func (b Binary) Run(t testing.TB, stdin string, args ...string) (stdout, stderr string, code int) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, b.Path, args...)
	var out, errs bytes.Buffer
	cmd.Stdin, cmd.Stdout, cmd.Stderr = strings.NewReader(stdin), &out, &errs
	if err := cmd.Run(); err != nil && cmd.ProcessState == nil {
		t.Fatalf("run %v: %v", args, err)
	}
	return out.String(), errs.String(), cmd.ProcessState.ExitCode()
}

// Process is a running server.
type Process struct {
	URL   string // without a trailing slash
	Token string // of the set-up link; "" once set up
	cmd   *exec.Cmd
	done  chan struct{}
	log   lockedBuffer

	browsers chan struct{} // shared with the binary
}

var greeting = regexp.MustCompile(`^Carillon is at (\S+?)(?:\s+Set it up once: \S+#(\S+))?$`)

// readyWithin is how long a start may take before the test gives up on it.
const readyWithin = 30 * time.Second

// Serve starts a server on data and waits for its greeting. It is killed at the end of
// the test if it still runs then.
func (b Binary) Serve(t testing.TB, data string, args ...string) *Process {
	t.Helper()
	args = append([]string{"serve", "--listen", "127.0.0.1:0", "--data", data}, args...)
	p := &Process{cmd: exec.Command(b.Path, args...), done: make(chan struct{}), browsers: b.browsers}
	p.cmd.Env = append(os.Environ(), "TZ=UTC")
	p.cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	p.cmd.Stderr = &p.log
	stdout, err := p.cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	lines := make(chan string, 1)
	go func() {
		scanner := bufio.NewScanner(stdout)
		for scanner.Scan() {
			select {
			case lines <- scanner.Text():
			default:
			}
		}
		_, _ = io.Copy(io.Discard, stdout)
		_ = p.cmd.Wait()
		close(p.done)
	}()
	t.Cleanup(func() { p.Kill() })
	select {
	case line := <-lines:
		m := greeting.FindStringSubmatch(line)
		if m == nil {
			t.Fatalf("greeting %q is not understood", line)
		}
		p.URL, p.Token = m[1], m[2]
	case <-p.done:
		t.Fatalf("the server ended at once:\n%s", p.Log())
	case <-time.After(readyWithin):
		t.Fatalf("no greeting within %v:\n%s", readyWithin, p.Log())
	}
	return p
}

// Kill ends the server as a crash would, with SIGKILL, and waits for its end.
func (p *Process) Kill() {
	_ = p.cmd.Process.Signal(syscall.SIGKILL)
	<-p.done
}

// Signal sends a signal.
func (p *Process) Signal(t testing.TB, sig syscall.Signal) {
	t.Helper()
	if err := p.cmd.Process.Signal(sig); err != nil {
		t.Fatalf("signal %v: %v", sig, err)
	}
}

// Wait waits for the server's end and returns its exit code.
func (p *Process) Wait(t testing.TB, within time.Duration) int {
	t.Helper()
	select {
	case <-p.done:
		return p.cmd.ProcessState.ExitCode()
	case <-time.After(within):
		t.Fatalf("still running after %v:\n%s", within, p.Log())
		return -1
	}
}

// Stop asks the server to end and fails the test unless it does so in order.
func (p *Process) Stop(t testing.TB) {
	t.Helper()
	p.Signal(t, syscall.SIGTERM)
	if code := p.Wait(t, readyWithin); code != 0 {
		t.Fatalf("exit code %d:\n%s", code, p.Log())
	}
}

// Log returns what the server has logged.
func (p *Process) Log() string { return p.log.String() }

// lockedBuffer is a buffer that a process writes and a test reads.
type lockedBuffer struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (b *lockedBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.Write(p)
}

func (b *lockedBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.String()
}

// Eventually polls until ok or the time is up; what says what was waited for.
func Eventually(t testing.TB, within time.Duration, what string, ok func() bool) {
	t.Helper()
	deadline := time.Now().Add(within)
	for !ok() {
		if time.Now().After(deadline) {
			t.Fatalf("%s: not within %v", what, within)
		}
		time.Sleep(20 * time.Millisecond)
	}
}
