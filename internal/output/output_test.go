package output

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"

	"carillon/internal/clock"
	"carillon/internal/job"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// memory is a store in memory with switches for misbehaviour.
type memory struct {
	mu     sync.Mutex
	chunks map[job.RunID][]job.Chunk
	calls  int // of AppendChunks that stored something

	fail  func(chunks []job.Chunk) error // refuses a call, if not nil
	after func() error                   // fails a call that has stored, if not nil
	hang  bool                           // calls last until their context ends
}

func newMemory() *memory { return &memory{chunks: map[job.RunID][]job.Chunk{}} }

func (m *memory) AppendChunks(ctx context.Context, chunks []job.Chunk) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.hang {
		m.mu.Unlock()
		<-ctx.Done()
		m.mu.Lock()
		return ctx.Err()
	}
	if m.fail != nil {
		if err := m.fail(chunks); err != nil {
			return err
		}
	}
	for _, c := range chunks {
		for _, old := range m.chunks[c.RunID] {
			if old.Seq == c.Seq {
				return fmt.Errorf("chunk %d of %s is there already", c.Seq, c.RunID)
			}
		}
	}
	for _, c := range chunks {
		c.Data = bytes.Clone(c.Data)
		m.chunks[c.RunID] = append(m.chunks[c.RunID], c)
	}
	m.calls++
	if m.after != nil {
		return m.after()
	}
	return nil
}

func (m *memory) Chunks(_ context.Context, id job.RunID, after int64, maxBytes int) ([]job.Chunk, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	list := slices.Clone(m.chunks[id])
	slices.SortFunc(list, func(a, b job.Chunk) int { return cmp.Compare(a.Seq, b.Seq) })
	var found []job.Chunk
	for size := 0; len(list) > 0 && (size < maxBytes || len(found) == 0); list = list[1:] {
		if list[0].Seq > after {
			found = append(found, list[0])
			size += len(list[0].Data)
		}
	}
	return found, nil
}

func (m *memory) DeleteOutput(_ context.Context, ids []job.RunID) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, id := range ids {
		delete(m.chunks, id)
	}
	return nil
}

func (m *memory) set(change func(*memory)) {
	m.mu.Lock()
	defer m.mu.Unlock()
	change(m)
}

// run returns a run's stored chunks.
func (m *memory) run(id job.RunID) []job.Chunk {
	m.mu.Lock()
	defer m.mu.Unlock()
	return slices.Clone(m.chunks[id])
}

func quiet() *slog.Logger { return slog.New(slog.DiscardHandler) }

// start returns a recorder that ends with the test.
func start(t *testing.T, store Store, limits Limits) *Recorder {
	t.Helper()
	r := New(store, clock.System(), quiet(), limits)
	t.Cleanup(func() {
		if err := r.Close(context.WithoutCancel(t.Context())); err != nil {
			t.Errorf("close recorder: %v", err)
		}
	})
	return r
}

// join returns the data of chunks, checked for order and size, and what they leave out.
func join(t *testing.T, chunks []job.Chunk) (data []byte, dropped int64) {
	t.Helper()
	last := int64(0)
	for _, c := range chunks {
		gap := c.Seq - last - 1
		if c.Seq <= last || gap > 0 && c.Dropped == 0 {
			t.Errorf("chunk %d follows %d", c.Seq, last)
		}
		if len(c.Data) > maxChunk || (len(c.Data) == 0) != (c.Dropped > 0) || c.At.IsZero() || c.Stream != job.Stdout && c.Stream != job.Stderr {
			t.Errorf("odd chunk %d: %d bytes, %d dropped, stream %d, at %v", c.Seq, len(c.Data), c.Dropped, c.Stream, c.At)
		}
		last = c.Seq
		data = append(data, c.Data...)
		dropped += c.Dropped
	}
	return data, dropped
}

func closeCapture(t *testing.T, c *Capture) int64 {
	t.Helper()
	n, err := c.Close(t.Context())
	if err != nil {
		t.Errorf("close capture: %v", err)
	}
	return n
}

func TestSmallOutput(t *testing.T) {
	t.Parallel()
	store := newMemory()
	r := start(t, store, Limits{})
	c := r.Open("a")
	fmt.Fprint(c.Stdout(), "out 1\n")
	fmt.Fprint(c.Stderr(), "err 1\n")
	fmt.Fprint(c.Stdout(), "out 2\n")
	_, _ = c.Stdout().Write([]byte{0, 0xff, 0xfe, '\n'})
	if n := closeCapture(t, c); n != 22 {
		t.Errorf("%d bytes, want 22", n)
	}
	data, dropped := join(t, store.run("a"))
	if want := "out 1\nerr 1\nout 2\n\x00\xff\xfe\n"; string(data) != want || dropped != 0 {
		t.Errorf("stored %q, dropped %d; want %q", data, dropped, want)
	}
	var streams []job.Stream
	for _, chunk := range store.run("a") {
		streams = append(streams, chunk.Stream)
	}
	if !slices.Equal(streams, []job.Stream{job.Stdout, job.Stderr, job.Stdout}) {
		t.Errorf("streams %v", streams)
	}
	if r.capture("a") != nil {
		t.Error("a closed capture is still open")
	}
	if _, err := c.Stdout().Write([]byte("late")); err != nil {
		t.Errorf("a straggler's write failed: %v", err)
	}
	if n := closeCapture(t, c); n != 22 {
		t.Errorf("closed again: %d bytes, want 22", n)
	}
}

func TestNoOutputStoresNothing(t *testing.T) {
	t.Parallel()
	store := newMemory()
	r := start(t, store, Limits{})
	if n := closeCapture(t, r.Open("a")); n != 0 || store.calls != 0 {
		t.Errorf("%d bytes in %d calls", n, store.calls)
	}
}

// TestCaps writes numbered lines in pieces of many sizes and checks what is kept.
func TestCaps(t *testing.T) {
	t.Parallel()
	var all []byte
	for i := range 3000 {
		all = fmt.Appendf(all, "line %04d é\n", i) // 13 bytes
	}
	const head, tail = 4 << 10, 2 << 10
	for _, total := range []int{1, head - 1, head, head + 1, head + tail/2, head + tail, head + tail + 1, 20_000, len(all)} {
		for _, piece := range []int{1, 7, 100, 5000, len(all)} {
			t.Run(fmt.Sprintf("%d bytes by %d", total, piece), func(t *testing.T) {
				t.Parallel()
				store := newMemory()
				r := start(t, store, Limits{Head: head, Tail: tail, Buffer: 1 << 10})
				c := r.Open("a")
				for part := range slices.Chunk(all[:total], piece) {
					if n, err := c.Stdout().Write(part); n != len(part) || err != nil {
						t.Fatalf("Write = %d, %v", n, err)
					}
				}
				if n := closeCapture(t, c); n != int64(total) {
					t.Errorf("%d bytes, want %d", n, total)
				}
				checkKept(t, store.run("a"), all[:total], head, tail)
			})
		}
	}
}

// checkKept checks that chunks are the head and the tail of all, with the right hole.
func checkKept(t *testing.T, chunks []job.Chunk, all []byte, head, tail int) {
	t.Helper()
	data, dropped := join(t, chunks)
	if len(data)+int(dropped) != len(all) {
		t.Errorf("kept %d and dropped %d of %d bytes", len(data), dropped, len(all))
	}
	i := slices.IndexFunc(chunks, func(c job.Chunk) bool { return c.Dropped > 0 })
	if i < 0 {
		if !bytes.Equal(data, all) {
			t.Error("what is kept is not what was written")
		}
		return
	}
	first, _ := join(t, chunks[:i])
	last := data[len(first):]
	if !bytes.HasPrefix(all, first) || !bytes.HasSuffix(all, last) {
		t.Error("what is kept is not the beginning and the end")
	}
	if len(first) > head || len(first) < head-3 {
		t.Errorf("the head has %d bytes, want %d", len(first), head)
	}
	if len(last) > tail || len(last) < tail-tail/8-128 {
		t.Errorf("the tail has %d bytes, want about %d", len(last), tail)
	}
}

func TestRunesAndLinesStayWhole(t *testing.T) {
	t.Parallel()
	store := newMemory()
	r := start(t, store, Limits{Buffer: 4 << 20}) // a writer that waits may be cut anywhere
	c := r.Open("runes")
	text := bytes.Repeat([]byte("€"), 60_000)
	for part := range slices.Chunk(text, 1000) {
		_, _ = c.Stdout().Write(part)
	}
	closeCapture(t, c)
	for _, chunk := range store.run("runes") {
		if len(chunk.Data)%3 != 0 {
			t.Errorf("chunk %d cuts a rune: %d bytes", chunk.Seq, len(chunk.Data))
		}
	}
	c = r.Open("lines")
	for i := range 20_000 {
		fmt.Fprintf(c.Stdout(), "a line of output with number %d\n", i)
	}
	closeCapture(t, c)
	for _, chunk := range store.run("lines") {
		if chunk.Data[len(chunk.Data)-1] != '\n' {
			t.Errorf("chunk %d ends within a line", chunk.Seq)
		}
	}
}

func TestRuneSplitBetweenFlushesStaysWhole(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		store := newMemory()
		r := start(t, store, Limits{})
		c := r.Open("a")
		_, _ = c.Stdout().Write([]byte("a\xe2\x82"))
		time.Sleep(time.Second)
		if got := store.run("a"); len(got) != 1 || string(got[0].Data) != "a" {
			t.Errorf("stored %v after a flush, want only the whole rune", got)
		}
		_, _ = c.Stdout().Write([]byte("\xac"))
		closeCapture(t, c)
		if data, _ := join(t, store.run("a")); string(data) != "a€" {
			t.Errorf("stored %q", data)
		}
	})
}

func TestConcurrentWriters(t *testing.T) {
	t.Parallel()
	store := newMemory()
	r := start(t, store, Limits{Head: 100 << 10, Tail: 100 << 10})
	c := r.Open("a")
	var wg sync.WaitGroup
	for i := range 8 {
		out := c.Stdout()
		if i%2 == 1 {
			out = c.Stderr()
		}
		wg.Go(func() {
			for range 5000 {
				_, _ = io.WriteString(out, "0123456789\n")
			}
		})
	}
	wg.Wait()
	if n := closeCapture(t, c); n != 8*5000*11 {
		t.Errorf("%d bytes, want %d", n, 8*5000*11)
	}
	data, dropped := join(t, store.run("a"))
	if int64(len(data))+dropped != 8*5000*11 {
		t.Errorf("kept %d, dropped %d", len(data), dropped)
	}
}

// TestSmallRunsShareCalls closes many captures at once and counts the transactions.
func TestSmallRunsShareCalls(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		store := newMemory()
		r := start(t, store, Limits{})
		var wg sync.WaitGroup
		for i := range 1000 {
			wg.Go(func() {
				c := r.Open(job.RunID(fmt.Sprint(i)))
				time.Sleep(time.Duration(i) * time.Millisecond) // a thousand a second
				fmt.Fprintf(c.Stdout(), "run %d\n", i)
				closeCapture(t, c)
			})
		}
		wg.Wait()
		if store.calls > 250 {
			t.Errorf("%d calls for 1000 runs", store.calls)
		}
		if len(store.chunks) != 1000 {
			t.Errorf("output of %d runs", len(store.chunks))
		}
	})
}

func TestDelete(t *testing.T) {
	t.Parallel()
	store := newMemory()
	r := start(t, store, Limits{})
	c := r.Open("a")
	fmt.Fprintln(c.Stdout(), "x")
	closeCapture(t, c)
	if err := r.Delete(t.Context(), []job.RunID{"a"}); err != nil || len(store.run("a")) != 0 {
		t.Errorf("Delete = %v, left %d", err, len(store.run("a")))
	}
}

func TestRecorderCloseStoresWhatIsOpen(t *testing.T) {
	t.Parallel()
	store := newMemory()
	r := New(store, clock.System(), quiet(), Limits{})
	c := r.Open("a")
	fmt.Fprint(c.Stdout(), "unfinished")
	if err := r.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	if data, _ := join(t, store.run("a")); string(data) != "unfinished" {
		t.Errorf("stored %q", data)
	}
	if n := closeCapture(t, c); n != 10 {
		t.Errorf("closed afterwards: %d bytes", n)
	}
	late := r.Open("b")
	fmt.Fprint(late.Stdout(), "nobody stores this")
	closeCapture(t, late)
	if err := r.Close(t.Context()); err != nil {
		t.Errorf("closed twice: %v", err)
	}
}

var errStore = errors.New("disk full")
