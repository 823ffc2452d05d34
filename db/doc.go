// Package db is the program's storage, and every line of its SQL: SQLite in a data
// folder by default, PostgreSQL when several nodes share the work.
//
// One text serves both databases. The static queries are generated from queries/ by
// sqlc (package sqlgen); filtered lists go through the small builder in builder.go. The
// few words that SQLite does not know are taken out in dialect.go.
//
// Transactions travel in the context: see [Store.InTx] and [Store.InGroup]. Outside of
// one, writes use the writer pool (SQLite: a single connection, so that writers queue
// here and never meet SQLITE_BUSY), and reads the reader pool, for at most five seconds.
//
// Times are stored as unix milliseconds and come back in UTC. A zero time is NULL, but
// for two columns that lists sort by: jobs.last_run_at is 0 for a job that never ran, so
// that it sorts first on both databases, and jobs.next_run_at is the greatest BIGINT when
// nothing is planned, so that it sorts last. Descending is the exact reverse.
//
// Text order and text search are the same on both: bytes are compared, not letters of a
// language. Searches fold case for all letters in jobs, and for ASCII letters in runs
// and the audit.
package db
