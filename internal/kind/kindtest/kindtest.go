// Package kindtest is the conformance suite that every kind of work passes.
package kindtest

import (
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"strings"
	"sync"
	"testing"
	"time"
	"unicode/utf8"

	"go.uber.org/goleak"

	"carillon/internal/ident"
	"carillon/internal/job"
	"carillon/internal/kind"
)

// slack is how long a run may take to end after its context and grace have.
const slack = 2 * time.Second

// Cases are examples of a kind's work.
type Cases struct {
	// Valid args succeed within seconds. At least one.
	Valid []job.Args
	// Failing args pass Check and fail within seconds.
	Failing []job.Args
	// Slow args would run for a minute or longer; nil if the kind knows no such thing.
	Slow job.Args
	// Flood args print at least 32 MiB, or try to; nil if the kind cannot.
	Flood job.Args
	// Grace is how long the kind may take to end after its context has.
	Grace time.Duration
	// Close, if given, lets go of what the kind keeps between runs.
	Close func()
}

// Run subjects the kind to the suite. The calling test must not be parallel: the suite
// watches the whole process for leaks.
func Run(t *testing.T, k kind.Kind, c Cases) {
	t.Helper()
	before := goleak.IgnoreCurrent()
	reg, err := kind.NewRegistry(k)
	if err != nil {
		t.Fatal(err)
	}
	s := suite{kind: k, reg: reg, cases: c}
	t.Run("spec is complete in every language", s.spec)
	t.Run("valid args are accepted, described and stable", s.valid)
	t.Run("mistyped and unknown args are refused", s.mistyped)
	t.Run("no args make it panic", s.random)
	t.Run("succeeds through its writers alone", s.succeeds)
	t.Run("fails with a sentence", s.fails)
	t.Run("runs concurrently", s.concurrent)
	t.Run("ends with its context", s.cancelled)
	t.Run("does nothing after its context ended", s.cancelledBefore)
	t.Run("floods within bounded memory", s.flood)
	if c.Close != nil {
		c.Close()
	}
	goleak.VerifyNone(t, before)
}

type suite struct {
	kind  kind.Kind
	reg   *kind.Registry
	cases Cases
}

// Execution returns an execution of the kind with checked args that prints to out.
func Execution(t *testing.T, k kind.Kind, args job.Args, out io.Writer) kind.Execution {
	t.Helper()
	reg, err := kind.NewRegistry(k)
	if err != nil {
		t.Fatal(err)
	}
	_, ready, err := reg.Prepare(k.Spec().Name, args)
	if err != nil {
		t.Fatalf("args %v: %v", args, err)
	}
	return kind.Execution{
		JobID: job.ID(ident.New()), RunID: job.RunID(ident.New()),
		Group: "test", Name: "conformance", Attempt: 1, Args: ready, Stdout: out, Stderr: out,
	}
}

func (s suite) succeeds(t *testing.T) {
	for _, args := range s.cases.Valid {
		var out Buffer
		x := Execution(t, s.kind, args, &out)
		var result kind.Result
		var err error
		stray := captureStd(t, func() { result, err = s.kind.Run(t.Context(), x) })
		if err != nil {
			t.Errorf("Run(%v) = %v; output: %s", args, err, out.String())
		}
		if stray != "" {
			t.Errorf("Run(%v) printed past its writers: %q", args, stray)
		}
		checkMessage(t, result)
		noSurvivors(t, x.RunID)
	}
}

func (s suite) fails(t *testing.T) {
	for _, args := range s.cases.Failing {
		x := Execution(t, s.kind, args, io.Discard)
		result, err := s.kind.Run(t.Context(), x)
		if err == nil {
			t.Errorf("Run(%v) succeeded: %+v", args, result)
			continue
		}
		CheckFailure(t, err)
		checkMessage(t, result)
		noSurvivors(t, x.RunID)
	}
}

func (s suite) concurrent(t *testing.T) {
	var wg sync.WaitGroup
	for range 8 {
		for _, args := range s.cases.Valid {
			x := Execution(t, s.kind, args, &Buffer{})
			wg.Go(func() {
				if _, err := s.kind.Run(t.Context(), x); err != nil {
					t.Errorf("Run(%v) = %v", x.Args, err)
				}
			})
		}
	}
	wg.Wait()
}

func (s suite) cancelled(t *testing.T) {
	if s.cases.Slow == nil {
		t.Skip("the kind has no slow work")
	}
	for _, after := range []time.Duration{0, 20 * time.Millisecond, 300 * time.Millisecond} {
		x := Execution(t, s.kind, s.cases.Slow, io.Discard)
		ctx, cancel := context.WithCancelCause(t.Context())
		var asked time.Time
		var mu sync.Mutex
		timer := time.AfterFunc(after, func() {
			mu.Lock()
			defer mu.Unlock()
			asked = time.Now()
			cancel(errors.New("stopped by the test"))
		})
		result, err := s.kind.Run(ctx, x)
		ended := time.Now()
		timer.Stop()
		mu.Lock()
		took := ended.Sub(asked)
		mu.Unlock()
		if err == nil {
			t.Errorf("a stopped run succeeded: %+v", result)
		}
		CheckFailure(t, err)
		if took > s.cases.Grace+slack {
			t.Errorf("ended %v after its context, want at most grace %v + %v", took, s.cases.Grace, slack)
		}
		noSurvivors(t, x.RunID)
	}
}

func (s suite) cancelledBefore(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	for _, args := range s.cases.Valid {
		var out Buffer
		x := Execution(t, s.kind, args, &out)
		if _, err := s.kind.Run(ctx, x); err == nil {
			t.Errorf("Run(%v) succeeded under an ended context; output: %q", args, out.String())
		}
	}
}

// checkMessage checks that a result's message is one short, readable line.
func checkMessage(t *testing.T, r kind.Result) {
	t.Helper()
	if n := utf8.RuneCountInString(r.Message); n > job.MaxResult {
		t.Errorf("result message has %d runes, want at most %d", n, job.MaxResult)
	}
	if !utf8.ValidString(r.Message) || strings.ContainsAny(r.Message, "\n\r\x00\x1b") {
		t.Errorf("result message is no plain line: %q", r.Message)
	}
}

// captureStd returns what fn printed to the process's own standard streams.
func captureStd(t *testing.T, fn func()) string {
	t.Helper()
	file, err := os.CreateTemp(t.TempDir(), "std")
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	stdout, stderr := os.Stdout, os.Stderr
	os.Stdout, os.Stderr = file, file
	defer func() { os.Stdout, os.Stderr = stdout, stderr }()
	fn()
	printed, err := os.ReadFile(file.Name())
	if err != nil {
		t.Fatal(err)
	}
	return string(printed)
}

// Buffer is a buffer for concurrent writers.
type Buffer struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

// Write implements [io.Writer].
func (b *Buffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.Write(p)
}

// String returns what was written.
func (b *Buffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.String()
}
