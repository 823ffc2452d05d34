package db

import (
	"encoding/json"
	"fmt"

	"carillon/db/sqlgen"
	"carillon/internal/job"
)

// runColumns are the columns of sqlgen.Run, in its order.
const runColumns = `id, job_id, job_revision, group_name, name, kind, scheduled_at, attempt, root_id, trigger_type,
actor_id, actor_name, args, priority, node_wanted, state, reason, created_at, available_at, started_at, finished_at,
node_id, epoch, cancel_reason, cancel_by_id, cancel_by_name, exit_code, result, error, output_bytes, occurrences`

// runColumnCount is the number of runColumns.
const runColumnCount = 31

func scanRun(row scanner) (job.Run, error) {
	var r sqlgen.Run
	err := row.Scan(&r.ID, &r.JobID, &r.JobRevision, &r.GroupName, &r.Name, &r.Kind, &r.ScheduledAt, &r.Attempt,
		&r.RootID, &r.TriggerType, &r.ActorID, &r.ActorName, &r.Args, &r.Priority, &r.NodeWanted, &r.State, &r.Reason,
		&r.CreatedAt, &r.AvailableAt, &r.StartedAt, &r.FinishedAt, &r.NodeID, &r.Epoch, &r.CancelReason,
		&r.CancelByID, &r.CancelByName, &r.ExitCode, &r.Result, &r.Error, &r.OutputBytes, &r.Occurrences)
	if err != nil {
		return job.Run{}, err
	}
	return runOf(r)
}

func runOf(r sqlgen.Run) (job.Run, error) {
	run := job.Run{
		ID: job.RunID(r.ID), JobID: job.ID(r.JobID), JobRevision: r.JobRevision,
		Group: r.GroupName, Name: r.Name, Kind: r.Kind,
		ScheduledAt: timeOf(r.ScheduledAt), Attempt: int(r.Attempt), RootID: job.RunID(r.RootID),
		Trigger: job.Trigger(r.TriggerType), Actor: job.By{ID: r.ActorID, Name: r.ActorName},
		Priority: job.Priority(r.Priority), NodeWanted: r.NodeWanted,
		State: job.RunState(r.State), Reason: job.Reason(r.Reason),
		CreatedAt: timeUnless(r.CreatedAt, 0), AvailableAt: timeUnless(r.AvailableAt, 0),
		StartedAt: timeOf(r.StartedAt), FinishedAt: timeOf(r.FinishedAt), NodeID: r.NodeID, Epoch: r.Epoch,
		CancelReason: job.Reason(r.CancelReason), CancelActor: job.By{ID: r.CancelByID, Name: r.CancelByName},
		Result: r.Result, Error: r.Error, OutputBytes: r.OutputBytes, Occurrences: r.Occurrences,
	}
	if r.ExitCode != nil {
		code := int(*r.ExitCode)
		run.ExitCode = &code
	}
	if r.Args != nil {
		if err := json.Unmarshal([]byte(*r.Args), &run.Args); err != nil {
			return job.Run{}, fmt.Errorf("read parameters of run %s: %w", r.ID, err)
		}
	}
	return run, nil
}

func runsOf(rows []sqlgen.Run) ([]job.Run, error) {
	runs := make([]job.Run, 0, len(rows))
	for _, r := range rows {
		run, err := runOf(r)
		if err != nil {
			return nil, err
		}
		runs = append(runs, run)
	}
	return runs, nil
}

// runRow is the row of a run, which stands for at least one occurrence.
func runRow(r job.Run) (sqlgen.Run, error) {
	row := sqlgen.Run{
		ID: string(r.ID), JobID: string(r.JobID), JobRevision: r.JobRevision,
		GroupName: clean(r.Group), Name: clean(r.Name), Kind: clean(r.Kind),
		ScheduledAt: millis(r.ScheduledAt), Attempt: int64(r.Attempt), RootID: string(r.RootID),
		TriggerType: string(r.Trigger), ActorID: r.Actor.ID, ActorName: r.Actor.Name,
		Priority: int64(r.Priority), NodeWanted: r.NodeWanted, State: string(r.State), Reason: string(r.Reason),
		CreatedAt: millisOr(r.CreatedAt, 0), AvailableAt: millisOr(r.AvailableAt, 0),
		StartedAt: millis(r.StartedAt), FinishedAt: millis(r.FinishedAt), NodeID: r.NodeID, Epoch: r.Epoch,
		CancelReason: string(r.CancelReason), CancelByID: r.CancelActor.ID, CancelByName: r.CancelActor.Name,
		ExitCode: exitCode(r.ExitCode), Result: clean(r.Result), Error: clean(r.Error),
		OutputBytes: r.OutputBytes, Occurrences: max(1, r.Occurrences),
	}
	if r.Args != nil {
		raw, err := json.Marshal(r.Args)
		if err != nil {
			return row, fmt.Errorf("write parameters of run %s: %w", r.ID, err)
		}
		args := string(raw)
		row.Args = &args
	}
	return row, nil
}

// runValues are the values of a row in the order of runColumns.
func runValues(r sqlgen.Run) []any {
	return []any{
		r.ID, r.JobID, r.JobRevision, r.GroupName, r.Name, r.Kind, r.ScheduledAt, r.Attempt, r.RootID, r.TriggerType,
		r.ActorID, r.ActorName, r.Args, r.Priority, r.NodeWanted, r.State, r.Reason, r.CreatedAt, r.AvailableAt,
		r.StartedAt, r.FinishedAt, r.NodeID, r.Epoch, r.CancelReason, r.CancelByID, r.CancelByName, r.ExitCode,
		r.Result, r.Error, r.OutputBytes, r.Occurrences,
	}
}

func exitCode(code *int) *int64 {
	if code == nil {
		return nil
	}
	n := int64(*code)
	return &n
}
