// Package console is the kind of work that prints a message.
package console

import (
	"cmp"
	"context"
	"io"
	"strings"

	"carillon/internal/job"
	"carillon/internal/kind"
)

var _ kind.Kind = (*Console)(nil)

// Console prints its message to the run's output and succeeds.
type Console struct{}

// New returns the kind.
func New() *Console { return &Console{} }

// Spec implements [kind.Kind].
func (*Console) Spec() job.KindSpec {
	return job.KindSpec{
		Name: "Console",
		Icon: "message",
		Params: []job.Param{{
			Name:        "message",
			Type:        job.ParamArea,
			Required:    true,
			Placeholder: "Hello",
		}},
	}
}

// Check implements [kind.Kind]; the spec says everything.
func (*Console) Check(job.Args) error { return nil }

// Summary implements [kind.Kind].
func (*Console) Summary(args job.Args) string {
	return cmp.Or(firstLine(args), "Console")
}

// Run implements [kind.Kind].
func (*Console) Run(ctx context.Context, x kind.Execution) (kind.Result, error) {
	if ctx.Err() != nil {
		return kind.Result{}, kind.Stopped(ctx)
	}
	message := kind.String(x.Args, "message")
	if !strings.HasSuffix(message, "\n") {
		message += "\n"
	}
	_, _ = io.WriteString(x.Stdout, message) // an Execution's writers never fail
	return kind.Result{Message: cmp.Or(firstLine(x.Args), "OK")}, nil
}

// firstLine returns the first line of the message that has something to read.
func firstLine(args job.Args) string {
	for line := range strings.Lines(kind.String(args, "message")) {
		if line = kind.Line(line); line != "" {
			return line
		}
	}
	return ""
}
