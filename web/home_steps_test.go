package web_test

import (
	"net/http"
	"testing"
	"time"

	"carillon/db/dbtest"
	"carillon/internal/job"
)

// TestHomeFirstSteps walks through the steps of a new installation: the last one stays
// until there is more to show than one run that went well.
func TestHomeFirstSteps(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	steps := func(want bool, output int) {
		t.Helper()
		doc := w.get(ed, "/").want(http.StatusOK).doc()
		if got := doc.Find("ol .step").Length() == 3; got != want || doc.Find(`.step a[href^="/runs/"]`).Length() != output {
			t.Errorf("steps shown: %v, want %v", got, want)
		}
	}
	steps(true, 0)
	j := dbtest.AddJob(t, w.store, func(j *job.Job) { j.NextRunAt = time.Now().Add(time.Hour) })
	steps(true, 0)
	dbtest.AddRun(t, w.store, j, job.RunSucceeded)
	steps(true, 1)
	dbtest.AddRun(t, w.store, j, job.RunSucceeded)
	steps(false, 0)
}
