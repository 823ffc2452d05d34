package db_test

import (
	"context"
	"database/sql"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"

	"carillon/db"
	"carillon/db/dbtest"
	"carillon/internal/access"
	"carillon/internal/apperr"
)

// childEnv makes the test binary open a data folder in place of running tests.
const childEnv = "CARILLON_DB_TEST_CHILD"

// TestChild is what a child process runs: it opens the folder, reports how that went,
// and holds it until its input ends.
func TestChild(t *testing.T) {
	dir := os.Getenv(childEnv)
	if dir == "" {
		t.Skip("only in a child process")
	}
	s, err := db.Open(t.Context(), db.Options{Dir: dir})
	if err != nil {
		io.WriteString(os.Stdout, "code="+apperr.CodeOf(err)+"\n")
		return
	}
	io.WriteString(os.Stdout, "open\n")
	io.Copy(io.Discard, os.Stdin) // until the parent ends it
	noError(t, s.Close())
}

// child starts the test binary on a folder and returns the first line that it prints.
func child(t *testing.T, dir string, prepare ...func(*exec.Cmd)) (line string, process *exec.Cmd) {
	t.Helper()
	cmd := exec.Command(os.Args[0], "-test.run=^TestChild$", "-test.v")
	cmd.Env = append(os.Environ(), childEnv+"="+dir)
	cmd.Dir = "/"
	for _, p := range prepare {
		p(cmd)
	}
	stdin, err := cmd.StdinPipe()
	noError(t, err)
	stdout, err := cmd.StdoutPipe()
	noError(t, err)
	noError(t, cmd.Start())
	t.Cleanup(func() {
		_ = stdin.Close()
		_ = cmd.Wait() // its end is what counts
	})
	var text strings.Builder
	for buf := make([]byte, 1); ; {
		if _, err := stdout.Read(buf); err != nil {
			t.Fatalf("child: %q: %v", text.String(), err)
		}
		text.Write(buf)
		if got := text.String(); strings.HasSuffix(got, "open\n") || strings.Contains(got, "code=") && strings.HasSuffix(got, "\n") {
			lines := strings.Split(strings.TrimSpace(got), "\n")
			return lines[len(lines)-1], cmd
		}
	}
}

func TestSecondProcessIsRefused(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	line, process := child(t, dir)
	wantEqual(t, line, "open")
	_, err := db.Open(t.Context(), db.Options{Dir: dir})
	wantError(t, err, apperr.Unavailable, "locked")
	_, err = db.Restore(t.Context(), "none", dir, db.RestoreOptions{Force: true})
	wantError(t, err, apperr.Unavailable, "locked")

	// A command works beside it.
	shared := dbtest.Open(t, db.Options{Dir: dir, Shared: true})
	dbtest.AddUser(t, shared, "alice", access.Admin)

	// The lock ends with the process, however it ends.
	noError(t, process.Process.Kill())
	s := dbtest.Open(t, db.Options{Dir: dir})
	_, err = s.UserByName(t.Context(), "alice")
	noError(t, err)
}

func TestSharedBeforeTheFirstStart(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "new", "data")
	var wg sync.WaitGroup
	for _, name := range []string{"alice", "bob", "carol"} {
		wg.Go(func() {
			s, err := db.Open(t.Context(), db.Options{Dir: dir, Shared: true})
			if err != nil {
				t.Error(err)
				return
			}
			err = s.InsertUser(t.Context(), access.User{ID: name, Name: name, Role: access.Viewer})
			if err = errors.Join(err, s.Close()); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	s := dbtest.Open(t, db.Options{Dir: dir})
	users, err := s.Users(t.Context())
	noError(t, err)
	wantEqual(t, len(users), 3)
	info, err := os.Stat(dir)
	noError(t, err)
	wantEqual(t, info.Mode().Perm(), os.FileMode(0o700))
	for _, name := range []string{"carillon.db", "carillon.db-wal", "output.db", "carillon.lock"} {
		info, err := os.Stat(filepath.Join(dir, name))
		noError(t, err)
		wantEqual(t, info.Mode().Perm(), os.FileMode(0o600))
	}
}

func TestDataSurvivesReopening(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "odd ?#%&;_pragma=x name")
	open := func() *db.Store {
		s, err := db.Open(t.Context(), db.Options{Dir: dir})
		noError(t, err)
		return s
	}
	s := open()
	want := dbtest.AddJob(t, s)
	noError(t, s.Close())
	s = open()
	got, err := s.Job(t.Context(), want.ID)
	noError(t, err)
	wantEqual(t, got, want)
	wantEqual(t, s.IsSQLite(), true)
	noError(t, s.Ping(t.Context()))
	noError(t, s.Close())
	wantError(t, s.Ping(t.Context()), apperr.Internal, "failed")
}

// sqliteExec changes a file behind the program's back.
func sqliteExec(t *testing.T, path, text string) {
	t.Helper()
	pool, err := sql.Open("sqlite", path)
	noError(t, err)
	_, err = pool.ExecContext(t.Context(), text)
	noError(t, errors.Join(err, pool.Close()))
}

func TestNewerSchemaIsRefused(t *testing.T) {
	t.Parallel()
	for _, set := range []string{"main", "output"} {
		t.Run(set, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			s, err := db.Open(t.Context(), db.Options{Dir: dir})
			noError(t, err)
			noError(t, s.Close())
			file := map[string]string{"main": "carillon.db", "output": "output.db"}[set]
			sqliteExec(t, filepath.Join(dir, file), "INSERT INTO schema_version_"+set+" (version_id, is_applied) VALUES (9000, TRUE)")
			_, err = db.Open(t.Context(), db.Options{Dir: dir})
			wantError(t, err, apperr.Invalid, "schema_newer")
			_, err = db.Open(t.Context(), db.Options{Dir: dir, Shared: true})
			wantError(t, err, apperr.Invalid, "schema_newer")
		})
	}
}

func TestNewerSchemaOfPostgresIsRefused(t *testing.T) {
	t.Parallel()
	url := dbtest.PostgresURL(t)
	s, err := db.Open(t.Context(), db.Options{URL: url})
	noError(t, err)
	noError(t, s.Close())
	pool, err := sql.Open("pgx", url)
	noError(t, err)
	_, err = pool.ExecContext(t.Context(), "INSERT INTO schema_version_main (version_id, is_applied) VALUES (9000, TRUE)")
	noError(t, errors.Join(err, pool.Close()))
	_, err = db.Open(t.Context(), db.Options{URL: url})
	wantError(t, err, apperr.Invalid, "schema_newer")
}

func TestOlderServerIsNotMigratedUnderneath(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	line, _ := child(t, dir)
	wantEqual(t, line, "open")
	// As if the server knew one migration less than this program.
	sqliteExec(t, filepath.Join(dir, "output.db"), "DELETE FROM schema_version_output WHERE version_id > 0")
	_, err := db.Open(t.Context(), db.Options{Dir: dir, Shared: true})
	wantError(t, err, apperr.Unavailable, "schema_older")
}

func TestDamagedFiles(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	noError(t, os.WriteFile(filepath.Join(dir, "carillon.db"), []byte(strings.Repeat("this is not a database. ", 500)), 0o600))
	_, err := db.Open(t.Context(), db.Options{Dir: dir})
	wantError(t, err, apperr.Internal, "corrupt")
	var known *apperr.Error
	if !errors.As(err, &known) || known.Msg != "error.db.corrupt_file" || known.Args["file"] != filepath.Join(dir, "carillon.db") {
		t.Errorf("error = %#v", known)
	}
}

func TestFolderThatIsAFile(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "file")
	noError(t, os.WriteFile(dir, nil, 0o600))
	_, err := db.Open(t.Context(), db.Options{Dir: dir})
	wantError(t, err, apperr.Unavailable, "folder")
}

// asNobody makes a child an ordinary user, whom permissions bind.
func asNobody(cmd *exec.Cmd) {
	if os.Getuid() == 0 {
		cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: 65534, Gid: 65534}}
	}
}

func TestReadOnly(t *testing.T) {
	t.Parallel()
	base, err := os.MkdirTemp("/tmp", "carillon-db-test-*") //nolint:usetesting // the folders of t.TempDir are root's alone
	noError(t, err)
	t.Cleanup(func() {
		if err := os.RemoveAll(base); err != nil {
			t.Error(err)
		}
	})
	noError(t, os.Chmod(base, 0o755))
	binary := filepath.Join(base, "child")
	raw, err := os.ReadFile(os.Args[0])
	noError(t, err)
	noError(t, os.WriteFile(binary, raw, 0o755))
	asChild := func(cmd *exec.Cmd) { cmd.Path, cmd.Args[0] = binary, binary }

	sealed := filepath.Join(base, "sealed")
	noError(t, os.Mkdir(sealed, 0o555))
	line, _ := child(t, sealed, asNobody, asChild)
	wantEqual(t, line, "code=folder")

	files := filepath.Join(base, "files")
	s, err := db.Open(t.Context(), db.Options{Dir: files})
	noError(t, err)
	noError(t, s.Close())
	noError(t, os.Chmod(files, 0o777))
	noError(t, os.Chmod(filepath.Join(files, "carillon.lock"), 0o666))
	noError(t, os.Chmod(filepath.Join(files, "carillon.db"), 0o444))
	line, _ = child(t, files, asNobody, asChild)
	wantEqual(t, line, "code=read_only")
}

func TestPostgresThatIsNotThere(t *testing.T) {
	t.Parallel()
	_, err := db.Open(t.Context(), db.Options{URL: "postgres://nobody:secret@127.0.0.1:1/none?sslmode=disable"})
	wantError(t, err, apperr.Unavailable, "unreachable")
	if strings.Contains(err.Error(), "secret") {
		t.Errorf("the error tells the password: %v", err)
	}
	_, err = db.Open(t.Context(), db.Options{URL: "postgres://nobody:secret@[::1/none"})
	wantError(t, err, apperr.Invalid, "bad_url")
	if strings.Contains(err.Error(), "secret") {
		t.Errorf("the error tells the password: %v", err)
	}
}

func TestManyNodesStartAtOnce(t *testing.T) {
	t.Parallel()
	url := dbtest.PostgresURL(t)
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			s, err := db.Open(context.WithoutCancel(t.Context()), db.Options{URL: url})
			if err != nil {
				t.Error(err)
				return
			}
			if err := s.Close(); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
}
