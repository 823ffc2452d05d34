package db

import (
	"context"
	"database/sql"
	"strings"

	"carillon/db/sqlgen"
)

// sqliteText takes out of a query what SQLite does not know and does not need: row
// locks (its only writer has the whole database) and the byte collation (its default).
func sqliteText(query string) string {
	query = strings.ReplaceAll(query, " FOR UPDATE SKIP LOCKED", "")
	query = strings.ReplaceAll(query, " FOR UPDATE", "")
	return strings.ReplaceAll(query, ` COLLATE "C"`, "")
}

// sqliteDB prepares the generated queries on SQLite.
type sqliteDB struct{ *sql.DB }

// PrepareContext prepares the SQLite form of query.
func (d sqliteDB) PrepareContext(ctx context.Context, query string) (*sql.Stmt, error) {
	return d.DB.PrepareContext(ctx, sqliteText(query))
}

// newQueries returns the generated queries over a pool. On SQLite they are prepared
// once: compiling a statement there costs more than running it. pgx keeps its own
// prepared statements for each connection.
func newQueries(ctx context.Context, pool *sql.DB, sqlite bool) (*sqlgen.Queries, error) {
	if !sqlite {
		return sqlgen.New(pool), nil
	}
	return sqlgen.Prepare(ctx, sqliteDB{pool})
}
