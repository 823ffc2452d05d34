package apptest

import (
	"context"
	"time"

	"carillon/internal/ident"
	"carillon/internal/job"
)

// fillBatch is how many jobs Fill inserts in one transaction.
const fillBatch = 1000

// Fill makes n jobs straight in the database, past the verbs and their audit, because a
// measurement wants many and does not measure their making.
func (w *World) Fill(n int, def func(i int) job.Definition) {
	w.t.Helper()
	for from := 0; from < n; from += fillBatch {
		err := w.Store.InTx(w.t.Context(), func(ctx context.Context) error {
			for i := from; i < min(n, from+fillBatch); i++ {
				if err := w.insert(ctx, def(i)); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			w.t.Fatalf("fill with jobs: %v", err)
		}
	}
}

func (w *World) insert(ctx context.Context, def job.Definition) error {
	now := time.Now()
	def, err := w.Jobs.Validate(ctx, def)
	if err != nil {
		return err
	}
	j, err := job.New(def, job.SourceUser, Ada.By(), now, time.UTC, true)
	if err != nil {
		return err
	}
	j.ID = job.ID(ident.New())
	if err := w.Store.InsertJob(ctx, j); err != nil {
		return err
	}
	return w.Store.InsertRevision(ctx, job.Revision{JobID: j.ID, Revision: j.Revision, Definition: j.Definition, At: now, By: Ada.By()})
}
