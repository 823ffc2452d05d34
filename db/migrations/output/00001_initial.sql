-- What runs print. On SQLite this is a file of its own, so that output never shares
-- pages, a write lock or a log with the hot tables.

CREATE TABLE run_output (
    run_id TEXT COLLATE "C" NOT NULL,
    seq BIGINT NOT NULL CHECK (seq >= 1),
    at BIGINT NOT NULL,
    stream BIGINT NOT NULL CHECK (stream IN (1, 2)),
    data BYTEA NOT NULL,
    dropped BIGINT NOT NULL CHECK (dropped >= 0), -- bytes left out here
    PRIMARY KEY (run_id, seq)
);
