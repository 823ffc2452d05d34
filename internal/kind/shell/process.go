package shell

import (
	"context"
	"io"
	"os"
	"os/exec"
	"sync"
	"syscall"
	"time"

	"golang.org/x/sys/unix"

	"carillon/internal/kind"
)

// pipeWait is how long we go on reading after the group is gone: what is left in the
// pipes is read in no time, and a process that fled the group may hold them for ever.
const pipeWait = time.Second

// process is one command with the group it leads.
type process struct {
	cmd            *exec.Cmd
	grace          time.Duration
	stdout, stderr io.Writer
	mark           string // entry of the environment that all processes of the run have

	// stopped is true after run if the context ended before the command did.
	stopped bool
}

// run starts the command, waits for its end or for the end of ctx, and ends its whole
// group. The error says that it could not be started.
func (p *process) run(ctx context.Context) (*os.ProcessState, error) {
	p.cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	pipes, err := p.openPipes()
	if err != nil {
		return nil, err
	}
	if err := p.cmd.Start(); err != nil {
		pipes.closeAll()
		return nil, err
	}
	pipes.start()

	pid := p.cmd.Process.Pid
	exited := make(chan struct{})
	go func() {
		defer close(exited)
		awaitExit(pid)
	}()
	select {
	case <-exited:
	case <-ctx.Done():
		select {
		case <-exited: // both at once: it ended by itself
		default:
			p.stopped = true
			p.terminate(pid, exited, pipes.drained)
		}
	}
	// The leader's id stays taken until Wait reaps it, so the signal cannot reach a
	// stranger's group.
	_ = unix.Kill(-pid, unix.SIGKILL)
	if p.stopped {
		end(p.mark, 0) // what left the group; a run that ended by itself may leave a daemon
	}
	<-exited
	pipes.finish(pipeWait)
	// The state tells how it ended; Wait's error would only say the same.
	_ = p.cmd.Wait()
	return p.cmd.ProcessState, nil
}

// terminate asks the group to end and gives it the grace to do so. The group counts as
// gone when its leader is and nobody holds the output pipes.
func (p *process) terminate(pid int, exited, drained <-chan struct{}) {
	_ = unix.Kill(-pid, unix.SIGTERM)
	grace := time.NewTimer(p.grace)
	defer grace.Stop()
	for _, gone := range []<-chan struct{}{exited, drained} {
		select {
		case <-gone:
		case <-grace.C:
			return
		}
	}
}

// ending words how a command ended by itself; nil for exit code 0. complaint is the last
// line on standard error, "" if there was none.
func ending(state *os.ProcessState, complaint string) error {
	if status, ok := state.Sys().(syscall.WaitStatus); ok && status.Signaled() {
		return kind.Fail("kind.failure.signal", "killed by signal {{.signal}}", "signal", signalName(status.Signal()))
	}
	code := state.ExitCode()
	if code == 0 {
		return nil
	}
	// A shell reports a command killed by signal n as 128 + n.
	if name := unix.SignalName(syscall.Signal(code - 128)); code > 128 && name != "" {
		return kind.Fail("kind.failure.exit_signal", "exit code {{.code}} (signal {{.signal}})",
			"code", code, "signal", signalName(syscall.Signal(code-128)))
	}
	if complaint == "" {
		return kind.Fail("kind.failure.exit", "exit code {{.code}}", "code", code)
	}
	return kind.Fail("kind.failure.exit_line", "exit code {{.code}}: {{.line}}", "code", code, "line", complaint)
}

// pipes are the command's streams on our side. They are ours, and not os/exec's, so
// that we can end reading while someone still holds the other end.
type pipes struct {
	readers []*os.File // of stdout and stderr
	ours    []*os.File // ends that belong to the child after the start
	pumps   []func()   // copy one stream each
	feed    *os.File   // the child's standard input; nil: /dev/null
	wg      sync.WaitGroup
	drained chan struct{} // closed when both outputs are at their end
}

func (p *process) openPipes() (*pipes, error) {
	ps := &pipes{drained: make(chan struct{})}
	for _, out := range []struct {
		to  io.Writer
		set func(*os.File)
	}{
		{p.stdout, func(f *os.File) { p.cmd.Stdout = f }},
		{p.stderr, func(f *os.File) { p.cmd.Stderr = f }},
	} {
		r, w, err := os.Pipe()
		if err != nil {
			ps.closeAll()
			return nil, err
		}
		out.set(w)
		ps.readers, ps.ours = append(ps.readers, r), append(ps.ours, w)
		ps.pumps = append(ps.pumps, func() { _, _ = io.Copy(out.to, onlyReader{r}) })
	}
	if p.cmd.Stdin == nil {
		return ps, nil
	}
	input := p.cmd.Stdin
	r, w, err := os.Pipe()
	if err != nil {
		ps.closeAll()
		return nil, err
	}
	p.cmd.Stdin, ps.feed = r, w
	ps.ours = append(ps.ours, r)
	ps.pumps = append(ps.pumps, func() {
		_, _ = io.Copy(w, input) // a command need not read all of it
		_ = w.Close()
	})
	return ps, nil
}

// start closes the child's ends and begins to copy.
func (ps *pipes) start() {
	for _, f := range ps.ours {
		_ = f.Close()
	}
	var outputs sync.WaitGroup
	for i, pump := range ps.pumps {
		if i < len(ps.readers) {
			outputs.Add(1)
			ps.wg.Go(func() { defer outputs.Done(); pump() })
			continue
		}
		ps.wg.Go(pump)
	}
	ps.wg.Go(func() { outputs.Wait(); close(ps.drained) })
}

// finish reads what is left, for at most the given time, and closes everything.
func (ps *pipes) finish(within time.Duration) {
	if ps.feed != nil {
		_ = ps.feed.Close() // wakes a feeder whose reader fled with the pipe
	}
	timer := time.NewTimer(within)
	defer timer.Stop()
	select {
	case <-ps.drained:
	case <-timer.C:
	}
	for _, f := range ps.readers {
		_ = f.Close()
	}
	ps.wg.Wait()
}

func (ps *pipes) closeAll() {
	for _, f := range append(ps.readers, ps.ours...) {
		_ = f.Close()
	}
	if ps.feed != nil {
		_ = ps.feed.Close()
	}
}

// onlyReader hides a pipe's WriteTo, which would not use our buffer size.
type onlyReader struct{ io.Reader }
