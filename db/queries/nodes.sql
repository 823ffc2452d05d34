-- name: BeatNode :exec
INSERT INTO nodes (id, host, started_at, beat_at, lease_until) VALUES ($1, $2, $3, $3, $4)
ON CONFLICT (id) DO UPDATE SET host = excluded.host, beat_at = excluded.beat_at, lease_until = excluded.lease_until;

-- name: DeleteNode :exec
DELETE FROM nodes WHERE id = $1;

-- name: PurgeNodes :exec
DELETE FROM nodes WHERE lease_until < $1;
