package shell

import (
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"carillon/internal/apperr"
	"carillon/internal/job"
	"carillon/internal/kind"
)

// maxTimeout is the longest time limit of a command in seconds: 31 days.
const maxTimeout = 31 * 24 * 60 * 60

// interpreters are the ones offered by name; any other is named by its absolute path.
func interpreters() []string { return []string{"sh", "bash", "python3", "perl", "node"} }

// Spec implements [kind.Kind].
func (*Shell) Spec() job.KindSpec {
	return job.KindSpec{
		Name: "Shell",
		Icon: "terminal",
		Params: []job.Param{
			{Name: "command", Type: job.ParamCode, Language: "sh", Placeholder: "df -h /"},
			{Name: "script", Type: job.ParamCode, Language: "sh"},
			// A text with suggestions: an absolute path is as good as one of the names.
			{Name: "interpreter", Type: job.ParamText, Options: interpreters(), MaxLength: 1024, Placeholder: "sh"},
			{Name: "workingDirectory", Type: job.ParamText, MaxLength: 4096, Placeholder: "/srv/app"},
			{Name: "environment", Type: job.ParamMap, Placeholder: "KEY=value"},
			{Name: "stdin", Type: job.ParamArea, Advanced: true},
			{Name: "timeout", Type: job.ParamNumber, Min: 0, Max: maxTimeout, Advanced: true, Placeholder: "300"},
		},
	}
}

// envName is what POSIX shells accept as the name of a variable.
var envName = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*$`)

// Check implements [kind.Kind].
func (*Shell) Check(args job.Args) error {
	var faults apperr.Faults
	command, script := kind.String(args, "command"), kind.String(args, "script")
	switch {
	case command == "" && script == "":
		faults.Add("command", "error.kind.shell_nothing")
	case command != "" && script != "":
		faults.Add("script", "error.kind.shell_both")
	}
	interpreter := kind.String(args, "interpreter")
	if interpreter != "" && !filepath.IsAbs(interpreter) && !slices.Contains(interpreters(), interpreter) {
		faults.Add("interpreter", "error.kind.shell_interpreter", "options", strings.Join(interpreters(), ", "))
	}
	if dir := kind.String(args, "workingDirectory"); dir != "" && !filepath.IsAbs(dir) {
		faults.Add("workingDirectory", "error.kind.shell_directory")
	}
	for name := range kind.Map(args, "environment") {
		if !envName.MatchString(name) {
			faults.Add("environment", "error.kind.shell_env_name", "name", kind.Cut(kind.Line(name), 100))
		}
	}
	return faults.Err()
}

// Summary implements [kind.Kind].
func (*Shell) Summary(args job.Args) string {
	if command := kind.String(args, "command"); command != "" {
		return nonEmpty(firstLine(command, ""), "sh")
	}
	script := kind.String(args, "script")
	name := filepath.Base(strings.Join(interpreterOf(args), " "))
	return name + ": " + nonEmpty(firstLine(script, "#"), "script")
}

// firstLine returns the first line that says something, leaving out those that begin
// with the comment sign.
func firstLine(text, comment string) string {
	for line := range strings.Lines(text) {
		line = kind.Line(line)
		if line == "" || comment != "" && strings.HasPrefix(line, comment) {
			continue
		}
		return kind.Cut(line, job.MaxResult/2)
	}
	return ""
}

func nonEmpty(s, otherwise string) string {
	if s == "" {
		return otherwise
	}
	return s
}
