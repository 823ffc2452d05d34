-- name: GetRun :one
SELECT * FROM runs WHERE id = $1;

-- name: GetRunForUpdate :one
SELECT * FROM runs WHERE id = $1 FOR UPDATE;

-- name: InsertRun :execrows
INSERT INTO runs (
    id, job_id, job_revision, group_name, name, kind, scheduled_at, attempt, root_id, trigger_type,
    actor_id, actor_name, args, priority, node_wanted, state, reason, created_at, available_at, started_at, finished_at,
    node_id, epoch, cancel_reason, cancel_by_id, cancel_by_name, exit_code, result, error, output_bytes, occurrences
) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23, $24, $25, $26, $27, $28, $29, $30, $31)
ON CONFLICT (job_id, scheduled_at, attempt) DO NOTHING;

-- name: RunState :one
SELECT state FROM runs WHERE id = $1;

-- name: OpenRuns :many
SELECT * FROM runs WHERE job_id = $1 AND state IN ('queued', 'running') ORDER BY created_at, id;

-- QueuedTickets joins the job for what decides whether runs of it exclude each other.
-- name: QueuedTickets :many
SELECT r.id, r.job_id, r.priority, r.available_at, j.overlap, j.lock_timeout
FROM runs r LEFT JOIN jobs j ON j.id = r.job_id
WHERE r.state = 'queued' AND r.state IN ('queued', 'running') AND r.id > $1
ORDER BY r.id LIMIT $2;

-- name: OrphanRuns :many
SELECT r.* FROM runs r
WHERE r.state = 'running' AND r.state IN ('queued', 'running')
    AND NOT EXISTS (SELECT 1 FROM nodes n WHERE n.id = r.node_id AND n.lease_until > sqlc.arg(at))
ORDER BY r.id LIMIT sqlc.arg(max_rows);

-- name: StartRun :one
UPDATE runs SET state = 'running', node_id = $2, started_at = $3, epoch = epoch + 1
WHERE id = $1 AND state = 'queued'
RETURNING *;

-- FinishRun is fenced: a process that lost the run to another epoch changes nothing.
-- name: FinishRun :execrows
UPDATE runs SET state = $3, reason = $4, finished_at = $5, exit_code = $6, result = $7, error = $8, output_bytes = $9
WHERE id = $1 AND state = 'running' AND epoch = $2;

-- name: CancelQueued :execrows
UPDATE runs SET state = 'cancelled', reason = $2, cancel_reason = $2, cancel_by_id = $3, cancel_by_name = $4, finished_at = $5
WHERE id = $1 AND state = 'queued';

-- name: RequestCancel :execrows
UPDATE runs SET cancel_reason = $2, cancel_by_id = $3, cancel_by_name = $4
WHERE id = $1 AND state = 'running';

-- name: DeleteFinalRun :execrows
DELETE FROM runs WHERE id = $1 AND state NOT IN ('queued', 'running');

-- RunTimes serves a job's statistics: a bounded number of its newest ended runs.
-- name: RunTimes :many
SELECT state, started_at, finished_at FROM runs
WHERE job_id = $1 AND created_at >= $2
    AND state IN ('succeeded', 'failed', 'timed_out', 'lost', 'cancelled') AND started_at IS NOT NULL
ORDER BY created_at DESC, id DESC LIMIT $3;

-- OldRuns finds final runs of one state made before a time, the oldest first, of jobs
-- that do not say themselves how long their runs are kept.
-- name: OldRuns :many
SELECT r.id FROM runs r
WHERE r.state = sqlc.arg(state) AND r.created_at < sqlc.arg(before)
    AND NOT EXISTS (SELECT 1 FROM jobs j WHERE j.id = r.job_id AND (j.keep_days > 0 OR j.keep_failed_days > 0))
ORDER BY r.created_at, r.id LIMIT sqlc.arg(max_rows);

-- OldJobRuns finds a job's final runs made before a time, the failed or the other ones,
-- the oldest first.
-- name: OldJobRuns :many
SELECT id FROM runs
WHERE job_id = sqlc.arg(job_id) AND created_at < sqlc.arg(before) AND state NOT IN ('queued', 'running')
    AND (state IN ('failed', 'timed_out', 'lost')) = CAST(sqlc.arg(failed) AS BOOLEAN)
ORDER BY created_at, id LIMIT sqlc.arg(max_rows);

-- NthNewestRun gives the place of a job's n-th newest run, to keep the ones before it.
-- name: NthNewestRun :one
SELECT created_at, id FROM runs WHERE job_id = $1 ORDER BY created_at DESC, id DESC LIMIT 1 OFFSET $2;

-- JobRunsFrom finds a job's final runs at or before a place in its history.
-- name: JobRunsFrom :many
SELECT id FROM runs
WHERE job_id = sqlc.arg(job_id) AND (created_at, id) <= (CAST(sqlc.arg(created_at) AS BIGINT), CAST(sqlc.arg(id) AS TEXT))
    AND state NOT IN ('queued', 'running')
ORDER BY created_at, id LIMIT sqlc.arg(max_rows);

-- RunDefinition reads what a run is to do: the definition of the revision it was made of.
-- name: RunDefinition :one
SELECT v.definition FROM runs r
JOIN job_revisions v ON v.job_id = r.job_id AND v.revision = r.job_revision
WHERE r.id = $1;

-- name: LiveOfJob :many
SELECT state, attempt, COUNT(*) AS runs FROM runs
WHERE job_id = $1 AND state IN ('queued', 'running')
GROUP BY state, attempt;
