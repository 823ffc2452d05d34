package runner

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"time"

	"carillon/internal/apperr"
	"carillon/internal/job"
	"carillon/internal/kind"
)

// errTimeout is the cause with which a run's context ends at its deadline.
var errTimeout = errors.New("run timed out")

// execute carries the work out and says how it ended. It never panics.
func (r *Runner) execute(ctx context.Context, s started) job.Outcome {
	out := r.Outputs(s.run.ID)
	o := r.perform(ctx, s, out)
	bytes, err := out.Close(context.WithoutCancel(ctx))
	if err != nil {
		r.Log.Error("output of run could not be stored whole", "run", s.run.ID, "error", err)
	}
	o.OutputBytes = bytes
	return o
}

func (r *Runner) perform(ctx context.Context, s started, out Capture) job.Outcome {
	k, args, err := r.Kinds.Prepare(s.def.Kind, s.args())
	switch {
	case apperr.Is(err, apperr.NotFound):
		return failed(job.ReasonUnknownKind, "this installation has no kind "+s.def.Kind)
	case err != nil:
		return failed(job.ReasonBadArgs, err.Error())
	}
	if limit := s.def.Timeout.Duration(); limit > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeoutCause(ctx, limit, errTimeout)
		defer cancel()
	}
	began := r.Clock.Now()
	result, err := guarded(ctx, k, kind.Execution{
		JobID: s.run.JobID, RunID: s.run.ID, Group: s.run.Group, Name: s.run.Name,
		Attempt: s.run.Attempt, ScheduledAt: s.run.ScheduledAt, Args: args,
		Stdout: out.Stdout(), Stderr: out.Stderr(),
	})
	o := classify(ctx, result, err, s.def.Timeout.Duration())
	if o.Reason == job.ReasonPanic {
		r.Log.Error("kind panicked", "kind", s.def.Kind, "run", s.run.ID, "error", err)
	}
	r.Log.Debug("run ended", "run", s.run.ID, "state", o.State, "took", r.Clock.Now().Sub(began))
	return o
}

// panicked is the error of a kind that panicked; its text carries the stack for the log.
type panicked struct {
	value any
	stack []byte
}

func (p *panicked) Error() string { return fmt.Sprintf("panic: %v\n%s", p.value, p.stack) }

// guarded runs the kind and turns a panic into an error.
func guarded(ctx context.Context, k kind.Kind, x kind.Execution) (result kind.Result, err error) {
	defer func() {
		if v := recover(); v != nil {
			err = &panicked{value: v, stack: debug.Stack()}
		}
	}()
	return k.Run(ctx, x)
}

func failed(reason job.Reason, text string) job.Outcome {
	return job.Outcome{State: job.RunFailed, Reason: reason, Error: text}
}

// classify turns what a kind returned, and why its context ended, into an outcome. A
// kind that succeeded in spite of a cancelled context has succeeded.
func classify(ctx context.Context, result kind.Result, err error, limit time.Duration) job.Outcome {
	o := job.Outcome{State: job.RunSucceeded, Result: result.Message, ExitCode: result.ExitCode}
	if err == nil {
		return o
	}
	o.Error = err.Error()
	var p *panicked
	var stop job.Cancellation
	cause := context.Cause(ctx)
	switch {
	case errors.As(err, &p):
		o.State, o.Reason = job.RunFailed, job.ReasonPanic
		o.Error = fmt.Sprintf("the kind has a defect: panic: %v", p.value)
	case errors.Is(cause, errTimeout):
		o.State, o.Reason = job.RunTimedOut, job.ReasonTimeout
		o.Error = fmt.Sprintf("timed out after %s", limit)
	case errors.As(cause, &stop) && stop.Reason == job.ReasonShutdown:
		o.State, o.Reason = job.RunLost, job.ReasonShutdown
		o.Error = "stopped because Carillon was shut down"
	case errors.As(cause, &stop):
		o.State, o.Reason = job.RunCancelled, stop.Reason
		o.Error = ""
	case errors.Is(err, context.DeadlineExceeded):
		// The run's own parameters limited its time.
		o.State, o.Reason = job.RunTimedOut, job.ReasonTimeout
	case result.ExitCode != nil:
		o.State, o.Reason = job.RunFailed, job.ReasonExit
	default:
		o.State, o.Reason = job.RunFailed, job.ReasonError
	}
	return o
}
