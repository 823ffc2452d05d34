package local_test

import (
	"testing"

	"go.uber.org/goleak"

	"carillon/internal/clock"
	"carillon/internal/engine"
	"carillon/internal/engine/enginetest"
	"carillon/internal/engine/local"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestConformance(t *testing.T) {
	t.Parallel()
	enginetest.Run(t, func(work engine.Work, workers int) engine.Engine {
		return local.New(work, clock.System(), workers)
	})
}
