-- name: GetJob :one
SELECT * FROM jobs WHERE id = $1;

-- name: GetJobForUpdate :one
SELECT * FROM jobs WHERE id = $1 FOR UPDATE;

-- GetJobStatusForUpdate leaves the definition out: it is large, and whoever ends a run
-- has it already.
-- name: GetJobStatusForUpdate :one
SELECT id, source, revision, state, abandoned, paused_until, pause_reason, trigger_count, try_count,
    last_run_at, last_run_id, last_outcome, next_run_at, created_at, created_by_id, created_by_name,
    updated_at, updated_by_id, updated_by_name
FROM jobs WHERE id = $1 FOR UPDATE;

-- name: JobExists :one
SELECT EXISTS (SELECT 1 FROM jobs WHERE id = $1);

-- name: InsertJob :exec
INSERT INTO jobs (
    id, definition, group_name, name, name_key, kind, owner, node, tags, search, priority, schedule_type,
    begin_at, end_at, overlap, lock_timeout, keep_runs, keep_days, keep_failed_days,
    source, revision, created_at, created_by_id, created_by_name,
    state, abandoned, paused_until, pause_reason, trigger_count, try_count,
    last_run_at, last_run_id, last_outcome, next_run_at, updated_at, updated_by_id, updated_by_name
) VALUES (
    $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12,
    $13, $14, $15, $16, $17, $18, $19,
    $20, $21, $22, $23, $24,
    $25, $26, $27, $28, $29, $30,
    $31, $32, $33, $34, $35, $36, $37
);

-- UpdateJobDefinition writes the definition and its copies, guarded by the revision.
-- name: UpdateJobDefinition :execrows
UPDATE jobs SET
    definition = $3, group_name = $4, name = $5, name_key = $6, kind = $7, owner = $8, node = $9,
    tags = $10, search = $11, priority = $12, schedule_type = $13, begin_at = $14, end_at = $15,
    overlap = $16, lock_timeout = $17, keep_runs = $18, keep_days = $19, keep_failed_days = $20,
    source = $21, revision = $22
WHERE id = $1 AND revision = $2;

-- name: UpdateJobStatus :execrows
UPDATE jobs SET
    state = $2, abandoned = $3, paused_until = $4, pause_reason = $5, trigger_count = $6, try_count = $7,
    last_run_at = $8, last_run_id = $9, last_outcome = $10, next_run_at = $11,
    updated_at = $12, updated_by_id = $13, updated_by_name = $14
WHERE id = $1;

-- AdvanceJob and NoteRun write the little that changes at nearly every occurrence, so
-- that the indexes of the other columns are left alone.
-- name: AdvanceJob :execrows
UPDATE jobs SET trigger_count = $2, next_run_at = $3 WHERE id = $1;

-- name: NoteRun :execrows
UPDATE jobs SET try_count = $2, last_run_at = $3, last_run_id = $4, last_outcome = $5 WHERE id = $1;

-- name: DeleteJob :execrows
DELETE FROM jobs WHERE id = $1;

-- name: DueJobs :many
SELECT * FROM jobs WHERE state = 'active' AND next_run_at <= $1
ORDER BY next_run_at, id LIMIT $2 FOR UPDATE SKIP LOCKED;

-- name: DuePauses :many
SELECT * FROM jobs WHERE state = 'paused' AND paused_until <= $1
ORDER BY paused_until, id LIMIT $2 FOR UPDATE SKIP LOCKED;

-- name: NextDue :one
SELECT next_run_at FROM jobs WHERE state = 'active' ORDER BY next_run_at, id LIMIT 1;

-- name: Groups :many
SELECT group_name, COUNT(*) AS jobs FROM jobs GROUP BY group_name ORDER BY group_name;

-- name: InsertRevision :exec
INSERT INTO job_revisions (job_id, revision, definition, made_at, made_by_id, made_by_name, note)
VALUES ($1, $2, $3, $4, $5, $6, $7);

-- name: GetRevision :one
SELECT * FROM job_revisions WHERE job_id = $1 AND revision = $2;

-- name: RevisionsBefore :many
SELECT * FROM job_revisions WHERE job_id = sqlc.arg(job_id) AND revision < sqlc.arg(before)
ORDER BY revision DESC LIMIT sqlc.arg(max_rows);

-- RetainingJobs walks the jobs that say themselves how long their runs are kept.
-- name: RetainingJobs :many
SELECT * FROM jobs
WHERE (keep_runs > 0 OR keep_days > 0 OR keep_failed_days > 0) AND id > sqlc.arg(after)
ORDER BY id LIMIT sqlc.arg(max_rows);
