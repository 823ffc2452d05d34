package db

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"runtime"

	_ "modernc.org/sqlite" // the driver "sqlite"
)

// The files of a data folder. Output has a file, and with it a writer, of its own.
const (
	mainFile   = "carillon.db"
	outputFile = "output.db"
)

// pools are the connections to one database. On PostgreSQL both are the same.
type pools struct{ write, read *sql.DB }

// close closes both pools.
func (p pools) close() error {
	if p.write == nil {
		return nil
	}
	err := p.write.Close()
	if p.read != p.write {
		if e := p.read.Close(); err == nil {
			err = e
		}
	}
	return err
}

// sqliteDSN builds the data source name of a file. Settings stand in it because only so
// do they reach every connection of a pool.
//
// synchronous NORMAL keeps the file consistent in a power cut but may lose the last
// commits; runs that are lost so are found and marked at the next start.
func sqliteDSN(path string, writer bool) string {
	q := url.Values{
		"_busy_timeout": {"5000"},
		"_foreign_keys": {"1"},
		"_synchronous":  {"NORMAL"},
		"_dqs":          {"0"},
		"_defensive":    {"1"},
		"_pragma":       {"journal_size_limit(67108864)", "temp_store(MEMORY)"},
	}
	if writer {
		q.Set("_auto_vacuum", "INCREMENTAL") // the driver sets it first: a first table fixes it for good
		q.Set("_journal_mode", "WAL")
		q.Set("_txlock", "immediate")
		q.Add("_pragma", "cache_size(-16000)")
	} else {
		q.Set("_query_only", "1")
		q.Add("_pragma", "cache_size(-8000)")
	}
	return sqliteURL(path, q)
}

// sqliteURL is the address of a file with the driver's options. The path is escaped, so
// that no name of a folder can become an option.
func sqliteURL(path string, options url.Values) string {
	return (&url.URL{Scheme: "file", Opaque: (&url.URL{Path: path}).EscapedPath(), RawQuery: options.Encode()}).String()
}

// openSQLite opens the two pools of a file, creating it with mode 0600.
func openSQLite(ctx context.Context, path string) (pools, error) {
	if err := createPrivate(path); err != nil {
		return pools{}, folderError(filepath.Dir(path), err)
	}
	write, err := sql.Open("sqlite", sqliteDSN(path, true))
	if err != nil {
		return pools{}, fmt.Errorf("open %s: %w", path, err)
	}
	write.SetMaxOpenConns(1)
	read, err := sql.Open("sqlite", sqliteDSN(path, false))
	if err != nil {
		_ = write.Close()
		return pools{}, fmt.Errorf("open %s: %w", path, err)
	}
	readers := max(4, runtime.NumCPU())
	read.SetMaxOpenConns(readers)
	read.SetMaxIdleConns(readers)
	p := pools{write: write, read: read}
	if err := checkSQLite(ctx, p); err != nil {
		_ = p.close()
		return pools{}, fileError(path, err)
	}
	return p, nil
}

// checkSQLite connects with both pools and makes sure that the settings took effect.
func checkSQLite(ctx context.Context, p pools) error {
	var mode string
	if err := p.write.QueryRowContext(ctx, "PRAGMA journal_mode").Scan(&mode); err != nil {
		return err
	}
	if mode != "wal" {
		return fmt.Errorf("journal mode is %q instead of wal", mode)
	}
	// The first read of the schema finds a file that is not a database, and an attempt to
	// write finds one that is read-only.
	if _, err := p.write.ExecContext(ctx, "PRAGMA application_id = 1130459756"); err != nil { // "Carl"
		return err
	}
	var tables int
	return p.read.QueryRowContext(ctx, "SELECT COUNT(*) FROM sqlite_schema").Scan(&tables)
}

// createPrivate makes an empty file that only its owner may read; SQLite gives the files
// beside it the same mode. A file that exists is not even opened: to close it again would
// end the locks that SQLite has on it elsewhere in this process.
func createPrivate(path string) error {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_RDWR, 0o600)
	if errors.Is(err, fs.ErrExist) {
		return nil
	}
	if err != nil {
		return err
	}
	return f.Close()
}
