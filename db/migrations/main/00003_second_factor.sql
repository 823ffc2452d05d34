-- Second factors of people, and sign-ins that wait for one.

CREATE TABLE second_factors (
    user_id TEXT COLLATE "C" PRIMARY KEY REFERENCES users (id) ON DELETE CASCADE,
    secret TEXT NOT NULL, -- shared with the authenticator app
    created_at BIGINT NOT NULL,
    confirmed_at BIGINT, -- NULL: no code of it was seen yet
    last_step BIGINT NOT NULL -- the time step of the last code used
);

CREATE TABLE recovery_codes (
    user_id TEXT COLLATE "C" NOT NULL REFERENCES second_factors (user_id) ON DELETE CASCADE,
    hash TEXT COLLATE "C" NOT NULL, -- of the code; the row goes when the code is used
    PRIMARY KEY (user_id, hash)
);

-- These are no sessions: they lie apart, so that nothing takes one for one.
CREATE TABLE half_sign_ins (
    id_hash TEXT COLLATE "C" PRIMARY KEY,
    user_id TEXT COLLATE "C" NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    expires_at BIGINT NOT NULL
);
CREATE INDEX half_sign_ins_by_user ON half_sign_ins (user_id);
CREATE INDEX half_sign_ins_by_expiry ON half_sign_ins (expires_at);
