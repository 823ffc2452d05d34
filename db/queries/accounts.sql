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
    before_json, after_json, note, request_id)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14);
