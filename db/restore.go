package db

import (
	"archive/tar"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"carillon/internal/apperr"
)

// maxManifest bounds the manifest of a backup, in bytes.
const maxManifest = 64 << 10

// RestoreOptions say what a restore may do.
type RestoreOptions struct {
	// URL is the database that the program would use: a restore is for SQLite only.
	URL string
	// Force replaces data that the folder holds.
	Force bool
}

// Restore puts the content of a backup into a data folder. The folder must not be in use
// ("locked") and must hold no data unless forced ("not_empty"). The backup is unpacked
// and checked beside the data before anything is replaced; a file that is not a sound
// backup is an apperr Invalid "bad_backup", one of a newer program "schema_newer".
func Restore(ctx context.Context, file, dir string, o RestoreOptions) (Manifest, error) {
	if o.URL != "" {
		return Manifest{}, usePgDump()
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return Manifest{}, folderError(dir, err)
	}
	if err := refuseRemote(dir); err != nil {
		return Manifest{}, err
	}
	lock, err := lockFolder(ctx, dir)
	if err != nil {
		return Manifest{}, err
	}
	defer lock.release() //nolint:errcheck // the kernel does it at the end
	if holdsData(dir) && !o.Force {
		return Manifest{}, apperr.Newf(apperr.Conflict, "not_empty", "error.db.not_empty", map[string]any{"dir": dir})
	}
	unpacked, err := os.MkdirTemp(dir, ".restore-*")
	if err != nil {
		return Manifest{}, folderError(dir, err)
	}
	defer os.RemoveAll(unpacked) //nolint:errcheck // a left-over says so by its name
	m, err := unpackBackup(file, unpacked)
	if err != nil {
		return m, badBackup(file, err)
	}
	if err := checkBackup(ctx, m, file, unpacked); err != nil {
		return m, err
	}
	return m, replaceFiles(unpacked, dir)
}

// holdsData reports whether the folder has a database already.
func holdsData(dir string) bool {
	for _, name := range []string{mainFile, outputFile} {
		if _, err := os.Lstat(filepath.Join(dir, name)); !errors.Is(err, fs.ErrNotExist) {
			return true
		}
	}
	return false
}

func badBackup(file string, err error) error {
	return &apperr.Error{Kind: apperr.Invalid, Code: "bad_backup", Op: "restore", Msg: "error.db.bad_backup",
		Args: map[string]any{"file": file}, Err: err}
}

// unpackBackup takes exactly the three entries of a backup, in their order, to dir.
func unpackBackup(file, dir string) (Manifest, error) {
	var m Manifest
	f, err := os.Open(file)
	if err != nil {
		return m, err
	}
	defer f.Close() //nolint:errcheck // it was only read
	r := tar.NewReader(f)
	if err := nextEntry(r, manifestFile); err != nil {
		return m, err
	}
	raw, err := io.ReadAll(io.LimitReader(r, maxManifest))
	if err != nil {
		return m, err
	}
	if err := json.Unmarshal(raw, &m); err != nil {
		return m, fmt.Errorf("read manifest: %w", err)
	}
	for _, name := range []string{mainFile, outputFile} {
		if err := nextEntry(r, name); err != nil {
			return m, err
		}
		if err := unpackFile(filepath.Join(dir, name), r); err != nil {
			return m, err
		}
	}
	return m, nil
}

// nextEntry steps to the next entry, which must have the given name.
func nextEntry(r *tar.Reader, name string) error {
	h, err := r.Next()
	if err != nil {
		return fmt.Errorf("look for %s: %w", name, err)
	}
	if h.Name != name || h.Typeflag != tar.TypeReg {
		return fmt.Errorf("found %q instead of %s", h.Name, name)
	}
	return nil
}

func unpackFile(path string, r io.Reader) error {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	_, err = io.Copy(f, r)
	return errors.Join(err, f.Sync(), f.Close())
}

// checkBackup refuses what this program could not use.
func checkBackup(ctx context.Context, m Manifest, file, dir string) error {
	if m.Format != backupFormat {
		return badBackup(file, fmt.Errorf("format %d", m.Format))
	}
	schema, err := schemaVersion(mainSet)
	if err != nil {
		return err
	}
	output, err := schemaVersion(outputSet)
	if err != nil {
		return err
	}
	if m.Schema > schema || m.Output > output {
		return apperr.Newf(apperr.Invalid, "schema_newer", "error.db.schema_newer",
			map[string]any{"database": max(m.Schema, m.Output), "program": max(schema, output)})
	}
	for _, name := range []string{mainFile, outputFile} {
		if err := verifyDatabase(ctx, filepath.Join(dir, name)); err != nil {
			return badBackup(file, err)
		}
	}
	return nil
}

// replaceFiles moves the files into the folder. A log of the old data must not be left:
// SQLite would play it into the new.
func replaceFiles(from, dir string) error {
	for _, name := range []string{mainFile, outputFile} {
		for _, suffix := range []string{"-wal", "-shm", "-journal"} {
			if err := os.Remove(filepath.Join(dir, name+suffix)); err != nil && !errors.Is(err, fs.ErrNotExist) {
				return folderError(dir, err)
			}
		}
		if err := os.Rename(filepath.Join(from, name), filepath.Join(dir, name)); err != nil {
			return folderError(dir, err)
		}
	}
	return syncDir(dir)
}
