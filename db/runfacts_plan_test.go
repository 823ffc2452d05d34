package db

import (
	"strings"
	"testing"
	"time"

	"carillon/internal/job"
)

// What pages ask about runs reads short pieces of an index.
func TestRunFactsWalkAnIndex(t *testing.T) {
	t.Parallel()
	p := newPlanner(t)
	for want, q := range map[string]*query{
		"USING INDEX runs_by_job (job_id=? AND": p.store.lastGoodQuery("j", job.Run{ID: "r", CreatedAt: time.Unix(1, 0)}),
		"USING INDEX runs_by_job (job_id=?)":    p.store.lastGoodQuery("j", job.Run{}),
		"(id=?)":                                p.store.runsByIDQuery([]job.RunID{"a", "b"}),
		"runs_by_state (state=? AND created_at>? AND created_at<": p.store.slotsQuery(time.Unix(1e9, 0), time.Minute, 96, 100),
	} {
		p.check(t, q.text.String(), q.args...)
		if plan := strings.Join(p.explain(t, q.text.String(), q.args...), "\n"); !strings.Contains(plan, want) {
			t.Errorf("%s\nplan without %q:\n%s", q.text.String(), want, plan)
		}
	}
}
