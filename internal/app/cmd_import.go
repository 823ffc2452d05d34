package app

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"log/slog"
	"os"

	"carillon/db"
	"carillon/internal/apperr"
	"carillon/internal/clock"
	"carillon/internal/config"
	"carillon/internal/control"
	"carillon/internal/crontab"
	"carillon/internal/event"
	"carillon/internal/i18n"
	"carillon/internal/job"
)

// importCrontab is "carillon import-crontab".
func importCrontab(ctx context.Context, cfg config.Server, log *slog.Logger, in config.ImportCrontab, std Streams) error {
	text, err := readInput(in.File, std.In, crontab.MaxBytes)
	if err != nil {
		return err
	}
	rows, err := crontab.Parse(text, crontab.Options{System: in.System, Group: in.Group})
	if err != nil {
		return err
	}
	return withJobs(ctx, cfg, log, func(jobs *control.Jobs) error {
		results, err := jobs.Import(ctx, operator(), crontab.Definitions(rows), in.DryRun)
		if err != nil {
			return err
		}
		return reportImport(std.Out, rows, results, in.DryRun)
	})
}

// readInput reads a file, or standard input if it is "-". One byte more than the limit
// is read, so that the reader of the text sees that it is too long.
func readInput(name string, stdin io.Reader, limit int64) (string, error) {
	if name != "-" {
		file, err := os.Open(name)
		if err != nil {
			return "", fmt.Errorf("read input: %w", err)
		}
		defer func() { _ = file.Close() }()
		stdin = file
	}
	text, err := io.ReadAll(io.LimitReader(stdin, limit+1))
	if err != nil {
		return "", fmt.Errorf("read input: %w", err)
	}
	return string(text), nil
}

// reportImport prints what became of each line, and the sum.
func reportImport(out io.Writer, rows []crontab.Row, results []control.Imported, dryRun bool) error {
	catalog, err := i18n.Load()
	if err != nil {
		return err
	}
	p, w := catalog.Printer(i18n.Default), bufio.NewWriter(out)
	sum := map[crontab.Status]int{}
	for _, row := range rows {
		words := p.T("import.status." + string(row.Status))
		if row.Status == crontab.Job {
			row.Status, words = importedWords(p, results[0])
			results = results[1:]
		}
		sum[row.Status]++
		fmt.Fprintf(w, "%4d  %s\n      %s\n", row.Line, row.Text, words)
		for _, note := range row.Notes {
			sign := "·"
			if note.Warn {
				sign = "!"
			}
			fmt.Fprintf(w, "      %s %s\n", sign, p.Text(i18n.Msg{ID: note.Msg, Args: note.Args}))
		}
	}
	done := p.T("import.done", "count", sum[crontab.Job])
	if dryRun || sum[crontab.Job] == 0 {
		done = p.T("import.dry")
	}
	fmt.Fprintf(w, "%s %s\n", sumWords(p, sum), done)
	return w.Flush()
}

// importedWords says what became of a line that is a job.
func importedWords(p *i18n.Printer, result control.Imported) (crontab.Status, string) {
	switch {
	case result.Err != nil:
		return crontab.Refused, p.T("import.status.refused") + ": " + Explain(result.Err)
	case result.Same != "":
		return crontab.Same, p.T("import.same", "name", result.Same)
	default:
		return crontab.Job, "→ " + result.Job.Group + "/" + result.Job.Name
	}
}

// sumWords are the counts of a report, without those of nothing.
func sumWords(p *i18n.Printer, sum map[crontab.Status]int) string {
	words := ""
	for _, status := range crontab.Statuses() {
		if n := sum[status]; n > 0 || status == crontab.Job {
			if words != "" {
				words += ", "
			}
			words += p.T("import.count."+string(status), "count", n)
		}
	}
	return words + "."
}

// withJobs lends the verbs on jobs over the store, which may be in use by a server. They
// run nothing: a server finds what was saved by itself.
func withJobs(ctx context.Context, cfg config.Server, log *slog.Logger, use func(jobs *control.Jobs) error) error {
	kinds, _, err := newKinds(cfg, nil)
	if err != nil {
		return err
	}
	return withStore(ctx, cfg, log, func(store *db.Store) error {
		return use(control.NewJobs(control.JobsDeps{
			Store: store, Kinds: kinds, Engine: idleEngine{}, Events: event.NewHub(), Clock: clock.System(),
			Zone: cfg.Location(), Node: nodeName(),
			DeleteOutput: func(context.Context, []job.RunID) error {
				return apperr.New(apperr.Unavailable, "no_output", "A command deletes no runs.")
			},
		}))
	})
}

// idleEngine stands for the engine in commands: the server's sweep finds the runs.
type idleEngine struct{}

func (idleEngine) Submit(context.Context, ...job.Ticket) {}

func (idleEngine) Cancel(context.Context, job.RunID, job.Reason) {}
