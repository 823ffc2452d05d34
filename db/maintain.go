package db

import (
	"context"
	"database/sql"
	"errors"
	"io/fs"
	"os"
	"path/filepath"

	"carillon/internal/apperr"
)

const (
	// truncateAbove is the length of a write-ahead log from which a checkpoint also
	// empties its file, in bytes.
	truncateAbove = 64 << 20
)

// Checkpoint writes SQLite's logs back into the files, without waiting for readers unless
// a log has become large. PostgreSQL looks after itself.
func (s *Store) Checkpoint(ctx context.Context) error {
	return s.eachFile(func(path string, p pools) error {
		mode := "PASSIVE"
		if info, err := os.Stat(path + "-wal"); err == nil && info.Size() > truncateAbove {
			mode = "TRUNCATE"
		}
		var busy, pages, done int
		err := p.write.QueryRowContext(ctx, "PRAGMA wal_checkpoint("+mode+")").Scan(&busy, &pages, &done)
		return mapped("checkpoint", err)
	})
}

// Vacuum gives some of the space of deleted rows back to the file system, in one short
// step; PostgreSQL does so itself.
func (s *Store) Vacuum(ctx context.Context) error {
	return s.eachFile(func(_ string, p pools) error {
		rows, err := p.write.QueryContext(ctx, "PRAGMA incremental_vacuum(2000)")
		if err != nil {
			return mapped("vacuum", err)
		}
		for rows.Next() { // each step frees one page
		}
		return mapped("vacuum", errors.Join(rows.Err(), rows.Close()))
	})
}

// QuickCheck looks for damage in SQLite's files; an apperr Internal "corrupt" tells of it.
// It reads the files whole, so it is for quiet hours.
func (s *Store) QuickCheck(ctx context.Context) error {
	return s.eachFile(func(path string, p pools) error { return checkFile(ctx, p.read, path, "quick_check") })
}

// checkFile runs one of SQLite's two checks on a file.
func checkFile(ctx context.Context, pool *sql.DB, path, pragma string) error {
	var result string
	if err := pool.QueryRowContext(ctx, "PRAGMA "+pragma+"(1)").Scan(&result); err != nil {
		return fileError(path, err)
	}
	if result != "ok" {
		return &apperr.Error{Kind: apperr.Internal, Code: "corrupt", Op: "check database", Msg: "error.db.corrupt_file",
			Args: map[string]any{"file": path}, Err: errors.New(result)}
	}
	return nil
}

// Size is how much room the database takes, in bytes.
type Size struct {
	Main   int64 // jobs, runs and everything else; on PostgreSQL the whole database
	Output int64 // what runs printed
	Log    int64 // SQLite's write-ahead logs
}

// Size measures the database.
func (s *Store) Size(ctx context.Context) (Size, error) {
	if !s.sqlite {
		return read(ctx, s, "measure database", func(ctx context.Context, c conn) (Size, error) {
			var all, output int64
			err := c.raw.QueryRowContext(ctx, "SELECT pg_database_size(current_database()), pg_total_relation_size('run_output')").Scan(&all, &output)
			return Size{Main: all - output, Output: output}, err
		})
	}
	var size Size
	var errs []error
	for name, into := range map[string]*int64{mainFile: &size.Main, outputFile: &size.Output, mainFile + "-wal": &size.Log, outputFile + "-wal": &size.Log} {
		info, err := os.Stat(filepath.Join(s.dir, name))
		if err == nil {
			*into += info.Size()
		} else if !errors.Is(err, fs.ErrNotExist) {
			errs = append(errs, folderError(s.dir, err))
		}
	}
	return size, errors.Join(errs...)
}

// eachFile calls fn for both files of SQLite; on PostgreSQL it does nothing.
func (s *Store) eachFile(fn func(path string, p pools) error) error {
	if !s.sqlite {
		return nil
	}
	return errors.Join(
		fn(filepath.Join(s.dir, mainFile), s.main),
		fn(filepath.Join(s.dir, outputFile), s.out),
	)
}
