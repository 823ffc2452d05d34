package db

import (
	"context"
	"database/sql"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"

	"carillon/internal/apperr"
)

// maxPostgresConns bounds the connections of one process.
const maxPostgresConns = 16

// openPostgres connects to a server.
func openPostgres(ctx context.Context, dsn string) (pools, error) {
	cfg, err := pgx.ParseConfig(dsn)
	if err != nil {
		return pools{}, apperr.Wrap(err, apperr.Invalid, "bad_url", "error.db.bad_url")
	}
	if cfg.RuntimeParams["application_name"] == "" {
		cfg.RuntimeParams["application_name"] = "carillon"
	}
	if cfg.ConnectTimeout == 0 {
		cfg.ConnectTimeout = 5 * time.Second
	}
	pool := stdlib.OpenDB(*cfg)
	pool.SetMaxOpenConns(maxPostgresConns)
	pool.SetMaxIdleConns(maxPostgresConns)
	pool.SetConnMaxIdleTime(5 * time.Minute)
	if err := pool.PingContext(ctx); err != nil {
		_ = pool.Close()
		return pools{}, &apperr.Error{Kind: apperr.Unavailable, Code: "unreachable", Op: "open database",
			Msg: "error.db.unreachable", Err: err}
	}
	return pools{write: pool, read: pool}, nil
}

// schemaLockID derives the number of the lock that makes nodes migrate one at a time.
// It differs for each schema, so that programs that share a server do not wait for each other.
func schemaLockID(ctx context.Context, pool *sql.DB) (int64, error) {
	var id int64
	err := pool.QueryRowContext(ctx, "SELECT hashtext('carillon ' || current_database() || ' ' || COALESCE(current_schema(), ''))").Scan(&id)
	return id, err
}
