package app

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"time"

	"carillon/db"
	"carillon/internal/apperr"
	"carillon/internal/config"
)

// databaseFile is what the store calls its main file.
const databaseFile = "carillon.db"

// backup is "carillon backup". It opens what is there and never makes a new database: a
// backup of an empty folder would be a mistyped --data.
func backup(ctx context.Context, cfg config.Server, log *slog.Logger, in config.Backup, out io.Writer) error {
	if err := mustExist(cfg); err != nil {
		return err
	}
	return withStore(ctx, cfg, log, func(store *db.Store) error {
		if err := store.Backup(ctx, in.File, Version()); err != nil {
			return err
		}
		_, err := fmt.Fprintf(out, "Wrote the backup %s.\n", in.File)
		return err
	})
}

// mustExist reports a data folder without a database.
func mustExist(cfg config.Server) error {
	if cfg.DatabaseURL != "" {
		return nil
	}
	if _, err := os.Stat(filepath.Join(cfg.Data, databaseFile)); err != nil {
		return apperr.Wrap(err, apperr.NotFound, "no_database",
			fmt.Sprintf("There is no database in %s. Name the data folder with --data.", cfg.Data))
	}
	return nil
}

// restore is "carillon restore".
func restore(ctx context.Context, cfg config.Server, in config.Restore, out io.Writer) error {
	made, err := db.Restore(ctx, in.File, cfg.Data, db.RestoreOptions{URL: cfg.DatabaseURL.Reveal(), Force: in.Force})
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(out, "Restored the backup of %s into %s.\n", made.At.UTC().Format(time.RFC3339), cfg.Data)
	return err
}
