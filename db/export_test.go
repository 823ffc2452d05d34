package db

import (
	"context"
	"database/sql"
)

// Exec sends a statement past everything that guards the tables.
func (s *Store) Exec(ctx context.Context, text string) error {
	_, err := s.main.write.ExecContext(ctx, text)
	return err
}

// MigrateTo makes the main tables as they were at a version.
func MigrateTo(ctx context.Context, pool *sql.DB, sqlite bool, version int64) error {
	p, err := provider(ctx, pool, mainSet, sqlite)
	if err != nil {
		return err
	}
	_, err = p.UpTo(ctx, version)
	return err
}
