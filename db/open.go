package db

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"time"

	"carillon/db/sqlgen"
	"carillon/internal/apperr"
	"carillon/internal/gather"
)

// Options say which database to open.
type Options struct {
	// Dir is the data folder. It is created with mode 0700.
	Dir string
	// URL is a PostgreSQL address; "" means SQLite in Dir.
	URL string
	// Shared opens SQLite beside a process that has the folder, for a short command.
	// Without it the folder belongs to this process until Close.
	Shared bool
	// Log receives what goes wrong after a call has returned; nil: the default logger.
	Log *slog.Logger
	// Now tells the time that backups are stamped with.
	Now func() time.Time
}

// Store is the database. Its methods may be called from any goroutine.
type Store struct {
	sqlite bool
	dir    string
	log    *slog.Logger
	now    func() time.Time
	lock   *folderLock

	main, out      pools
	writeQ, readQ  *sqlgen.Queries
	grouped        gather.Group[*groupCall]
	closeStatement []func() error
}

// Open opens the database, migrates it if needed, and checks it. Its errors are worded
// for the person who starts the program; their codes are "locked", "folder",
// "read_only", "network_folder", "schema_newer", "schema_older", "corrupt", "bad_url"
// and "unreachable".
func Open(ctx context.Context, o Options) (*Store, error) {
	s := &Store{sqlite: o.URL == "", dir: o.Dir, log: o.Log, now: o.Now, grouped: gather.Group[*groupCall]{Limit: groupLimit}}
	if s.log == nil {
		s.log = slog.Default()
	}
	if err := s.open(ctx, o); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return s, nil
}

func (s *Store) open(ctx context.Context, o Options) error {
	var err error
	if s.sqlite {
		err = s.openFolder(ctx, o)
	} else {
		s.main, err = openPostgres(ctx, o.URL)
		s.out = s.main
	}
	if err != nil {
		return err
	}
	guard := func() (func(), error) { return func() {}, nil }
	if s.sqlite && o.Shared {
		guard = func() (func(), error) { return borrowFolder(ctx, o.Dir) }
	}
	if err := migrate(ctx, s.main.write, mainSet, s.sqlite, guard); err != nil {
		return s.openError(mainFile, err)
	}
	if err := migrate(ctx, s.out.write, outputSet, s.sqlite, guard); err != nil {
		return s.openError(outputFile, err)
	}
	if s.writeQ, err = newQueries(ctx, s.main.write, s.sqlite); err != nil {
		return s.openError(mainFile, err)
	}
	s.closeStatement = append(s.closeStatement, s.writeQ.Close)
	if s.readQ, err = newQueries(ctx, s.main.read, s.sqlite); err != nil {
		return s.openError(mainFile, err)
	}
	s.closeStatement = append(s.closeStatement, s.readQ.Close)
	return nil
}

// openFolder makes the data folder usable and opens the files in it.
func (s *Store) openFolder(ctx context.Context, o Options) error {
	err := os.MkdirAll(o.Dir, 0o700)
	if err != nil {
		return folderError(o.Dir, err)
	}
	if err := refuseRemote(o.Dir); err != nil {
		return err
	}
	if !o.Shared {
		if s.lock, err = lockFolder(ctx, o.Dir); err != nil {
			return err
		}
	}
	if s.main, err = openSQLite(ctx, filepath.Join(o.Dir, mainFile)); err != nil {
		return err
	}
	s.out, err = openSQLite(ctx, filepath.Join(o.Dir, outputFile))
	return err
}

// borrowFolder takes the folder for the time of a migration. If a server has it, the
// server's schema must do: a command never changes the tables under a running program.
func borrowFolder(ctx context.Context, dir string) (func(), error) {
	l, err := lockFolder(ctx, dir)
	if apperr.CodeOf(err) == "locked" {
		return nil, apperr.Newf(apperr.Unavailable, "schema_older", "error.db.schema_older", map[string]any{"dir": dir})
	}
	if err != nil {
		return nil, err
	}
	return func() { _ = l.release() }, nil
}

// openError names the file in an error of SQLite.
func (s *Store) openError(file string, err error) error {
	if !s.sqlite {
		return mapped("open database", err)
	}
	return fileError(filepath.Join(s.dir, file), err)
}

// fileError words an error about one file of SQLite.
func fileError(path string, err error) error {
	err = mapped("open database", err)
	var known *apperr.Error
	if errors.As(err, &known) && known.Args == nil {
		known.Args = map[string]any{"file": path}
		if known.Msg == "error.db.corrupt" || known.Msg == "error.db.read_only" {
			known.Msg += "_file"
		}
	}
	return err
}

// Close ends the use of the database. Calls that are under way may fail.
func (s *Store) Close() error {
	var errs []error
	for _, f := range s.closeStatement {
		errs = append(errs, f())
	}
	errs = append(errs, s.main.close())
	if s.out != s.main {
		errs = append(errs, s.out.close())
	}
	errs = append(errs, s.lock.release())
	if err := errors.Join(errs...); err != nil {
		return fmt.Errorf("close database: %w", err)
	}
	return nil
}

// IsSQLite reports whether the database is SQLite in the data folder.
func (s *Store) IsSQLite() bool { return s.sqlite }

// Ping reports whether the database answers.
func (s *Store) Ping(ctx context.Context) error {
	_, err := read(ctx, s, "ping database", func(ctx context.Context, c conn) (int, error) {
		var one int
		err := c.raw.QueryRowContext(ctx, "SELECT 1").Scan(&one)
		return one, err
	})
	return err
}

// querier is what both a pool and a transaction can do.
type querier interface {
	ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error)
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
}
