-- name: InsertUser :exec
INSERT INTO users (id, name, name_key, role, password_hash, disabled, language, theme, zone, created_at, last_seen_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11);

-- name: UpdateUser :execrows
UPDATE users SET name = $2, name_key = $3, role = $4, password_hash = $5, disabled = $6, language = $7,
    theme = $8, zone = $9, last_seen_at = $10
WHERE id = $1;

-- name: GetUser :one
SELECT * FROM users WHERE id = $1;

-- name: GetUserByNameKey :one
SELECT * FROM users WHERE name_key = $1;

-- name: ListUsers :many
SELECT * FROM users ORDER BY name_key;

-- name: HasUsers :one
SELECT EXISTS (SELECT 1 FROM users);

-- name: InsertSession :exec
INSERT INTO sessions (id_hash, user_id, created_at, last_seen_at, expires_at, address, user_agent, data)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8);

-- name: GetSession :one
SELECT * FROM sessions WHERE id_hash = $1;

-- name: TouchSession :execrows
UPDATE sessions SET last_seen_at = $2 WHERE id_hash = $1;

-- name: SaveSessionData :execrows
UPDATE sessions SET data = $2 WHERE id_hash = $1;

-- name: DeleteSession :exec
DELETE FROM sessions WHERE id_hash = $1;

-- name: DeleteUserSessions :exec
DELETE FROM sessions WHERE user_id = sqlc.arg(user_id) AND id_hash <> sqlc.arg(kept);

-- name: ListUserSessions :many
SELECT * FROM sessions WHERE user_id = $1 ORDER BY last_seen_at DESC, id_hash;

-- name: PurgeSessions :execrows
DELETE FROM sessions WHERE id_hash IN (
    SELECT s.id_hash FROM sessions s
    WHERE s.expires_at < sqlc.arg(expired_before) OR s.last_seen_at < sqlc.arg(idle_since)
    LIMIT sqlc.arg(max_rows)
);

-- name: InsertToken :exec
INSERT INTO tokens (id, hash, user_id, name, created_at, expires_at, last_used_at)
VALUES ($1, $2, $3, $4, $5, $6, $7);

-- name: GetTokenByHash :one
SELECT * FROM tokens WHERE hash = $1;

-- name: ListTokens :many
SELECT * FROM tokens WHERE user_id = $1 ORDER BY created_at DESC, id DESC;

-- name: TouchToken :execrows
UPDATE tokens SET last_used_at = $2 WHERE id = $1;

-- name: DeleteToken :execrows
DELETE FROM tokens WHERE id = $1 AND user_id = $2;

-- name: InsertAudit :exec
INSERT INTO audit (id, at, actor_id, actor_name, via, address, action, subject, subject_id, subject_name,
    before_json, after_json, note, request_id, seq, hash)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16);

-- name: LockAuditHead :one
UPDATE audit_head SET seq = seq WHERE id = 1 RETURNING seq, hash;

-- name: GetAuditHead :one
SELECT seq, hash FROM audit_head WHERE id = 1;

-- name: MoveAuditHead :exec
UPDATE audit_head SET seq = $1, hash = $2 WHERE id = 1;

-- name: LinkAudit :exec
UPDATE audit SET seq = $2, hash = $3 WHERE id = $1;

-- name: PutSecondFactor :execrows
INSERT INTO second_factors (user_id, secret, created_at, confirmed_at, last_step) VALUES ($1, $2, $3, NULL, 0)
ON CONFLICT (user_id) DO UPDATE SET secret = excluded.secret, created_at = excluded.created_at
WHERE second_factors.confirmed_at IS NULL;

-- name: GetSecondFactor :one
SELECT f.user_id, f.secret, f.created_at, f.confirmed_at, f.last_step,
    (SELECT COUNT(*) FROM recovery_codes r WHERE r.user_id = f.user_id) AS codes_left
FROM second_factors f WHERE f.user_id = $1;

-- name: ListSecondFactors :many
SELECT user_id FROM second_factors WHERE confirmed_at IS NOT NULL ORDER BY user_id;

-- name: ConfirmSecondFactor :execrows
UPDATE second_factors SET confirmed_at = $2 WHERE user_id = $1 AND confirmed_at IS NULL;

-- name: SpendSecondStep :execrows
UPDATE second_factors SET last_step = sqlc.arg(step) WHERE user_id = sqlc.arg(user_id) AND last_step < sqlc.arg(step);

-- name: DeleteSecondFactor :execrows
DELETE FROM second_factors WHERE user_id = $1;

-- name: InsertRecoveryCode :exec
INSERT INTO recovery_codes (user_id, hash) VALUES ($1, $2);

-- name: SpendRecoveryCode :execrows
DELETE FROM recovery_codes WHERE user_id = $1 AND hash = $2;

-- name: DeleteRecoveryCodes :exec
DELETE FROM recovery_codes WHERE user_id = $1;

-- name: InsertHalfSignIn :exec
INSERT INTO half_sign_ins (id_hash, user_id, expires_at) VALUES ($1, $2, $3);

-- name: GetHalfSignIn :one
SELECT * FROM half_sign_ins WHERE id_hash = $1;

-- name: DeleteHalfSignIn :execrows
DELETE FROM half_sign_ins WHERE id_hash = $1;

-- name: DeleteHalfSignIns :exec
DELETE FROM half_sign_ins WHERE user_id = sqlc.arg(user_id) OR expires_at < sqlc.arg(expired_before);
