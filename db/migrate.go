package db

import (
	"context"
	"database/sql"
	"embed"
	"fmt"
	"io/fs"
	"path"

	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/lock"

	"carillon/internal/apperr"
)

// migrationFiles holds one folder for each set of tables. Files are only ever added:
// there is no way back but a backup.
//
//go:embed migrations
var migrationFiles embed.FS

// The sets of migrations, with the names of their version tables. The names differ
// because on PostgreSQL both sets lie in one database.
const (
	mainSet   = "main"
	outputSet = "output"
)

// provider returns goose for one set. The files are plain SQL, run whole in one
// transaction each, in the form of the database's dialect.
func provider(ctx context.Context, pool *sql.DB, set string, sqlite bool) (*goose.Provider, error) {
	dir := path.Join("migrations", set)
	files, err := fs.ReadDir(migrationFiles, dir)
	if err != nil {
		return nil, fmt.Errorf("list migrations: %w", err)
	}
	var migrations []*goose.Migration
	for _, f := range files {
		version, err := goose.NumericComponent(f.Name())
		if err != nil {
			return nil, fmt.Errorf("migration %s: %w", f.Name(), err)
		}
		text, err := fs.ReadFile(migrationFiles, path.Join(dir, f.Name()))
		if err != nil {
			return nil, fmt.Errorf("migration %s: %w", f.Name(), err)
		}
		migrations = append(migrations, goose.NewGoMigration(version, upFunc(string(text), filling(set, version), sqlite), nil))
	}
	opts := []goose.ProviderOption{
		goose.WithTableName("schema_version_" + set),
		goose.WithDisableGlobalRegistry(true),
		goose.WithGoMigrations(migrations...),
	}
	dialect := goose.DialectSQLite3
	if !sqlite {
		dialect = goose.DialectPostgres
		locker, err := schemaLocker(ctx, pool)
		if err != nil {
			return nil, err
		}
		opts = append(opts, goose.WithSessionLocker(locker))
	}
	return goose.NewProvider(dialect, pool, nil, opts...)
}

// filler completes a migration, in the same transaction, by what SQL cannot compute.
type filler func(ctx context.Context, tx *sql.Tx, sqlite bool) error

// filling returns what completes a migration; nil for those that are SQL alone.
func filling(set string, version int64) filler {
	if set == mainSet && version == 2 {
		return chainAudit
	}
	return nil
}

func upFunc(text string, fill filler, sqlite bool) *goose.GoFunc {
	if sqlite {
		text = sqliteText(text)
	}
	return &goose.GoFunc{RunTx: func(ctx context.Context, tx *sql.Tx) error {
		if _, err := tx.ExecContext(ctx, text); err != nil || fill == nil {
			return err
		}
		return fill(ctx, tx, sqlite)
	}}
}

// schemaLocker lets several nodes start at once: the first migrates, the others wait.
func schemaLocker(ctx context.Context, pool *sql.DB) (lock.SessionLocker, error) {
	id, err := schemaLockID(ctx, pool)
	if err != nil {
		return nil, mapped("lock schema", err)
	}
	return lock.NewPostgresSessionLocker(lock.WithLockID(id), lock.WithLockTimeout(1, 300))
}

// pending compares a database with the program: whether migrations are missing, or an
// error with code "schema_newer" if the database knows more of them than the program.
func pending(ctx context.Context, p *goose.Provider) (bool, error) {
	current, target, err := p.GetVersions(ctx)
	if err != nil {
		return false, mapped("read schema version", err)
	}
	if current > target {
		return false, apperr.Newf(apperr.Invalid, "schema_newer", "error.db.schema_newer",
			map[string]any{"database": current, "program": target})
	}
	return current < target, nil
}

// migrate brings one set of tables up to date. before is called first, and only if
// there is something to do; what it returns is called afterwards.
func migrate(ctx context.Context, pool *sql.DB, set string, sqlite bool, before func() (func(), error)) error {
	p, err := provider(ctx, pool, set, sqlite)
	if err != nil {
		return mapped("migrate "+set, err)
	}
	todo, err := pending(ctx, p)
	if err != nil || !todo {
		return err
	}
	after, err := before()
	if err != nil {
		return err
	}
	defer after()
	if _, err := p.Up(ctx); err != nil {
		return mapped("migrate "+set, err)
	}
	return nil
}

// schemaVersion returns the newest migration of a set that the program knows.
func schemaVersion(set string) (int64, error) {
	files, err := fs.ReadDir(migrationFiles, path.Join("migrations", set))
	if err != nil {
		return 0, fmt.Errorf("list migrations: %w", err)
	}
	return goose.NumericComponent(files[len(files)-1].Name())
}
