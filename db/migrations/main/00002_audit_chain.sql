-- The chain of the audit: each entry has a number and a hash over its content and the hash
-- of the entry before. The program fills in those of the entries there are (auditchain.go),
-- in the order of their times.
ALTER TABLE audit ADD COLUMN seq BIGINT; -- from 1 on, without a gap; NULL is no part of the chain
ALTER TABLE audit ADD COLUMN hash TEXT COLLATE "C"; -- hex SHA-256
CREATE UNIQUE INDEX audit_by_seq ON audit (seq);

-- The end of the chain, in one row. Whoever adds an entry locks it until the transaction ends.
CREATE TABLE audit_head (
    id BIGINT PRIMARY KEY CHECK (id = 1),
    seq BIGINT NOT NULL,
    hash TEXT COLLATE "C" NOT NULL
);
INSERT INTO audit_head (id, seq, hash) VALUES (1, 0, '');
