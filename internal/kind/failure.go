package kind

import (
	"context"
	"fmt"
	"strings"
)

// Failure is why a run failed, as a sentence for people. It is the error that kinds
// return from Run. Text and placeholders are also a message of the catalogs, so that
// the sentence can be shown in other languages.
type Failure struct {
	Msg  string         // message id, as "kind.failure.exit"
	Text string         // the English message, the same as in the catalog
	Args map[string]any // placeholders
	// Err is the cause, never shown. [context.DeadlineExceeded] means that the run
	// took longer than its own parameters allow.
	Err error
}

// Fail returns a failure; kv are placeholder names and values.
func Fail(msg, text string, kv ...any) *Failure {
	f := &Failure{Msg: msg, Text: text, Args: map[string]any{}}
	for i := 0; i+1 < len(kv); i += 2 {
		f.Args[fmt.Sprint(kv[i])] = kv[i+1]
	}
	return f
}

// Stopped is the failure of a run whose context ended before its work did. What is
// shown of it is the reason for the stop, which the runner knows.
func Stopped(ctx context.Context) *Failure {
	return Fail("kind.failure.stopped", "stopped before its end").Because(context.Cause(ctx))
}

// TimedOut is the failure of a run that took longer than its own time limit.
func TimedOut(seconds int64) *Failure {
	return Fail("kind.failure.timeout", "timed out after {{.seconds}} s", "seconds", seconds).Because(context.DeadlineExceeded)
}

// Because sets the cause and returns f.
func (f *Failure) Because(err error) *Failure {
	f.Err = err
	return f
}

// Error returns the sentence in English.
func (f *Failure) Error() string {
	pairs := make([]string, 0, 2*len(f.Args))
	for name, value := range f.Args {
		pairs = append(pairs, "{{."+name+"}}", fmt.Sprint(value))
	}
	return strings.NewReplacer(pairs...).Replace(f.Text)
}

// Unwrap returns the cause.
func (f *Failure) Unwrap() error { return f.Err }
