package db

import (
	"archive/tar"
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"io"
	"net/url"
	"os"
	"path/filepath"
	"time"

	"carillon/internal/apperr"
)

// manifestFile is the first entry of a backup.
const manifestFile = "manifest.json"

// Manifest describes a backup.
type Manifest struct {
	Format  int       `json:"format"`  // of the backup file, now 1
	Program string    `json:"program"` // version that wrote it
	At      time.Time `json:"at"`
	Schema  int64     `json:"schema"`        // newest migration of the main tables
	Output  int64     `json:"output_schema"` // newest migration of the output table
}

// backupFormat is the format that this program writes and reads.
const backupFormat = 1

// Backup writes consistent copies of both files into one file at path, replacing it. The
// copies are checked before; path appears only when all is written. It works while the
// program runs. program is the version to note in the backup.
//
// PostgreSQL has its own tools: there it is an apperr Invalid "use_pg_dump".
func (s *Store) Backup(ctx context.Context, path, program string) error {
	if !s.sqlite {
		return usePgDump()
	}
	dir, err := os.MkdirTemp(filepath.Dir(path), ".carillon-backup-*")
	if err != nil {
		return backupError(path, err)
	}
	defer os.RemoveAll(dir) //nolint:errcheck // a left-over says so by its name
	// The main file first: output may then belong to no run, which does no harm.
	for _, name := range []string{mainFile, outputFile} {
		if err := copyDatabase(ctx, filepath.Join(s.dir, name), filepath.Join(dir, name)); err != nil {
			return fmt.Errorf("back up: %w", err)
		}
	}
	manifest, err := s.manifest(program)
	if err != nil {
		return fmt.Errorf("back up: %w", err)
	}
	packed := filepath.Join(dir, "backup.tar")
	if err := packBackup(packed, dir, manifest); err != nil {
		return backupError(path, err)
	}
	if err := os.Rename(packed, path); err != nil {
		return backupError(path, err)
	}
	return syncDir(filepath.Dir(path))
}

func usePgDump() error { return apperr.New(apperr.Invalid, "use_pg_dump", "error.db.use_pg_dump") }

// backupError words an error of the file system about the backup.
func backupError(path string, err error) error {
	return &apperr.Error{Kind: apperr.Unavailable, Code: "backup_file", Op: "back up",
		Msg: "error.db.backup_file", Args: map[string]any{"file": path}, Err: err}
}

func (s *Store) manifest(program string) (Manifest, error) {
	m := Manifest{Format: backupFormat, Program: program}
	if s.now != nil {
		m.At = s.now().UTC()
	}
	var err error
	if m.Schema, err = schemaVersion(mainSet); err != nil {
		return m, err
	}
	m.Output, err = schemaVersion(outputSet)
	return m, err
}

// copyDatabase writes a compact copy of a file of SQLite that may be in use, and checks it.
func copyDatabase(ctx context.Context, from, to string) error {
	// A connection of its own: the copy takes long, and the readers may not write a file.
	source, err := openSingle(from)
	if err != nil {
		return err
	}
	defer source.Close() //nolint:errcheck // it was only read
	if err := createPrivate(to); err != nil {
		return backupError(to, err)
	}
	if _, err := source.ExecContext(ctx, "VACUUM INTO ?", to); err != nil {
		return fileError(from, err)
	}
	return verifyDatabase(ctx, to)
}

// verifyDatabase reads a whole copy and reports damage.
func verifyDatabase(ctx context.Context, path string) error {
	pool, err := openSingle(path)
	if err != nil {
		return err
	}
	defer pool.Close() //nolint:errcheck // it was only read
	return checkFile(ctx, pool, path, "integrity_check")
}

// openSingle opens a file of SQLite for one connection, as it is.
func openSingle(path string) (*sql.DB, error) {
	pool, err := sql.Open("sqlite", sqliteURL(path, url.Values{"_busy_timeout": {"5000"}, "_defensive": {"1"}}))
	if err != nil {
		return nil, fileError(path, err)
	}
	pool.SetMaxOpenConns(1)
	return pool, nil
}

// packBackup writes the tar file and makes sure that it is on disk.
func packBackup(path, dir string, m Manifest) (err error) {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	defer func() {
		if e := f.Close(); err == nil {
			err = e
		}
	}()
	w := tar.NewWriter(f)
	raw, err := json.MarshalIndent(m, "", "  ")
	if err != nil {
		return err
	}
	if err := w.WriteHeader(&tar.Header{Name: manifestFile, Mode: 0o600, Size: int64(len(raw)), ModTime: m.At}); err != nil {
		return err
	}
	if _, err := w.Write(raw); err != nil {
		return err
	}
	for _, name := range []string{mainFile, outputFile} {
		if err := packFile(w, filepath.Join(dir, name), name, m.At); err != nil {
			return err
		}
	}
	if err := w.Close(); err != nil {
		return err
	}
	return f.Sync()
}

func packFile(w *tar.Writer, path, name string, at time.Time) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close() //nolint:errcheck // it was only read
	info, err := f.Stat()
	if err != nil {
		return err
	}
	if err := w.WriteHeader(&tar.Header{Name: name, Mode: 0o600, Size: info.Size(), ModTime: at}); err != nil {
		return err
	}
	_, err = io.Copy(w, f)
	return err
}

// syncDir makes a rename in a folder last through a power cut.
func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return folderError(dir, err)
	}
	defer d.Close() //nolint:errcheck // it was only synced
	if err := d.Sync(); err != nil {
		return folderError(dir, err)
	}
	return nil
}
