// Package dbtest gives tests real databases, and jobs and runs in any state.
package dbtest

import (
	"context"
	"database/sql"
	"fmt"
	"net/url"
	"os"
	"strings"
	"testing"
	"time"

	_ "github.com/jackc/pgx/v5/stdlib" // the driver "pgx"

	"carillon/db"
	"carillon/internal/ident"
)

// PostgresEnv names the variable that holds the address of a PostgreSQL database for
// tests. The tests make a schema each in it, and remove it afterwards.
const PostgresEnv = "CARILLON_TEST_POSTGRES"

// New returns a fresh, migrated SQLite database, which ends with the test.
func New(t testing.TB) *db.Store {
	t.Helper()
	return Open(t, db.Options{Dir: t.TempDir()})
}

// NewPostgres returns a fresh, migrated schema of the PostgreSQL database that
// [PostgresEnv] names, or skips the test.
func NewPostgres(t testing.TB) *db.Store {
	t.Helper()
	return Open(t, db.Options{Dir: t.TempDir(), URL: PostgresURL(t)})
}

// Open opens a database that ends with the test.
func Open(t testing.TB, o db.Options) *db.Store {
	t.Helper()
	s, err := db.Open(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

// Each runs fn on SQLite and, if [PostgresEnv] is set, on PostgreSQL.
func Each(t *testing.T, fn func(t *testing.T, s *db.Store)) {
	t.Helper()
	t.Run("sqlite", func(t *testing.T) {
		t.Parallel()
		fn(t, New(t))
	})
	t.Run("postgres", func(t *testing.T) {
		t.Parallel()
		fn(t, NewPostgres(t))
	})
}

// PostgresURL makes an empty schema and returns an address that leads to it. It skips the
// test if [PostgresEnv] is not set.
func PostgresURL(t testing.TB) string {
	t.Helper()
	base := os.Getenv(PostgresEnv)
	if base == "" {
		t.Skip(PostgresEnv + " is not set")
	}
	pool, err := sql.Open("pgx", base)
	if err != nil {
		t.Fatal(err)
	}
	schema := "carillon_" + strings.ReplaceAll(ident.New(), "-", "")
	execute(t, pool, "CREATE SCHEMA "+schema)
	t.Cleanup(func() {
		execute(t, pool, "DROP SCHEMA "+schema+" CASCADE")
		if err := pool.Close(); err != nil {
			t.Error(err)
		}
	})
	u, err := url.Parse(base)
	if err != nil {
		t.Fatal(err)
	}
	q := u.Query()
	q.Set("search_path", schema)
	u.RawQuery = q.Encode()
	return u.String()
}

func execute(t testing.TB, pool *sql.DB, text string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.WithoutCancel(t.Context()), time.Minute) // also in a clean-up
	defer cancel()
	if _, err := pool.ExecContext(ctx, text); err != nil {
		t.Error(fmt.Errorf("%s: %w", text, err))
	}
}
