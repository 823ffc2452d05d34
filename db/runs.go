package db

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"carillon/db/sqlgen"
	"carillon/internal/apperr"
	"carillon/internal/job"
)

// Run returns a run.
func (s *Store) Run(ctx context.Context, id job.RunID) (job.Run, error) {
	return read(ctx, s, "read run", func(ctx context.Context, c conn) (job.Run, error) {
		r, err := c.q.GetRun(ctx, string(id))
		if err != nil {
			return job.Run{}, err
		}
		return runOf(r)
	})
}

// RunForUpdate returns a run and locks it until the transaction ends.
func (s *Store) RunForUpdate(ctx context.Context, id job.RunID) (job.Run, error) {
	return read(ctx, s, "lock run", func(ctx context.Context, c conn) (job.Run, error) {
		r, err := c.q.GetRunForUpdate(ctx, string(id))
		if err != nil {
			return job.Run{}, err
		}
		return runOf(r)
	})
}

// StartRun makes a queued run running and returns it as it then is; an apperr Conflict
// "not_queued" if it is not queued.
func (s *Store) StartRun(ctx context.Context, id job.RunID, node string, at time.Time) (job.Run, error) {
	var run job.Run
	err := s.write(ctx, "start run", func(ctx context.Context, c conn) error {
		r, err := c.q.StartRun(ctx, sqlgen.StartRunParams{ID: string(id), NodeID: node, StartedAt: millis(at)})
		if errors.Is(err, sql.ErrNoRows) {
			return runStateError(ctx, c, id, "not_queued")
		}
		if err != nil {
			return err
		}
		run, err = runOf(r)
		return err
	})
	return run, err
}

// StartRuns makes those of the runs running that are queued, all at once, and returns
// them as they then are, in no order.
func (s *Store) StartRuns(ctx context.Context, ids []job.RunID, node string, at time.Time) ([]job.Run, error) {
	if len(ids) == 0 {
		return nil, nil
	}
	var started []job.Run
	err := s.write(ctx, "start runs", func(ctx context.Context, c conn) (err error) {
		started, err = queryAll(ctx, c.raw, s.startRunsQuery(ids, node, at), scanRun)
		return err
	})
	return started, err
}

func (s *Store) startRunsQuery(ids []job.RunID, node string, at time.Time) *query {
	q := s.newQuery("UPDATE runs SET state = 'running', epoch = epoch + 1")
	q.add(", node_id = ?, started_at = ?", node, millis(at))
	in(q, "id", ids)
	q.where(q.opaque("state") + " = 'queued'") // or SQLite walks all that wait
	q.add(" RETURNING " + runColumns)
	return q
}

// RunDefinition returns what a run is to do: the definition of the revision that it was
// made of, without the run's own parameters.
func (s *Store) RunDefinition(ctx context.Context, id job.RunID) (job.Definition, error) {
	return read(ctx, s, "read definition of run", func(ctx context.Context, c conn) (job.Definition, error) {
		var d job.Definition
		text, err := c.q.RunDefinition(ctx, string(id))
		if err != nil {
			return d, err
		}
		if err := json.Unmarshal([]byte(text), &d); err != nil {
			return d, fmt.Errorf("read definition of run %s: %w", id, err)
		}
		return d, nil
	})
}

// runStateError explains why a guarded write of a run changed nothing.
func runStateError(ctx context.Context, c conn, id job.RunID, code string) error {
	if _, err := c.q.RunState(ctx, string(id)); err != nil {
		return err
	}
	return conflict(code)
}

// guarded turns "no row changed" into the reason for it.
func guarded(ctx context.Context, c conn, id job.RunID, code string, n int64, err error) error {
	if err == nil && n == 0 {
		return runStateError(ctx, c, id, code)
	}
	return err
}

// FinishRun writes the end of a run that is running with r.Epoch; an apperr Conflict
// "not_running" otherwise. Only state, reason, finished_at, exit code, result, error and
// output size are written.
func (s *Store) FinishRun(ctx context.Context, r job.Run) error {
	if r.FinishedAt.IsZero() {
		return &apperr.Error{Kind: apperr.Internal, Code: "constraint", Op: "finish run", Msg: "error.db.constraint"}
	}
	return s.write(ctx, "finish run", func(ctx context.Context, c conn) error {
		n, err := c.q.FinishRun(ctx, sqlgen.FinishRunParams{
			ID: string(r.ID), Epoch: r.Epoch, State: string(r.State), Reason: string(r.Reason),
			FinishedAt: millis(r.FinishedAt), ExitCode: exitCode(r.ExitCode),
			Result: clean(r.Result), Error: clean(r.Error), OutputBytes: r.OutputBytes,
		})
		return guarded(ctx, c, r.ID, "not_running", n, err)
	})
}

// CancelQueued makes a queued run cancelled, with who did it; an apperr Conflict
// "not_queued" if it is not queued.
func (s *Store) CancelQueued(ctx context.Context, id job.RunID, reason job.Reason, by job.By, at time.Time) error {
	return s.write(ctx, "cancel queued run", func(ctx context.Context, c conn) error {
		n, err := c.q.CancelQueued(ctx, sqlgen.CancelQueuedParams{
			ID: string(id), Reason: string(reason), CancelByID: by.ID, CancelByName: by.Name, FinishedAt: millis(at),
		})
		return guarded(ctx, c, id, "not_queued", n, err)
	})
}

// RequestCancel notes on a running run that it shall stop; an apperr Conflict
// "not_running" otherwise.
func (s *Store) RequestCancel(ctx context.Context, id job.RunID, reason job.Reason, by job.By) error {
	return s.write(ctx, "request cancel", func(ctx context.Context, c conn) error {
		n, err := c.q.RequestCancel(ctx, sqlgen.RequestCancelParams{
			ID: string(id), CancelReason: string(reason), CancelByID: by.ID, CancelByName: by.Name,
		})
		return guarded(ctx, c, id, "not_running", n, err)
	})
}

// DeleteRun removes a run in a final state, with its output; an apperr Conflict
// "in_flight" otherwise.
func (s *Store) DeleteRun(ctx context.Context, id job.RunID) error {
	err := s.write(ctx, "delete run", func(ctx context.Context, c conn) error {
		n, err := c.q.DeleteFinalRun(ctx, string(id))
		return guarded(ctx, c, id, "in_flight", n, err)
	})
	if err != nil {
		return err
	}
	return s.DeleteOutput(ctx, []job.RunID{id})
}
