package output

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"runtime"
	"sync"
	"testing"

	"carillon/internal/clock"
	"carillon/internal/job"
)

// counting is a store that keeps only sums, so that the heap shows the recorder alone.
type counting struct {
	memory
	bytes, dropped int64
}

func (s *counting) AppendChunks(_ context.Context, chunks []job.Chunk) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, c := range chunks {
		s.bytes += int64(len(c.Data))
		s.dropped += c.Dropped
	}
	return nil
}

func heap() int64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}

// The tests here measure the heap, so they are not parallel.

func TestFloodIsBounded(t *testing.T) {
	store := &counting{}
	r := start(t, store, Limits{})
	c := r.Open("yes")
	lines := bytes.Repeat([]byte("y\n"), 16<<10)
	before, peak, written := heap(), int64(0), int64(0)
	for i := range 6000 { // 190 MiB
		n, _ := c.Stdout().Write(lines)
		written += int64(n)
		if i%1000 == 0 {
			peak = max(peak, heap())
		}
	}
	if n := closeCapture(t, c); n != written {
		t.Errorf("%d bytes, want %d", n, written)
	}
	if store.bytes+store.dropped != written || store.bytes > 2<<20 || store.bytes < 2<<20-2*maxChunk {
		t.Errorf("kept %d, dropped %d of %d", store.bytes, store.dropped, written)
	}
	if grown := peak - before; grown > 5<<20 {
		t.Errorf("the heap grew by %d KiB", grown>>10)
	}
}

func TestFloodOfTinyAlternatingWritesIsBounded(t *testing.T) {
	store := &counting{}
	r := start(t, store, Limits{})
	c := r.Open("tiny")
	before, peak := heap(), int64(0)
	for i := range 400_000 {
		out := c.Stdout()
		if i%2 == 1 {
			out = c.Stderr()
		}
		_, _ = out.Write([]byte{'x'})
		if i%50_000 == 0 {
			peak = max(peak, heap())
		}
	}
	closeCapture(t, c)
	if store.bytes+store.dropped != 400_000 {
		t.Errorf("kept %d, dropped %d", store.bytes, store.dropped)
	}
	if grown := peak - before; grown > 12<<20 {
		t.Errorf("the heap grew by %d KiB", grown>>10)
	}
}

func TestOneLongLine(t *testing.T) {
	store := newMemory()
	r := start(t, store, Limits{})
	c := r.Open("line")
	all := bytes.Repeat([]byte("0123456789abcdef"), 10<<16) // 10 MiB without a line end
	_, _ = c.Stdout().Write(all)
	if n := closeCapture(t, c); n != int64(len(all)) {
		t.Errorf("%d bytes", n)
	}
	checkKept(t, store.run("line"), all, 1<<20, 1<<20)
}

func TestFiftyFloodsAtOnce(t *testing.T) {
	store := &counting{}
	r := start(t, store, Limits{Head: 128 << 10, Tail: 128 << 10})
	lines := bytes.Repeat([]byte("carillon\n"), 3000)
	before := heap()
	var wg, written sync.WaitGroup
	release := make(chan struct{})
	for i := range 50 {
		written.Add(1)
		wg.Go(func() {
			c := r.Open(job.RunID(fmt.Sprint(i)))
			for range 400 { // 10 MiB
				_, _ = c.Stdout().Write(lines)
			}
			written.Done()
			<-release
			if n := closeCapture(t, c); n != int64(400*len(lines)) {
				t.Errorf("flood %d: %d bytes", i, n)
			}
		})
	}
	written.Wait()
	grown := heap() - before
	close(release)
	wg.Wait()
	if want := int64(50 * 400 * len(lines)); store.bytes+store.dropped != want {
		t.Errorf("kept %d, dropped %d of %d", store.bytes, store.dropped, want)
	}
	if limit := int64(50 * (128 + 128 + 64) << 10); grown > limit {
		t.Errorf("50 floods hold %d KiB, want at most %d", grown>>10, limit>>10)
	}
}

func TestIdleCapturesCostNothing(t *testing.T) {
	r := start(t, newMemory(), Limits{})
	before := heap()
	captures := make([]*Capture, 10_000)
	for i := range captures {
		captures[i] = r.Open(job.RunID(fmt.Sprint(i)))
	}
	if each := (heap() - before) / int64(len(captures)); each > 1024 {
		t.Errorf("an idle capture takes %d bytes", each)
	}
	for _, c := range captures {
		closeCapture(t, c)
	}
}

func BenchmarkSmallRuns(b *testing.B) {
	r := New(&counting{}, clock.System(), quiet(), Limits{})
	defer r.Close(b.Context())
	b.SetParallelism(50)
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			c := r.Open(job.RunID(fmt.Sprint(pb)))
			_, _ = io.WriteString(c.Stdout(), "a line of output\n")
			_, _ = c.Close(b.Context())
		}
	})
}

func BenchmarkFlood(b *testing.B) {
	r := New(&counting{}, clock.System(), quiet(), Limits{})
	defer r.Close(b.Context())
	c := r.Open("a")
	lines := bytes.Repeat([]byte("y\n"), 16<<10)
	b.SetBytes(int64(len(lines)))
	for b.Loop() {
		_, _ = c.Stdout().Write(lines)
	}
	_, _ = c.Close(b.Context())
}
