// Command carillon is a job console: it schedules background jobs, runs them, and lets
// a small team list, edit, pause, trigger and watch them in a browser.
package main

import (
	"context"
	"fmt"
	"io"
	"os"
	_ "time/tzdata" // zones work the same on machines that have no zone files

	"carillon/internal/app"
	"carillon/internal/config"
)

// The exit codes.
const (
	exitOK      = 0
	exitFailure = 1 // the command was understood but failed
	exitUsage   = 2 // the command line, environment or config file is not right
)

func main() {
	os.Exit(run(context.Background(), os.Args[1:], app.Streams{In: os.Stdin, Out: os.Stdout, Err: os.Stderr}))
}

func run(ctx context.Context, args []string, std app.Streams) int {
	in, err := config.Parse(args, std.Out)
	if err != nil {
		complain(std.Err, err.Error())
		complain(std.Err, "Run “carillon --help” to see the commands and options.")
		return exitUsage
	}
	if in.Command == config.CommandHelp {
		return exitOK
	}
	if err := app.Run(ctx, in, std); err != nil {
		complain(std.Err, app.Explain(err))
		return exitFailure
	}
	return exitOK
}

// complain writes a message for the person who typed the command. There is nothing left
// to do if even that fails.
func complain(w io.Writer, text string) { _, _ = fmt.Fprintln(w, text) }
