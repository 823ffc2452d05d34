package runner

import (
	"context"
	"fmt"

	"carillon/internal/apperr"
	"carillon/internal/job"
)

// maxClaims is the most runs that one statement starts.
const maxClaims = 256

// claim is one worker's wish to start a run. Those who wish at the same time share a
// statement and its commit: a burst starts in big steps, a single run at once.
type claim struct {
	id  job.RunID
	run job.Run
	err error
}

// start makes the run running. A failure leaves it queued, for the sweep to offer again.
func (r *Runner) start(ctx context.Context, id job.RunID) (started, bool) {
	s, err := r.claim(ctx, id)
	switch {
	case err == nil:
		return s, true
	case apperr.Is(err, apperr.NotFound):
		r.cancelOrphan(ctx, id)
	case expected(err):
		r.Log.Debug("run is not waiting any more", "run", id, "reason", err)
	default:
		r.Log.Error("run could not be started; it stays queued", "run", id, "error", err)
	}
	return started{}, false
}

// cancelOrphan ends a waiting run whose job is gone.
func (r *Runner) cancelOrphan(ctx context.Context, id job.RunID) {
	err := r.Store.InGroup(ctx, func(ctx context.Context) error {
		return r.Store.CancelQueued(ctx, id, job.ReasonJobGone, job.By{}, r.Clock.Now())
	})
	if err != nil && !expected(err) {
		r.Log.Error("waiting run of a deleted job could not be cancelled", "run", id, "error", err)
	}
}

// claim reads what is to be done, beside the database's writer, and then starts the run.
func (r *Runner) claim(ctx context.Context, id job.RunID) (started, error) {
	def, err := r.Store.RunDefinition(ctx, id)
	if err != nil {
		return started{}, fmt.Errorf("load definition of run: %w", err)
	}
	c := &claim{id: id}
	if err := r.claims.Join(ctx, c, r.startAll); err != nil {
		return started{}, fmt.Errorf("start run: %w", err)
	}
	return started{run: c.run, def: def}, c.err
}

// startAll starts the runs that are still queued. If that fails each is tried alone,
// because one row that cannot be read must not hold up the others.
func (r *Runner) startAll(claims []*claim) {
	err := r.startTogether(claims)
	if err == nil {
		return
	}
	for _, c := range claims {
		if len(claims) > 1 {
			err = r.startTogether([]*claim{c})
		}
		c.err = err
	}
}

func (r *Runner) startTogether(claims []*claim) error {
	ids := make([]job.RunID, len(claims))
	for i, c := range claims {
		ids[i] = c.id
	}
	// No single worker's context may stop what is done for all.
	runs, err := r.Store.StartRuns(context.Background(), ids, r.Node, r.Clock.Now())
	if err != nil {
		return fmt.Errorf("start runs: %w", err)
	}
	byID := make(map[job.RunID]job.Run, len(runs))
	for _, run := range runs {
		byID[run.ID] = run
	}
	for _, c := range claims {
		if run, ok := byID[c.id]; ok {
			c.run, c.err = run, nil
		} else {
			c.err = apperr.New(apperr.Conflict, "not_queued", "error.db.not_queued")
		}
	}
	return nil
}
