package runner

import (
	"context"
	"errors"
	"testing"
	"time"

	"carillon/internal/job"
	"carillon/internal/kind"
)

// cancelledBy returns a context that ended with cause.
func cancelledBy(cause error) context.Context {
	ctx, cancel := context.WithCancelCause(context.Background())
	cancel(cause)
	return ctx
}

func TestClassify(t *testing.T) {
	t.Parallel()
	broken := errors.New("broken")
	three := 3
	for name, tt := range map[string]struct {
		ctx    context.Context
		result kind.Result
		err    error
		state  job.RunState
		reason job.Reason
	}{
		"success":                          {t.Context(), kind.Result{Message: "ok"}, nil, job.RunSucceeded, job.ReasonNone},
		"success in spite of cancellation": {cancelledBy(job.Cancellation{Reason: job.ReasonUser}), kind.Result{}, nil, job.RunSucceeded, job.ReasonNone},
		"error":                            {t.Context(), kind.Result{}, broken, job.RunFailed, job.ReasonError},
		"exit code":                        {t.Context(), kind.Result{ExitCode: &three}, broken, job.RunFailed, job.ReasonExit},
		"deadline of the job":              {cancelledBy(errTimeout), kind.Result{}, broken, job.RunTimedOut, job.ReasonTimeout},
		"deadline of the kind":             {t.Context(), kind.Result{}, kind.TimedOut(3), job.RunTimedOut, job.ReasonTimeout},
		"cancelled by a person":            {cancelledBy(job.Cancellation{Reason: job.ReasonUser}), kind.Result{}, broken, job.RunCancelled, job.ReasonUser},
		"job stopped":                      {cancelledBy(job.Cancellation{Reason: job.ReasonStopped}), kind.Result{}, broken, job.RunCancelled, job.ReasonStopped},
		"shutdown":                         {cancelledBy(job.Cancellation{Reason: job.ReasonShutdown}), kind.Result{}, broken, job.RunLost, job.ReasonShutdown},
		"panic":                            {t.Context(), kind.Result{}, &panicked{value: "boom"}, job.RunFailed, job.ReasonPanic},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o := classify(tt.ctx, tt.result, tt.err, time.Minute)
			if o.State != tt.state || o.Reason != tt.reason {
				t.Errorf("classified as %s (%s), want %s (%s)", o.State, o.Reason, tt.state, tt.reason)
			}
			if o.ExitCode != tt.result.ExitCode {
				t.Error("the exit code got lost")
			}
		})
	}
}
