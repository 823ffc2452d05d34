package db_test

import (
	"archive/tar"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"carillon/db"
	"carillon/db/dbtest"
	"carillon/internal/apperr"
	"carillon/internal/job"
)

func TestBackupAndRestore(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	s := dbtest.Open(t, db.Options{Dir: t.TempDir(), Now: dbtest.T0})
	j := dbtest.AddJob(t, s)
	r := dbtest.AddRun(t, s, j, job.RunSucceeded)
	out := chunks(r.ID, 1, 3, 10)
	noError(t, s.AppendChunks(ctx, out))

	file := filepath.Join(t.TempDir(), "backup.tar")
	noError(t, os.WriteFile(file, []byte("an older backup"), 0o644))
	busy, stop := context.WithCancel(ctx)
	var wg sync.WaitGroup
	wg.Go(func() { // the program goes on meanwhile
		for busy.Err() == nil {
			dbtest.AddRun(t, s, j, job.RunQueued)
		}
	})
	noError(t, s.Backup(ctx, file, "v1"))
	stop()
	wg.Wait()
	info, err := os.Stat(file)
	noError(t, err)
	wantEqual(t, info.Mode().Perm(), os.FileMode(0o600))
	left, err := filepath.Glob(filepath.Join(filepath.Dir(file), "*"))
	noError(t, err)
	hidden, err := filepath.Glob(filepath.Join(filepath.Dir(file), ".*"))
	noError(t, err)
	wantEqual(t, append(left, hidden...), []string{file})
	after := dbtest.AddJob(t, s)

	dir := filepath.Join(t.TempDir(), "restored")
	m, err := db.Restore(ctx, file, dir, db.RestoreOptions{})
	noError(t, err)
	wantEqual(t, m, db.Manifest{Format: 1, Program: "v1", At: dbtest.T0(), Schema: 3, Output: 1})
	other := dbtest.Open(t, db.Options{Dir: dir})
	got, err := other.Job(ctx, j.ID)
	noError(t, err)
	wantEqual(t, got, j)
	run, err := other.Run(ctx, r.ID)
	noError(t, err)
	wantEqual(t, run, r)
	read, err := other.Chunks(ctx, r.ID, 0, 1<<20)
	noError(t, err)
	wantEqual(t, read, out)
	_, err = other.Job(ctx, after.ID)
	wantError(t, err, apperr.NotFound, "not_found")
	noError(t, other.QuickCheck(ctx))
}

func TestRestoreOverData(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	s := dbtest.New(t)
	j := dbtest.AddJob(t, s)
	file := filepath.Join(t.TempDir(), "backup.tar")
	noError(t, s.Backup(ctx, file, "v1"))

	dir := t.TempDir()
	old, err := db.Open(ctx, db.Options{Dir: dir})
	noError(t, err)
	gone := dbtest.AddJob(t, old)
	noError(t, old.Close())
	// The log of a process that was killed, which must not come back to life.
	noError(t, os.WriteFile(filepath.Join(dir, "carillon.db-wal"), bytes.Repeat([]byte{7}, 5000), 0o600))

	_, err = db.Restore(ctx, file, dir, db.RestoreOptions{})
	wantError(t, err, apperr.Conflict, "not_empty")
	_, err = db.Restore(ctx, file, dir, db.RestoreOptions{Force: true})
	noError(t, err)
	restored := dbtest.Open(t, db.Options{Dir: dir})
	_, err = restored.Job(ctx, j.ID)
	noError(t, err)
	_, err = restored.Job(ctx, gone.ID)
	wantError(t, err, apperr.NotFound, "not_found")
	_, err = db.Restore(ctx, file, dir, db.RestoreOptions{Force: true})
	wantError(t, err, apperr.Unavailable, "locked")
}

// repack changes a backup on its way to another file.
func repack(t *testing.T, from string, change func(name string, data []byte) (string, []byte)) string {
	t.Helper()
	raw, err := os.ReadFile(from)
	noError(t, err)
	var out bytes.Buffer
	r, w := tar.NewReader(bytes.NewReader(raw)), tar.NewWriter(&out)
	for {
		h, err := r.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		noError(t, err)
		data, err := io.ReadAll(r)
		noError(t, err)
		name, data := change(h.Name, data)
		noError(t, w.WriteHeader(&tar.Header{Name: name, Mode: 0o600, Size: int64(len(data))}))
		_, err = w.Write(data)
		noError(t, err)
	}
	noError(t, w.Close())
	to := filepath.Join(t.TempDir(), "changed.tar")
	noError(t, os.WriteFile(to, out.Bytes(), 0o600))
	return to
}

func TestBadBackupsChangeNothing(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	s := dbtest.New(t)
	good := filepath.Join(t.TempDir(), "good.tar")
	noError(t, s.Backup(ctx, good, "v1"))
	manifest := func(change func(m *db.Manifest)) string {
		return repack(t, good, func(name string, data []byte) (string, []byte) {
			if name == "manifest.json" {
				var m db.Manifest
				noError(t, json.Unmarshal(data, &m))
				change(&m)
				data, _ = json.Marshal(m)
			}
			return name, data
		})
	}
	cases := map[string]struct{ file, code string }{
		"missing":   {filepath.Join(t.TempDir(), "none"), "bad_backup"},
		"format":    {manifest(func(m *db.Manifest) { m.Format = 2 }), "bad_backup"},
		"newer":     {manifest(func(m *db.Manifest) { m.Schema = 99 }), "schema_newer"},
		"newer out": {manifest(func(m *db.Manifest) { m.Output = 99 }), "schema_newer"},
		"outside": {repack(t, good, func(name string, data []byte) (string, []byte) {
			return "../" + name, data
		}), "bad_backup"},
		"damaged": {repack(t, good, func(name string, data []byte) (string, []byte) {
			if name == "output.db" {
				copy(data[len(data)/2:], bytes.Repeat([]byte{0x5a}, 3000))
			}
			return name, data
		}), "bad_backup"},
		"cut": {repack(t, good, func(name string, data []byte) (string, []byte) {
			if name == "carillon.db" {
				data = data[:len(data)/2]
			}
			return name, data
		}), "bad_backup"},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			_, err := db.Restore(ctx, tc.file, dir, db.RestoreOptions{})
			wantError(t, err, apperr.Invalid, tc.code)
			entries, err := os.ReadDir(dir)
			noError(t, err)
			for _, e := range entries {
				if e.Name() != "carillon.lock" {
					t.Errorf("left behind: %s", e.Name())
				}
			}
		})
	}
}

func TestBackupOfPostgresIsLeftToItsTools(t *testing.T) {
	t.Parallel()
	s := dbtest.NewPostgres(t)
	wantError(t, s.Backup(t.Context(), filepath.Join(t.TempDir(), "x"), "v1"), apperr.Invalid, "use_pg_dump")
	_, err := db.Restore(t.Context(), "x", t.TempDir(), db.RestoreOptions{URL: "postgres://x"})
	wantError(t, err, apperr.Invalid, "use_pg_dump")
}

func TestBackupToNowhere(t *testing.T) {
	t.Parallel()
	s := dbtest.New(t)
	wantError(t, s.Backup(t.Context(), filepath.Join(t.TempDir(), "no", "such", "folder"), "v1"), apperr.Unavailable, "backup_file")
}

func TestMaintenance(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, s *db.Store) {
		ctx := t.Context()
		r := dbtest.AddRun(t, s, dbtest.AddJob(t, s), job.RunSucceeded)
		for i := range int64(20) {
			noError(t, s.AppendChunks(ctx, chunks(r.ID, 1+i*50, 50+i*50, 1000)))
		}
		noError(t, s.Checkpoint(ctx))
		full, err := s.Size(ctx)
		noError(t, err)
		if full.Output <= 0 || full.Main <= 0 || s.IsSQLite() && full.Output < 3_000_000 { // PostgreSQL packs it
			t.Errorf("size = %+v", full)
		}
		n, err := s.PurgeRuns(ctx, dbtest.T0().Add(time.Hour), time.Time{}, 10)
		noError(t, err)
		wantEqual(t, n, 1)
		noError(t, s.Vacuum(ctx))
		noError(t, s.Checkpoint(ctx))
		noError(t, s.QuickCheck(ctx))
		if after, err := s.Size(ctx); err != nil || s.IsSQLite() && after.Output > full.Output/2 {
			t.Errorf("size after the purge = %+v, before %+v (%v)", after, full, err)
		}
	})
}
