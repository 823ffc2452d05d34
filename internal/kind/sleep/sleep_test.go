package sleep

import (
	"io"
	"testing"

	"carillon/internal/job"
	"carillon/internal/kind/kindtest"
)

func TestConformance(t *testing.T) {
	kindtest.Run(t, New(), kindtest.Cases{
		Valid: []job.Args{{"delay": 0}, {"delay": "15"}},
		Slow:  job.Args{"delay": 24 * 60 * 60 * 1000},
	})
}

func TestDelay(t *testing.T) {
	t.Parallel()
	if got := New().Summary(kindtest.Execution(t, New(), job.Args{}, io.Discard).Args); got != "sleep 20s" {
		t.Errorf("summary without a delay = %q, want the default of 20 s", got)
	}
	result, err := New().Run(t.Context(), kindtest.Execution(t, New(), job.Args{"delay": 1}, io.Discard))
	if err != nil || result.Message != "slept 1ms" {
		t.Errorf("Run = %+v, %v", result, err)
	}
}
