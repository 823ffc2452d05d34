package db

import (
	"context"
	"database/sql"
	"errors"
	"strconv"
	"strings"
	"time"

	"carillon/internal/job"
)

// goodRuns is how far back LastGood looks: so many runs of the job.
const goodRuns = 2000

// LastGood returns the newest run of a job that succeeded among the two thousand that
// were made before the given run; false if there is none. A zero before means the newest.
func (s *Store) LastGood(ctx context.Context, id job.ID, before job.Run) (job.Run, bool, error) {
	type found struct {
		run job.Run
		ok  bool
	}
	q := s.lastGoodQuery(id, before)
	f, err := read(ctx, s, "find last good run", func(ctx context.Context, c conn) (found, error) {
		run, err := scanRun(c.raw.QueryRowContext(ctx, q.text.String(), q.args...))
		if errors.Is(err, sql.ErrNoRows) {
			return found{}, nil
		}
		return found{run, err == nil}, err
	})
	return f.run, f.ok, err
}

// lastGoodQuery walks the job's index back from a run. The inner limit bounds the walk
// of a job that has not succeeded for long.
func (s *Store) lastGoodQuery(id job.ID, before job.Run) *query {
	q := s.newQuery("SELECT " + runColumns + " FROM (SELECT " + runColumns + " FROM runs")
	equal(q, "job_id", id)
	if before.ID != "" {
		q.where("(created_at, id) < (?, ?)", millisOr(before.CreatedAt, 0), string(before.ID))
	}
	q.add(" ORDER BY created_at DESC, id DESC LIMIT ?) AS recent", goodRuns)
	q.add(" WHERE state = 'succeeded' LIMIT 1")
	return q
}

// RunsByID returns those of the runs that exist, in no order.
func (s *Store) RunsByID(ctx context.Context, ids []job.RunID) ([]job.Run, error) {
	return read(ctx, s, "read runs", func(ctx context.Context, c conn) ([]job.Run, error) {
		var runs []job.Run
		err := inBatches(ids, idBatch, func(batch []job.RunID) error {
			found, err := queryAll(ctx, c.raw, s.runsByIDQuery(batch), scanRun)
			runs = append(runs, found...)
			return err
		})
		return runs, err
	})
}

func (s *Store) runsByIDQuery(ids []job.RunID) *query {
	q := s.newQuery("SELECT " + runColumns + " FROM runs")
	in(q, "id", ids)
	return q
}

// slotStates are the states that the slots of a strip count, in the order of the columns.
func slotStates() []job.RunState {
	return []job.RunState{
		job.RunSucceeded, job.RunFailed, job.RunTimedOut, job.RunLost, job.RunCancelled, job.RunSkipped, job.RunMissed,
	}
}

// Slots counts the final runs that were made in each of n spans of time of the given
// width, the first of which begins at from. Each number is at most limit+1, which means
// "more", so that the work has a bound whatever the history.
func (s *Store) Slots(ctx context.Context, from time.Time, width time.Duration, n, limit int) ([]job.Slot, error) {
	q := s.slotsQuery(from, width, n, limit)
	rows, err := list(ctx, s, "count runs by time", q, scanSlot)
	if err != nil {
		return nil, err
	}
	slots := make([]job.Slot, n)
	for i := range slots {
		slots[i] = job.Slot{From: from.Add(time.Duration(i) * width), Runs: map[job.RunState]int{}}
	}
	for _, row := range rows {
		if i := (row.at - from.UnixMilli()) / width.Milliseconds(); i >= 0 && i < int64(n) {
			slots[i].Runs = row.runs
		}
	}
	return slots, nil
}

// slotsQuery counts a short piece of the index by state and time for each span and state.
func (s *Store) slotsQuery(from time.Time, width time.Duration, n, limit int) *query {
	starts := make([]string, n)
	for i := range starts {
		starts[i] = "(" + strconv.FormatInt(from.Add(time.Duration(i)*width).UnixMilli(), 10) + ")"
	}
	q := s.newQuery("WITH slots (at) AS (VALUES " + strings.Join(starts, ", ") + ") SELECT at")
	for _, state := range slotStates() {
		q.add(`, (SELECT COUNT(*) FROM (SELECT 1 FROM runs WHERE state = '`+string(state)+`'
AND created_at >= slots.at AND created_at < slots.at + CAST(? AS BIGINT) LIMIT ?) AS counted)`, width.Milliseconds(), limit+1)
	}
	q.add(" FROM slots")
	return q
}

// slotRow is what was counted from a time on.
type slotRow struct {
	at   int64
	runs map[job.RunState]int
}

func scanSlot(row scanner) (slotRow, error) {
	states := slotStates()
	counts := make([]int, len(states))
	slot := slotRow{runs: map[job.RunState]int{}}
	into := []any{&slot.at}
	for i := range counts {
		into = append(into, &counts[i])
	}
	if err := row.Scan(into...); err != nil {
		return slotRow{}, err
	}
	for i, n := range counts {
		if n > 0 {
			slot.runs[states[i]] = n
		}
	}
	return slot, nil
}
