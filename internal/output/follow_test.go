package output

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"carillon/internal/job"
)

// seen is what a follower has got so far.
type seen struct {
	mu     sync.Mutex
	chunks []job.Chunk
	err    error
}

func (s *seen) data() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	var b strings.Builder
	for _, c := range s.chunks {
		if c.Dropped > 0 {
			fmt.Fprintf(&b, "[%d]", c.Dropped)
		}
		b.Write(c.Data)
	}
	return b.String()
}

// follow starts a follower, which waits for delay before each chunk.
func follow(ctx context.Context, r *Recorder, id job.RunID, after int64, delay time.Duration) (*seen, *sync.WaitGroup) {
	s, wg := &seen{}, &sync.WaitGroup{}
	wg.Go(func() {
		for chunk, err := range r.Follow(ctx, id, after) {
			s.mu.Lock()
			s.err = err
			if err == nil {
				s.chunks = append(s.chunks, chunk)
			}
			s.mu.Unlock()
			time.Sleep(delay)
		}
	})
	return s, wg
}

func TestFollowLive(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		r := start(t, newMemory(), Limits{})
		c := r.Open("a")
		early, earlyDone := follow(t.Context(), r, "a", 0, 0)
		for i := range 5 {
			fmt.Fprintf(c.Stdout(), "%d\n", i)
			time.Sleep(300 * time.Millisecond)
			if want := "0\n1\n2\n3\n4\n"[:2*i+2]; early.data() != want {
				t.Errorf("300 ms after a line: %q, want %q", early.data(), want)
			}
		}
		middle, middleDone := follow(t.Context(), r, "a", early.chunks[2].Seq, 0)
		fmt.Fprint(c.Stderr(), "end")
		closeCapture(t, c)
		earlyDone.Wait() // ends with the capture
		middleDone.Wait()
		if got := early.data(); got != "0\n1\n2\n3\n4\nend" {
			t.Errorf("from the beginning: %q", got)
		}
		if got := middle.data(); got != "3\n4\nend" {
			t.Errorf("from the middle: %q", got)
		}
		late, lateDone := follow(t.Context(), r, "a", 0, 0)
		lateDone.Wait()
		if got := late.data(); got != "0\n1\n2\n3\n4\nend" {
			t.Errorf("after the end: %q", got)
		}
	})
}

// TestFollowBeyondHead follows a run whose head is full.
func TestFollowBeyondHead(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		store := newMemory()
		r := start(t, store, Limits{Head: 100, Tail: 200})
		c := r.Open("a")
		quick, quickDone := follow(t.Context(), r, "a", 0, 0)
		slow, slowDone := follow(t.Context(), r, "a", 0, 5*time.Second)
		var all strings.Builder
		for i := range 40 {
			line := fmt.Sprintf("line %04d\n", i) // 10 bytes
			all.WriteString(line)
			fmt.Fprint(c.Stdout(), line)
			time.Sleep(300 * time.Millisecond)
			if quick.data() != all.String() {
				t.Fatalf("after line %d: %q", i, quick.data())
			}
		}
		closeCapture(t, c)
		quickDone.Wait()
		slowDone.Wait()
		if quick.data() != all.String() {
			t.Errorf("the quick follower got %q", quick.data())
		}
		join(t, quick.chunks)
		data, dropped := join(t, slow.chunks)
		if len(data)+int(dropped) != all.Len() || dropped == 0 {
			t.Errorf("the slow follower got %d bytes and holes of %d, of %d", len(data), dropped, all.Len())
		}
		checkKept(t, store.run("a"), []byte(all.String()), 100, 200)
	})
}

// TestFollowerThatSleepsBeyondTheHead sees a part of the tail live and comes back when
// the run is over and the next part is gone.
func TestFollowerThatSleepsBeyondTheHead(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		r := start(t, newMemory(), Limits{Head: 100, Tail: 200})
		c := r.Open("a")
		var got []job.Chunk
		var wg sync.WaitGroup
		awake := make(chan struct{})
		wg.Go(func() {
			for chunk := range r.Follow(t.Context(), "a", 0) {
				got = append(got, chunk)
				if bytes.Contains(chunk.Data, []byte("line 0014")) {
					<-awake
				}
			}
		})
		for i := range 100 {
			fmt.Fprintf(c.Stdout(), "line %04d\n", i) // 10 bytes
			time.Sleep(300 * time.Millisecond)
		}
		closeCapture(t, c)
		close(awake)
		wg.Wait()
		data, dropped := join(t, got)
		if len(data)+int(dropped) != 1000 || dropped == 0 || !bytes.HasSuffix(data, []byte("line 0099\n")) {
			t.Errorf("got %d bytes and holes of %d, of 1000", len(data), dropped)
		}
	})
}

func TestFollowerSlowWithinTheHeadLosesNothing(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		r := start(t, newMemory(), Limits{})
		c := r.Open("a")
		slow, done := follow(t.Context(), r, "a", 0, time.Minute)
		var all strings.Builder
		for i := range 100 {
			line := fmt.Sprintf("line %d\n", i)
			all.WriteString(line)
			fmt.Fprint(c.Stdout(), line)
			time.Sleep(time.Second)
		}
		begun := time.Now()
		closeCapture(t, c)
		if took := time.Since(begun); took > time.Second {
			t.Errorf("a slow follower held up the run's end for %v", took)
		}
		done.Wait()
		if slow.data() != all.String() {
			t.Errorf("got %q", slow.data())
		}
	})
}

func TestFollowEnds(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		store := newMemory()
		r := New(store, systemClock(), quiet(), Limits{})
		c := r.Open("a")
		fmt.Fprint(c.Stdout(), "x")

		ctx, cancel := context.WithCancel(t.Context())
		cancelled, cancelledDone := follow(ctx, r, "a", 0, 0)
		time.Sleep(time.Second)
		cancel()
		cancelledDone.Wait()
		if cancelled.data() != "x" || cancelled.err != nil {
			t.Errorf("ended by its context: %q, %v", cancelled.data(), cancelled.err)
		}
		unknown, unknownDone := follow(t.Context(), r, "unknown", 0, 0)
		unknownDone.Wait()
		if unknown.data() != "" || unknown.err != nil {
			t.Errorf("unknown run: %q, %v", unknown.data(), unknown.err)
		}
		for chunk := range r.Follow(t.Context(), "a", 0) {
			if string(chunk.Data) != "x" {
				t.Errorf("chunk %q", chunk.Data)
			}
			break // the reader may leave at any time
		}
		shutdown, shutdownDone := follow(t.Context(), r, "a", 0, 0)
		if err := r.Close(t.Context()); err != nil {
			t.Error(err)
		}
		shutdownDone.Wait()
		if shutdown.data() != "x" {
			t.Errorf("ended by the recorder: %q", shutdown.data())
		}
	})
}

// brokenReads is a store that cannot be read.
type brokenReads struct{ *memory }

func (brokenReads) Chunks(context.Context, job.RunID, int64, int) ([]job.Chunk, error) {
	return nil, errStore
}

func TestFollowTellsStoreErrors(t *testing.T) {
	t.Parallel()
	r := start(t, brokenReads{newMemory()}, Limits{})
	var got error
	for _, err := range r.Follow(t.Context(), "a", 0) {
		got = err
	}
	if !errors.Is(got, errStore) {
		t.Errorf("error %v", got)
	}
	reader := r.Reader(t.Context(), "a")
	defer reader.Close()
	if _, err := io.ReadAll(reader); !errors.Is(err, errStore) {
		t.Errorf("reader's error %v", err)
	}
}

func TestReader(t *testing.T) {
	t.Parallel()
	r := start(t, newMemory(), Limits{Head: 10, Tail: 64})
	c := r.Open("a")
	fmt.Fprint(c.Stdout(), "0123456789")
	for range 50 {
		fmt.Fprint(c.Stderr(), "a line\n")
	}
	read := func() string {
		reader := r.Reader(t.Context(), "a")
		defer reader.Close()
		var b bytes.Buffer
		if _, err := io.CopyBuffer(struct{ io.Writer }{&b}, reader, make([]byte, 7)); err != nil {
			t.Errorf("read: %v", err)
		}
		return b.String()
	}
	closeCapture(t, c)
	got := read()
	if !strings.HasPrefix(got, "0123456789\n… ") || !strings.Contains(got, " bytes left out …\n") || !strings.HasSuffix(got, "line\na line\n") {
		t.Errorf("read %q", got)
	}
}

func TestReaderOfRunGoingOn(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		r := start(t, newMemory(), Limits{Head: 10, Tail: 1 << 10})
		c := r.Open("a")
		fmt.Fprint(c.Stdout(), "0123456789")
		fmt.Fprint(c.Stdout(), "beyond the head")
		time.Sleep(time.Second)
		reader := r.Reader(t.Context(), "a")
		defer reader.Close()
		if got, err := io.ReadAll(reader); string(got) != "0123456789beyond the head" || err != nil {
			t.Errorf("read %q, %v", got, err)
		}
		closeCapture(t, c)
	})
}

func TestReaderEndsWithItsContext(t *testing.T) {
	t.Parallel()
	r := start(t, newMemory(), Limits{})
	c := r.Open("a")
	fmt.Fprint(c.Stdout(), "x")
	closeCapture(t, c)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	reader := r.Reader(ctx, "a")
	defer reader.Close()
	if _, err := io.ReadAll(reader); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v; a cut text must not look complete", err)
	}
}
