package output

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"carillon/internal/clock"
	"carillon/internal/job"
)

func systemClock() clock.Clock { return clock.System() }

func TestStoreFailsForAWhile(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		store := newMemory()
		r := start(t, store, Limits{})
		store.set(func(m *memory) { m.fail = func([]job.Chunk) error { return errStore } })
		c := r.Open("a")
		fmt.Fprint(c.Stdout(), "kept")
		time.AfterFunc(20*time.Second, func() { store.set(func(m *memory) { m.fail = nil }) })
		if n := closeCapture(t, c); n != 4 {
			t.Errorf("%d bytes", n)
		}
		if data, _ := join(t, store.run("a")); string(data) != "kept" {
			t.Errorf("stored %q", data)
		}
	})
}

func TestStoreFailsForGood(t *testing.T) {
	t.Parallel()
	for name, breakIt := range map[string]func(*memory){
		"refuses": func(m *memory) { m.fail = func([]job.Chunk) error { return errStore } },
		"hangs":   func(m *memory) { m.hang = true },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				store := newMemory()
				store.set(breakIt)
				r := start(t, store, Limits{})
				var wg sync.WaitGroup
				for i := range 20 {
					c := r.Open(job.RunID(fmt.Sprint(i)))
					begun := time.Now()
					wg.Go(func() {
						for range 300 {
							fmt.Fprintln(c.Stdout(), strings.Repeat("x", 9999))
						}
						if took := time.Since(begun); took > 3*time.Second {
							t.Errorf("writers waited %v for a broken store", took)
						}
						n, err := c.Close(t.Context())
						if n != 3_000_000 || !errors.Is(err, ErrLost) {
							t.Errorf("Close = %d, %v; want 3000000 and ErrLost", n, err)
						}
						if took := time.Since(begun); took > 2*time.Minute {
							t.Errorf("the run's end waited %v", took)
						}
					})
				}
				wg.Wait()
			})
		})
	}
}

func TestCloseEndsWithItsContext(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		store := newMemory()
		store.set(func(m *memory) { m.fail = func([]job.Chunk) error { return errStore } })
		r := start(t, store, Limits{})
		c := r.Open("a")
		fmt.Fprint(c.Stdout(), "later")
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if n, err := c.Close(ctx); n != 5 || !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("Close = %d, %v", n, err)
		}
		store.set(func(m *memory) { m.fail = nil })
		time.Sleep(5 * time.Second)
		if data, _ := join(t, store.run("a")); string(data) != "later" {
			t.Errorf("stored %q; storing goes on without the caller", data)
		}
	})
}

// TestOneRefusedRunHoldsUpNoOther has a run whose output the store never takes.
func TestOneRefusedRunHoldsUpNoOther(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		store := newMemory()
		mixed := 0 // calls that were refused with output of other runs in them
		store.set(func(m *memory) {
			m.fail = func(chunks []job.Chunk) error {
				bad := slices.IndexFunc(chunks, func(c job.Chunk) bool { return c.RunID == "bad" })
				if bad < 0 {
					return nil
				}
				if slices.ContainsFunc(chunks, func(c job.Chunk) bool { return c.RunID != "bad" }) {
					mixed++
				}
				return errStore
			}
		})
		r := start(t, store, Limits{})
		bad := r.Open("bad")
		fmt.Fprint(bad.Stdout(), "x")
		for i := range 50 {
			c := r.Open(job.RunID(fmt.Sprint(i)))
			fmt.Fprint(c.Stdout(), "fine")
			begun := time.Now()
			closeCapture(t, c)
			if took := time.Since(begun); took > time.Second {
				t.Errorf("run %d waited %v", i, took)
			}
		}
		if mixed > 1 {
			t.Errorf("output of others was refused %d times along with it", mixed)
		}
		if _, err := bad.Close(t.Context()); !errors.Is(err, ErrLost) {
			t.Errorf("the refused run = %v", err)
		}
	})
}

// TestNothingIsStoredTwice has a store that stores and then says it failed.
func TestNothingIsStoredTwice(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		store := newMemory()
		r := start(t, store, Limits{})
		failures := 3
		store.set(func(m *memory) {
			m.after = func() error {
				if failures--; failures >= 0 {
					return errStore
				}
				return nil
			}
		})
		c := r.Open("a")
		for i := range 5 {
			fmt.Fprintf(c.Stdout(), "%d", i)
			time.Sleep(time.Second)
		}
		closeCapture(t, c)
		if data, _ := join(t, store.run("a")); string(data) != "01234" {
			t.Errorf("stored %q", data)
		}
	})
}

func TestRecorderCloseEndsWithItsContext(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		store := newMemory()
		store.set(func(m *memory) { m.hang = true })
		r := New(store, clock.System(), quiet(), Limits{})
		c := r.Open("a")
		fmt.Fprint(c.Stdout(), "lost")
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		begun := time.Now()
		if err := r.Close(ctx); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("Close = %v", err)
		}
		if took := time.Since(begun); took > 2*time.Second {
			t.Errorf("Close took %v", took)
		}
		if _, err := c.Close(t.Context()); !errors.Is(err, ErrLost) {
			t.Errorf("the run's Close = %v", err)
		}
	})
}
