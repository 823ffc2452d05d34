package shell

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"carillon/internal/job"
	"carillon/internal/kind"
)

// command prepares the process of a run. The cleanup removes what was made for it.
func (s *Shell) command(x kind.Execution) (*exec.Cmd, func(), error) {
	dir := kind.String(x.Args, "workingDirectory")
	if dir == "" {
		dir = s.home
	}
	// The system's own error for a missing folder names the program instead.
	if info, err := os.Stat(dir); err != nil {
		return nil, nil, err
	} else if !info.IsDir() {
		return nil, nil, fmt.Errorf("%s: not a directory", dir)
	}
	cleanup := func() {}
	var argv []string
	if line := kind.String(x.Args, "command"); line != "" {
		argv = []string{"/bin/sh", "-c", line}
	} else {
		file, err := s.writeScript(kind.String(x.Args, "script"))
		if err != nil {
			return nil, nil, fmt.Errorf("write script: %w", err)
		}
		cleanup = func() { _ = os.Remove(file) }
		argv = append(interpreterOf(x.Args), file)
	}
	path, err := exec.LookPath(argv[0])
	if err != nil {
		cleanup()
		return nil, nil, err
	}
	cmd := &exec.Cmd{Path: path, Args: argv, Dir: dir, Env: s.environment(x)}
	if input := kind.String(x.Args, "stdin"); input != "" {
		cmd.Stdin = strings.NewReader(input)
	}
	return cmd, cleanup, nil
}

// writeScript stores the text in a file that only this user may read.
func (s *Shell) writeScript(text string) (string, error) {
	f, err := os.CreateTemp(s.scriptDir, scriptPrefix+"*")
	if err != nil {
		return "", err
	}
	_, err = f.WriteString(text)
	if err == nil {
		err = f.Chmod(0o700)
	}
	if closeErr := f.Close(); err == nil {
		err = closeErr
	}
	if err != nil {
		_ = os.Remove(f.Name())
		return "", err
	}
	return f.Name(), nil
}

// interpreterOf returns the program that reads the script, with at most one argument:
// the one that the job names, else the one of the script's "#!" line, else sh.
func interpreterOf(args job.Args) []string {
	if name := kind.String(args, "interpreter"); name != "" {
		return []string{name}
	}
	first, _, _ := strings.Cut(kind.String(args, "script"), "\n")
	if rest, ok := strings.CutPrefix(first, "#!"); ok {
		program, arg, _ := strings.Cut(strings.TrimSpace(rest), " ")
		switch {
		case !filepath.IsAbs(program):
		case strings.TrimSpace(arg) != "":
			return []string{program, strings.TrimSpace(arg)}
		default:
			return []string{program}
		}
	}
	return []string{"sh"}
}
