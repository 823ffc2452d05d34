// Package shell is the kind of work that runs a command line or a script on the
// machine of the node.
//
// A run gets a process group of its own, a small environment, and is stopped as a
// whole: SIGTERM to the group, a grace, SIGKILL to the group. What a command leaves
// running in its group ends with it. Processes that move into a session of their own
// (setsid, daemons) are beyond reach. Unix only.
package shell

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"carillon/internal/kind"
)

// DefaultGrace is how long a run may take to end after SIGTERM.
const DefaultGrace = 10 * time.Second

// scriptPrefix marks our files in the script folder.
const scriptPrefix = "carillon-script-"

var _ kind.Kind = (*Shell)(nil)

// Options are what a [Shell] needs to know of its surroundings.
type Options struct {
	// ScriptDir is a folder of this process alone, for scripts while they run. It is
	// made if missing.
	ScriptDir string
	// Grace is the time between SIGTERM and SIGKILL; 0 means [DefaultGrace].
	Grace time.Duration
	// Environ is the server's environment as "KEY=value"; nil means [os.Environ]. Only
	// a short list of it reaches a command.
	Environ []string
}

// Shell runs commands and scripts.
type Shell struct {
	scriptDir string
	owner     string // marks the processes of this installation
	grace     time.Duration
	inherited []string // what every command gets of the server's environment
	home      string   // where commands run that name no folder
}

// New returns the kind. It fails if the script folder cannot be used.
func New(o Options) (*Shell, error) {
	if o.ScriptDir == "" {
		return nil, errors.New("shell: no script folder")
	}
	dir, err := filepath.Abs(o.ScriptDir) // scripts run from other folders
	if err != nil {
		return nil, fmt.Errorf("shell: script folder: %w", err)
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("shell: make script folder: %w", err)
	}
	owner, err := ownerOf(dir)
	if err != nil {
		return nil, fmt.Errorf("shell: %w", err)
	}
	s := &Shell{scriptDir: dir, owner: owner, grace: o.Grace}
	if s.grace == 0 {
		s.grace = DefaultGrace
	}
	environ := o.Environ
	if environ == nil {
		environ = os.Environ()
	}
	s.inherited = inherit(environ)
	s.home = homeOf(s.inherited)
	return s, nil
}

// Recover clears up after a server of this installation that was killed: it ends the
// processes and removes the scripts that were left behind. It is for the one process
// that holds the data folder, before its first run.
func (s *Shell) Recover() error {
	endOrphans(s.owner)
	if err := removeScripts(s.scriptDir); err != nil {
		return fmt.Errorf("shell: clear script folder: %w", err)
	}
	return nil
}

// Run implements [kind.Kind].
func (s *Shell) Run(ctx context.Context, x kind.Execution) (kind.Result, error) {
	outer := ctx
	if limit := kind.Number(x.Args, "timeout"); limit > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, time.Duration(limit)*time.Second)
		defer cancel()
	}
	if ctx.Err() != nil {
		return kind.Result{}, kind.Stopped(ctx)
	}
	cmd, cleanup, err := s.command(x)
	if err != nil {
		return kind.Result{}, cannotStart(err)
	}
	defer cleanup()

	var last, complaint lastLine
	p := process{
		cmd: cmd, grace: s.grace, mark: runVariable + "=" + x.RunID.String(),
		stdout: tee(x.Stdout, &last), stderr: tee(x.Stderr, &complaint),
	}
	state, err := p.run(ctx)
	if err != nil {
		return kind.Result{}, cannotStart(err)
	}
	result := kind.Result{Message: last.String()}
	if code := state.ExitCode(); code >= 0 {
		result.ExitCode = &code
	}
	switch {
	case p.stopped && outer.Err() == nil:
		return result, kind.TimedOut(kind.Number(x.Args, "timeout"))
	case p.stopped:
		return result, kind.Stopped(outer)
	default:
		return result, ending(state, complaint.String())
	}
}

// cannotStart words an error of the system without its Go dressing.
func cannotStart(err error) error {
	reason := err.Error()
	if pe, ok := errors.AsType[*os.PathError](err); ok {
		reason = pe.Path + ": " + pe.Err.Error()
	}
	return kind.Fail("kind.failure.start", "cannot start: {{.reason}}", "reason", kind.Line(reason)).Because(err)
}

func removeScripts(dir string) error {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return err
	}
	for _, e := range entries {
		if strings.HasPrefix(e.Name(), scriptPrefix) {
			if err := os.Remove(filepath.Join(dir, e.Name())); err != nil {
				return err
			}
		}
	}
	return nil
}
