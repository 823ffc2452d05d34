package app

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"os/user"
	"slices"
	"strings"

	"carillon/db"
	"carillon/internal/access"
	"carillon/internal/apperr"
	"carillon/internal/clock"
	"carillon/internal/config"
	"carillon/internal/control"
	"carillon/internal/i18n"
)

// Streams are where a command reads and writes.
type Streams struct {
	In  io.Reader
	Out io.Writer // results
	Err io.Writer // the log
}

// Run carries out a command line. [Explain] words its error.
func Run(ctx context.Context, in config.Invocation, std Streams) error {
	log := NewLogger(std.Err, in.Server.LogFormat, in.Server.LogLevel)
	if in.Command == config.CommandServe {
		for _, warning := range in.Server.Warnings() {
			log.Warn(warning)
		}
		return Serve(ctx, in.Server, log, std.Out)
	}
	log = NewLogger(std.Err, in.Server.LogFormat, max(in.Server.LogLevel, slog.LevelWarn))
	switch in.Command {
	case config.CommandUserAdd:
		return addUser(ctx, in.Server, log, in.User, std)
	case config.CommandTokenCreate:
		return createToken(ctx, in.Server, log, in.Token, std.Out)
	case config.CommandAuditVerify:
		return verifyAudit(ctx, in.Server, log, in.Audit, std.Out)
	case config.CommandNext:
		return printNext(clock.System().Now(), in.Next, std.Out)
	case config.CommandBackup:
		return backup(ctx, in.Server, log, in.Backup, std.Out)
	case config.CommandRestore:
		return restore(ctx, in.Server, in.Restore, std.Out)
	case config.CommandImportCrontab:
		return importCrontab(ctx, in.Server, log, in.ImportCrontab, std)
	case config.CommandExport:
		return exportJobs(ctx, in.Server, log, in.Export, std.Out)
	case config.CommandApply:
		return applyJobs(ctx, in.Server, log, in.Apply, std)
	case config.CommandVersion:
		return printVersion(std.Out)
	default:
		return fmt.Errorf("no such command: %s", in.Command)
	}
}

// Explain words an error for the person at the command line: one sentence, or one for
// each field at fault. What is unexpected is shown as it is, since this person owns the
// program.
func Explain(err error) string {
	var e *apperr.Error
	if !errors.As(err, &e) {
		return err.Error()
	}
	catalog, loadErr := i18n.Load()
	if loadErr != nil {
		return err.Error()
	}
	printer := catalog.Printer(i18n.Default)
	say := func(id string, args map[string]any) string {
		if !printer.Has(id) {
			return id
		}
		return printer.Text(i18n.Msg{ID: id, Args: args})
	}
	if len(e.Fields) == 0 {
		return say(e.Msg, e.Args)
	}
	var sentences []string
	for _, field := range slices.Sorted(maps.Keys(e.Fields)) {
		if text := say(e.Fields[field].Msg, e.Fields[field].Args); !slices.Contains(sentences, text) {
			sentences = append(sentences, text)
		}
	}
	return strings.Join(sentences, " ")
}

// withAccounts lends the account verbs over the store, which may be in use by a server.
func withAccounts(ctx context.Context, cfg config.Server, log *slog.Logger, use func(a *control.Accounts) error) error {
	return withStore(ctx, cfg, log, func(store *db.Store) error {
		return use(control.NewAccounts(control.AccountsDeps{Store: store, Hasher: access.NewHasher(), Clock: clock.System()}))
	})
}

// withStore opens the store beside a server that may be running, and closes it after use.
func withStore(ctx context.Context, cfg config.Server, log *slog.Logger, use func(store *db.Store) error) error {
	store, err := db.Open(ctx, db.Options{
		Dir: cfg.Data, URL: cfg.DatabaseURL.Reveal(), Shared: true, Log: log, Now: clock.System().Now,
	})
	if err != nil {
		return err
	}
	return errors.Join(use(store), store.Close())
}

// operator is who runs a command: the machine's own user.
func operator() access.Actor {
	if u, err := user.Current(); err == nil {
		return access.CLI(u.Username)
	}
	return access.CLI("command line")
}
