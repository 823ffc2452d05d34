-- The tables of jobs, runs, people and the audit.
--
-- One text for SQLite and PostgreSQL: ids are TEXT, times are BIGINT unix milliseconds
-- (UTC), JSON is TEXT. COLLATE "C" makes PostgreSQL compare bytes as SQLite does; it is
-- taken out of the text on SQLite, where that is the default.
--
-- The CHECKs say the same as the state tables of internal/job.

CREATE TABLE jobs (
    id TEXT COLLATE "C" PRIMARY KEY,

    -- The whole definition as JSON. The columns below it are copies of the parts that
    -- lists filter and sort by; they are only ever written together with it.
    definition TEXT NOT NULL,
    group_name TEXT COLLATE "C" NOT NULL,
    name TEXT COLLATE "C" NOT NULL,
    name_key TEXT COLLATE "C" NOT NULL, -- name in lower case
    kind TEXT COLLATE "C" NOT NULL,
    owner TEXT COLLATE "C" NOT NULL,
    node TEXT COLLATE "C" NOT NULL,
    tags TEXT COLLATE "C" NOT NULL, -- a line feed before and after each tag
    search TEXT COLLATE "C" NOT NULL, -- name, group, description, owner, tags in lower case
    priority BIGINT NOT NULL CHECK (priority IN (5, 10, 15, 20, 25)),
    schedule_type TEXT COLLATE "C" NOT NULL CHECK (schedule_type IN ('once', 'cron', 'interval')),
    begin_at BIGINT,
    end_at BIGINT,
    overlap TEXT COLLATE "C" NOT NULL CHECK (overlap IN ('skip', 'queue', 'parallel', 'replace')),
    lock_timeout BIGINT NOT NULL CHECK (lock_timeout >= 0), -- seconds
    keep_runs BIGINT NOT NULL CHECK (keep_runs >= 0),
    keep_days BIGINT NOT NULL CHECK (keep_days >= 0),
    keep_failed_days BIGINT NOT NULL CHECK (keep_failed_days >= 0),

    source TEXT COLLATE "C" NOT NULL CHECK (source IN ('user', 'system', 'import')),
    revision BIGINT NOT NULL CHECK (revision >= 1),
    created_at BIGINT NOT NULL,
    created_by_id TEXT NOT NULL,
    created_by_name TEXT NOT NULL,

    state TEXT COLLATE "C" NOT NULL CHECK (state IN ('active', 'paused', 'stopped', 'completed')),
    abandoned BOOLEAN NOT NULL,
    paused_until BIGINT,
    pause_reason TEXT NOT NULL,
    trigger_count BIGINT NOT NULL CHECK (trigger_count >= 0),
    try_count BIGINT NOT NULL CHECK (try_count >= 0),
    last_run_at BIGINT NOT NULL, -- 0: never
    last_run_id TEXT COLLATE "C" NOT NULL,
    last_outcome TEXT COLLATE "C" NOT NULL CHECK (last_outcome IN ('', 'queued', 'running', 'succeeded',
        'failed', 'timed_out', 'cancelled', 'lost', 'skipped', 'missed')),
    next_run_at BIGINT NOT NULL, -- the greatest BIGINT: nothing planned, so that it sorts last
    updated_at BIGINT NOT NULL,
    updated_by_id TEXT NOT NULL,
    updated_by_name TEXT NOT NULL,

    CONSTRAINT jobs_name UNIQUE (group_name, name),
    CHECK (abandoned = FALSE OR state = 'stopped')
);

-- Due jobs, and pauses that end. They begin with the state, which is the same in all
-- rows, so that SQLite finds them better than jobs_by_state.
CREATE INDEX jobs_due ON jobs (state, next_run_at, id) WHERE state = 'active';
CREATE INDEX jobs_pause_end ON jobs (state, paused_until, id) WHERE state = 'paused';
-- One index for each sort order of the list.
CREATE INDEX jobs_by_group ON jobs (group_name, name, id);
CREATE INDEX jobs_by_name ON jobs (name, id);
CREATE INDEX jobs_by_next_run ON jobs (next_run_at, id);
CREATE INDEX jobs_by_last_run ON jobs (last_run_at, id);
CREATE INDEX jobs_by_created ON jobs (created_at, id);
CREATE INDEX jobs_by_priority ON jobs (priority, group_name, name, id);
-- The filters that may find few among many, in the default order.
CREATE INDEX jobs_by_state ON jobs (state, group_name, name, id);
CREATE INDEX jobs_by_outcome ON jobs (last_outcome, group_name, name, id);
CREATE INDEX jobs_by_kind ON jobs (kind, group_name, name, id);
CREATE INDEX jobs_by_owner ON jobs (owner, group_name, name, id);
-- Jobs with a retention of their own.
CREATE INDEX jobs_retaining ON jobs (id) WHERE keep_runs > 0 OR keep_days > 0 OR keep_failed_days > 0;

-- Every version of a job's definition, whole.
CREATE TABLE job_revisions (
    job_id TEXT COLLATE "C" NOT NULL REFERENCES jobs (id) ON DELETE CASCADE,
    revision BIGINT NOT NULL CHECK (revision >= 1),
    definition TEXT NOT NULL,
    made_at BIGINT NOT NULL,
    made_by_id TEXT NOT NULL,
    made_by_name TEXT NOT NULL,
    note TEXT NOT NULL,
    PRIMARY KEY (job_id, revision)
);

-- What follows a run of a job: a mail, a webhook, another job.
CREATE TABLE job_actions (
    id TEXT COLLATE "C" PRIMARY KEY,
    job_id TEXT COLLATE "C" NOT NULL REFERENCES jobs (id) ON DELETE CASCADE,
    name TEXT COLLATE "C" NOT NULL,
    enabled BOOLEAN NOT NULL,
    params TEXT NOT NULL
);
CREATE INDEX job_actions_by_job ON job_actions (job_id, id);

-- A run names its job but does not reference it: history survives the job's deletion.
CREATE TABLE runs (
    id TEXT COLLATE "C" PRIMARY KEY,
    job_id TEXT COLLATE "C" NOT NULL,
    job_revision BIGINT NOT NULL CHECK (job_revision >= 1),
    group_name TEXT COLLATE "C" NOT NULL,
    name TEXT COLLATE "C" NOT NULL,
    kind TEXT COLLATE "C" NOT NULL,
    scheduled_at BIGINT, -- NULL for a run started by hand
    attempt BIGINT NOT NULL CHECK (attempt >= 1),
    root_id TEXT COLLATE "C" NOT NULL,
    trigger_type TEXT COLLATE "C" NOT NULL
        CHECK (trigger_type IN ('schedule', 'manual', 'api', 'retry', 'catch_up', 'chain')),
    actor_id TEXT NOT NULL,
    actor_name TEXT NOT NULL,
    args TEXT, -- NULL: the revision's own
    priority BIGINT NOT NULL CHECK (priority IN (5, 10, 15, 20, 25)),
    node_wanted TEXT COLLATE "C" NOT NULL,
    state TEXT COLLATE "C" NOT NULL CHECK (state IN ('queued', 'running', 'succeeded', 'failed',
        'timed_out', 'cancelled', 'lost', 'skipped', 'missed')),
    reason TEXT COLLATE "C" NOT NULL,
    created_at BIGINT NOT NULL,
    available_at BIGINT NOT NULL,
    started_at BIGINT,
    finished_at BIGINT,
    node_id TEXT COLLATE "C" NOT NULL,
    epoch BIGINT NOT NULL CHECK (epoch >= 0),
    cancel_reason TEXT COLLATE "C" NOT NULL,
    cancel_by_id TEXT NOT NULL,
    cancel_by_name TEXT NOT NULL,
    exit_code BIGINT,
    result TEXT COLLATE "C" NOT NULL,
    error TEXT COLLATE "C" NOT NULL,
    output_bytes BIGINT NOT NULL CHECK (output_bytes >= 0),
    occurrences BIGINT NOT NULL CHECK (occurrences >= 1),

    CONSTRAINT runs_occurrence UNIQUE (job_id, scheduled_at, attempt),
    CHECK (trigger_type <> 'schedule' OR scheduled_at IS NOT NULL),
    CHECK (occurrences = 1 OR state = 'missed'),
    -- Waiting runs have neither begun nor ended.
    CHECK (state <> 'queued' OR (started_at IS NULL AND finished_at IS NULL AND node_id = '')),
    -- A running run has begun, on a node, with an epoch.
    CHECK (state <> 'running' OR (started_at IS NOT NULL AND finished_at IS NULL AND node_id <> '' AND epoch >= 1)),
    -- These ends are reached from running only.
    CHECK (state NOT IN ('succeeded', 'failed', 'timed_out', 'lost')
        OR (started_at IS NOT NULL AND finished_at IS NOT NULL)),
    CHECK (state <> 'cancelled' OR finished_at IS NOT NULL),
    -- Rows born final never began.
    CHECK (state NOT IN ('skipped', 'missed') OR (started_at IS NULL AND node_id = ''))
);

-- Runs in flight: few rows of a table that may hold millions.
CREATE INDEX runs_open_by_job ON runs (job_id, state, attempt, id) WHERE state IN ('queued', 'running');
CREATE INDEX runs_open_by_state ON runs (state, id) WHERE state IN ('queued', 'running');
-- History, newest first, as a whole and by what lists filter on.
CREATE INDEX runs_by_created ON runs (created_at, id);
CREATE INDEX runs_by_job ON runs (job_id, created_at, id);
CREATE INDEX runs_by_group ON runs (group_name, created_at, id);
CREATE INDEX runs_by_state ON runs (state, created_at, id);

-- One row for each living process: the lease that its running runs depend on.
CREATE TABLE nodes (
    id TEXT COLLATE "C" PRIMARY KEY,
    host TEXT NOT NULL,
    started_at BIGINT NOT NULL,
    beat_at BIGINT NOT NULL,
    lease_until BIGINT NOT NULL
);

CREATE TABLE users (
    id TEXT COLLATE "C" PRIMARY KEY,
    name TEXT COLLATE "C" NOT NULL,
    name_key TEXT COLLATE "C" NOT NULL, -- name in lower case
    role TEXT COLLATE "C" NOT NULL CHECK (role IN ('viewer', 'operator', 'editor', 'admin')),
    password_hash TEXT NOT NULL,
    disabled BOOLEAN NOT NULL,
    language TEXT NOT NULL,
    theme TEXT NOT NULL,
    zone TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    last_seen_at BIGINT,
    CONSTRAINT users_name UNIQUE (name_key)
);

CREATE TABLE sessions (
    id_hash TEXT COLLATE "C" PRIMARY KEY,
    user_id TEXT COLLATE "C" NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    created_at BIGINT NOT NULL,
    last_seen_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    address TEXT NOT NULL,
    user_agent TEXT NOT NULL,
    data TEXT NOT NULL -- what is kept between two requests
);
CREATE INDEX sessions_by_user ON sessions (user_id, last_seen_at);
CREATE INDEX sessions_by_expiry ON sessions (expires_at);
CREATE INDEX sessions_by_last_seen ON sessions (last_seen_at);

CREATE TABLE tokens (
    id TEXT COLLATE "C" PRIMARY KEY,
    hash TEXT COLLATE "C" NOT NULL UNIQUE,
    user_id TEXT COLLATE "C" NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    name TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    expires_at BIGINT,
    last_used_at BIGINT
);
CREATE INDEX tokens_by_user ON tokens (user_id, created_at, id);

-- Who did what. Rows are only ever added.
CREATE TABLE audit (
    id TEXT COLLATE "C" PRIMARY KEY,
    at BIGINT NOT NULL,
    actor_id TEXT NOT NULL,
    actor_name TEXT COLLATE "C" NOT NULL,
    via TEXT NOT NULL,
    address TEXT NOT NULL,
    action TEXT COLLATE "C" NOT NULL,
    subject TEXT NOT NULL,
    subject_id TEXT COLLATE "C" NOT NULL,
    subject_name TEXT COLLATE "C" NOT NULL,
    before_json TEXT, -- NULL: did not exist
    after_json TEXT, -- NULL: does not exist any more
    note TEXT COLLATE "C" NOT NULL,
    request_id TEXT NOT NULL
);
CREATE INDEX audit_by_time ON audit (at, id);
CREATE INDEX audit_by_subject ON audit (subject_id, at, id);
CREATE INDEX audit_by_actor ON audit (actor_name, at, id);
CREATE INDEX audit_by_action ON audit (action, at, id);

-- Settings that people change while the program runs; values are JSON.
CREATE TABLE settings (
    name TEXT COLLATE "C" PRIMARY KEY,
    value TEXT NOT NULL,
    updated_at BIGINT NOT NULL
);

-- Secrets that jobs may use, sealed before they come here.
CREATE TABLE secrets (
    name TEXT COLLATE "C" PRIMARY KEY,
    sealed TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL
);
