package app

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"strings"

	"carillon/internal/apperr"
	"carillon/internal/config"
	"carillon/internal/control"
	"carillon/internal/job"
	"carillon/internal/jobfile"
)

// exportJobs is "carillon export".
func exportJobs(ctx context.Context, cfg config.Server, log *slog.Logger, in config.Export, out io.Writer) error {
	if in.Schema {
		return writeOut(in.File, []byte(jobfile.Schema()), out)
	}
	return withJobs(ctx, cfg, log, func(jobs *control.Jobs) error {
		all, err := jobs.AllJobs(ctx, operator(), job.Filter{Group: in.Group})
		if err != nil {
			return err
		}
		write := jobfile.YAML
		if in.Format == "json" {
			write = jobfile.JSON
		}
		text, err := write(jobfile.FromJobs(all))
		if err != nil {
			return err
		}
		return writeOut(in.File, text, out)
	})
}

// writeOut writes a text to a file, which is either the old one or the whole new one, or
// to standard output. Only its owner may read the file: jobs may hold secrets.
func writeOut(name string, text []byte, out io.Writer) error {
	if name == "" || name == "-" {
		_, err := out.Write(text)
		return err
	}
	file, err := os.CreateTemp(filepath.Dir(name), ".carillon-export-*")
	if err != nil {
		return fmt.Errorf("write file: %w", err)
	}
	_, err = file.Write(text)
	if err = errors.Join(err, file.Close()); err == nil {
		err = os.Rename(file.Name(), name)
	}
	if err != nil {
		_ = os.Remove(file.Name())
		return fmt.Errorf("write file: %w", err)
	}
	return nil
}

// applyJobs is "carillon apply".
func applyJobs(ctx context.Context, cfg config.Server, log *slog.Logger, in config.Apply, std Streams) error {
	text, err := readInput(in.File, std.In, jobfile.MaxBytes)
	if err != nil {
		return err
	}
	entries, err := jobfile.Parse([]byte(text))
	if err != nil {
		return fileFaults(in.File, err)
	}
	return withJobs(ctx, cfg, log, func(jobs *control.Jobs) error {
		if err := validEntries(ctx, jobs, entries); err != nil {
			return fileFaults(in.File, err)
		}
		there, err := jobs.AllJobs(ctx, operator(), job.Filter{})
		if err != nil {
			return err
		}
		plan := jobfile.MakePlan(there, entries, in.Prune)
		if _, err := io.WriteString(std.Out, plan.String()); err != nil || plan.Empty() || in.DryRun {
			return err
		}
		if err := mayRemove(plan, in, std); err != nil {
			return err
		}
		return carryOut(ctx, jobs, plan, in.File)
	})
}

// fileFaults words what is wrong in a file, each fault with the file and the line.
func fileFaults(name string, err error) error {
	e, ok := errors.AsType[*jobfile.Error](err)
	if !ok {
		return err
	}
	if name == "-" {
		name = "standard input"
	}
	lines := make([]string, 0, len(e.Faults)+1)
	for _, f := range e.Faults {
		lines = append(lines, fmt.Sprintf("%s:%d: %s", name, f.Line, f.Text))
	}
	return errors.New(strings.Join(append(lines, "Nothing was changed."), "\n"))
}

// validEntries puts the definitions into their stored form. Everything that is wrong with
// any of them is told at once.
func validEntries(ctx context.Context, jobs *control.Jobs, entries []jobfile.Entry) error {
	var faults []jobfile.Fault
	for i := range entries {
		e := &entries[i]
		valid, err := jobs.Validate(ctx, e.Definition)
		switch {
		case apperr.Is(err, apperr.Invalid):
			faults = append(faults, jobfile.Fault{Line: e.Line, Text: e.Key() + ": " + Explain(err)})
		case err != nil:
			return err
		default:
			e.Definition = valid
		}
	}
	if len(faults) > 0 {
		return &jobfile.Error{Faults: faults}
	}
	return nil
}

// mayRemove asks before jobs are removed.
func mayRemove(plan jobfile.Plan, in config.Apply, std Streams) error {
	if len(plan.Removed) == 0 || in.Yes {
		return nil
	}
	if in.File == "-" {
		return apperr.New(apperr.Invalid, "no_answer", "The file comes by standard input, so nobody can be asked. Add --yes to remove the jobs. Nothing was changed.")
	}
	if _, err := fmt.Fprintf(std.Out, "Remove %d of the jobs and apply the rest? [y/N] ", len(plan.Removed)); err != nil {
		return err
	}
	answer, err := bufio.NewReader(io.LimitReader(std.In, 100)).ReadString('\n')
	if err != nil && !errors.Is(err, io.EOF) {
		return fmt.Errorf("read answer: %w", err)
	}
	if answer = strings.ToLower(strings.TrimSpace(answer)); answer != "y" && answer != "yes" {
		return apperr.New(apperr.Conflict, "declined", "Nothing was changed.")
	}
	return nil
}

// carryOut does what the plan says, at once.
func carryOut(ctx context.Context, jobs *control.Jobs, plan jobfile.Plan, file string) error {
	note := "carillon apply " + filepath.Base(file)
	var todo control.Changes
	for _, e := range plan.New {
		todo.Create = append(todo.Create, control.NewJob{Definition: e.Definition, Stopped: !e.Enabled, Note: note})
	}
	for _, c := range plan.Changed {
		if c.Edited {
			edit := control.EditJob{Definition: c.Entry.Definition, Revision: c.Job.Revision, Note: note}
			todo.Edit = append(todo.Edit, control.EditOf{ID: c.Job.ID, EditJob: edit})
		}
		switch {
		case c.Switched && c.Entry.Enabled:
			todo.Start = append(todo.Start, c.Job.ID)
		case c.Switched, c.Job.State == job.Completed && !c.Entry.Enabled:
			// An edit could put a completed job to work again, so that one is stopped too.
			todo.Stop = append(todo.Stop, c.Job.ID)
		}
	}
	for _, j := range plan.Removed {
		todo.Delete = append(todo.Delete, j.ID)
	}
	err := jobs.Apply(ctx, operator(), todo)
	if e, ok := errors.AsType[*control.ApplyError](err); ok {
		return fmt.Errorf("%s: %s\nNothing was changed.", e.Job, Explain(e.Err)) //nolint:revive,staticcheck // it is shown as it is
	}
	return err
}
