package control

import (
	"context"
	"fmt"
	"slices"

	"carillon/internal/access"
	"carillon/internal/apperr"
	"carillon/internal/job"
)

// BulkResult is what a bulk verb came to for one job.
type BulkResult struct {
	ID   job.ID
	Name string // "group/name"; "" if the job was not found
	Err  error  // nil: done
}

// maxBulk is the most jobs one bulk verb takes.
const maxBulk = 1000

// Bulk does a verb on many jobs. Atomic: all or nothing, in one transaction, and the
// first fault is the error. Otherwise each job stands for itself and the results say
// what was done and what could not be; the error then is only for the request as a whole.
func (c *Jobs) Bulk(ctx context.Context, a access.Actor, v Verb, ids []job.ID, atomic bool) ([]BulkResult, error) {
	do, err := bulkWork(v)
	if err != nil {
		return nil, err
	}
	if len(ids) > maxBulk {
		return nil, apperr.Newf(apperr.Invalid, "too_many", "error.control.too_many", map[string]any{"max": maxBulk})
	}
	// One order everywhere, so that two bulk verbs cannot wait for each other.
	ids = slices.Compact(slices.Sorted(slices.Values(ids)))
	if atomic {
		return c.bulkAtomic(ctx, a, v, ids, do)
	}
	results := make([]BulkResult, 0, len(ids))
	for _, id := range ids {
		j, err := c.one(ctx, a, v, id, do)
		if apperr.Is(err, apperr.Forbidden) && apperr.CodeOf(err) == "forbidden" {
			return nil, err
		}
		result := BulkResult{ID: id, Err: err}
		if err != nil {
			j, _ = c.d.Store.Job(ctx, id) // only for its name; without it the id is shown
		}
		if j.ID != "" {
			result.Name = j.Group + "/" + j.Name
		}
		results = append(results, result)
	}
	return results, nil
}

func (c *Jobs) bulkAtomic(ctx context.Context, a access.Actor, v Verb, ids []job.ID, do func(context.Context, *work) error) ([]BulkResult, error) {
	var done []*work
	err := c.d.Store.InTx(ctx, func(ctx context.Context) error {
		done = nil
		for _, id := range ids {
			w, err := c.apply(ctx, a, v, id, do)
			if err != nil {
				return fmt.Errorf("%s job %s: %w", v, id, err)
			}
			done = append(done, w)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	results := make([]BulkResult, 0, len(done))
	for _, w := range done {
		w.after(ctx)
		results = append(results, BulkResult{ID: w.job.ID, Name: w.job.Group + "/" + w.job.Name})
	}
	return results, nil
}

// bulkWork returns what a verb does when it is given no details.
func bulkWork(v Verb) (func(context.Context, *work) error, error) {
	switch v {
	case VerbPause:
		return func(ctx context.Context, w *work) error { return pauseJob(ctx, w, PauseJob{}) }, nil
	case VerbResume:
		return rearm(job.Resume), nil
	case VerbStart:
		return rearm(job.Start), nil
	case VerbStop:
		return stopJob, nil
	case VerbTrigger:
		return func(ctx context.Context, w *work) error {
			_, err := w.trigger(ctx, TriggerJob{})
			return err
		}, nil
	case VerbDelete:
		return deleteJob, nil
	default:
		return nil, apperr.New(apperr.Invalid, "unknown_verb", "error.control.unknown_verb")
	}
}
