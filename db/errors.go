package db

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"net"

	"github.com/jackc/pgx/v5/pgconn"
	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"

	"carillon/internal/apperr"
)

// fault is what a driver's error means to the program. The message is "error.db." and the code.
type fault struct {
	kind apperr.Kind
	code string
}

// mapped gives err, which came from a driver while doing op, a kind and a message. An
// error that has them already keeps them.
func mapped(op string, err error) error {
	var known *apperr.Error
	switch {
	case err == nil:
		return nil
	case errors.As(err, &known), errors.Is(err, context.Canceled):
		return fmt.Errorf("%s: %w", op, err)
	}
	f := faultOf(err)
	return &apperr.Error{Kind: f.kind, Code: f.code, Op: op, Msg: "error.db." + f.code, Err: err}
}

// faultOf reads a driver's error by its code, never by its text.
func faultOf(err error) fault {
	var lite *sqlite.Error
	var pg *pgconn.PgError
	var network net.Error
	var connect *pgconn.ConnectError
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return fault{apperr.NotFound, "not_found"}
	case errors.As(err, &lite):
		return sqliteFault(lite.Code())
	case errors.As(err, &pg):
		return postgresFault(pg.Code)
	case errors.Is(err, context.DeadlineExceeded):
		return fault{apperr.Unavailable, "slow"}
	case errors.As(err, &connect), errors.As(err, &network), errors.Is(err, driver.ErrBadConn), errors.Is(err, io.ErrUnexpectedEOF):
		return fault{apperr.Unavailable, "unreachable"}
	case errors.Is(err, sql.ErrConnDone), errors.Is(err, sql.ErrTxDone):
		return fault{apperr.Unavailable, "closed"}
	}
	return fault{apperr.Internal, "failed"}
}

func sqliteFault(code int) fault {
	switch code {
	case sqlite3.SQLITE_CONSTRAINT_UNIQUE, sqlite3.SQLITE_CONSTRAINT_PRIMARYKEY:
		return fault{apperr.Conflict, "exists"}
	case sqlite3.SQLITE_CONSTRAINT_FOREIGNKEY:
		return fault{apperr.Conflict, "reference"}
	}
	switch code & 0xff {
	case sqlite3.SQLITE_CONSTRAINT:
		return fault{apperr.Internal, "constraint"}
	case sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED:
		return fault{apperr.Unavailable, "busy"}
	case sqlite3.SQLITE_INTERRUPT:
		return fault{apperr.Unavailable, "slow"}
	case sqlite3.SQLITE_FULL:
		return fault{apperr.Unavailable, "disk_full"}
	case sqlite3.SQLITE_READONLY, sqlite3.SQLITE_PERM, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_AUTH:
		return fault{apperr.Unavailable, "read_only"}
	case sqlite3.SQLITE_IOERR:
		return fault{apperr.Unavailable, "disk_error"}
	case sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB:
		return fault{apperr.Internal, "corrupt"}
	case sqlite3.SQLITE_TOOBIG:
		return fault{apperr.Invalid, "too_big"}
	}
	return fault{apperr.Internal, "failed"}
}

// PostgreSQL's error codes that mean something to the program; see appendix A of its manual.
const (
	pgUnique        = "23505"
	pgForeignKey    = "23503"
	pgDiskFull      = "53100"
	pgReadOnly      = "25006"
	pgSerialization = "40001"
	pgDeadlock      = "40P01"
	pgLockTimeout   = "55P03"
	pgCancelled     = "57014"
	pgBadText       = "22021"
	pgTooBig        = "54000"
)

func postgresFault(code string) fault {
	switch code {
	case pgUnique:
		return fault{apperr.Conflict, "exists"}
	case pgForeignKey:
		return fault{apperr.Conflict, "reference"}
	case pgDiskFull:
		return fault{apperr.Unavailable, "disk_full"}
	case pgReadOnly:
		return fault{apperr.Unavailable, "read_only"}
	case pgSerialization, pgDeadlock, pgLockTimeout:
		return fault{apperr.Unavailable, "busy"}
	case pgCancelled:
		return fault{apperr.Unavailable, "slow"}
	case pgBadText:
		return fault{apperr.Invalid, "bad_text"}
	case pgTooBig:
		return fault{apperr.Invalid, "too_big"}
	}
	switch class := code[:min(2, len(code))]; class {
	case "23":
		return fault{apperr.Internal, "constraint"}
	case "08", "28", "3D", "53", "57": // connection, sign-in, no such database, resources, shutting down
		return fault{apperr.Unavailable, "unreachable"}
	}
	return fault{apperr.Internal, "failed"}
}

// retryable reports whether PostgreSQL gave up a transaction that may succeed when run again.
func retryable(err error) bool {
	var pg *pgconn.PgError
	return errors.As(err, &pg) && (pg.Code == pgSerialization || pg.Code == pgDeadlock)
}

// duplicate reports whether err breaks the named unique constraint. SQLite does not name
// it apart from its text, but tells it from a primary key; no statement that asks can
// break two.
func duplicate(err error, constraint string) bool {
	var lite *sqlite.Error
	var pg *pgconn.PgError
	switch {
	case errors.As(err, &lite):
		return lite.Code() == sqlite3.SQLITE_CONSTRAINT_UNIQUE
	case errors.As(err, &pg):
		return pg.Code == pgUnique && pg.ConstraintName == constraint
	}
	return false
}

// notFound is the answer for a thing that is not there.
func notFound() error { return apperr.New(apperr.NotFound, "not_found", "error.db.not_found") }

// conflict is the answer of a guarded write that found the row in another state.
func conflict(code string) error { return apperr.New(apperr.Conflict, code, "error.db."+code) }
