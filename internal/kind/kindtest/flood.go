package kindtest

import (
	"runtime"
	"sync"
	"testing"
)

const (
	// floodBytes is what a flood has to print at least.
	floodBytes = 32 << 20
	// floodHeap is how much the heap may grow meanwhile.
	floodHeap = 16 << 20
)

func (s suite) flood(t *testing.T) {
	if s.cases.Flood == nil {
		t.Skip("the kind cannot print much")
	}
	runtime.GC()
	var start runtime.MemStats
	runtime.ReadMemStats(&start)
	sink := &gauge{}
	x := Execution(t, s.kind, s.cases.Flood, sink)
	result, err := s.kind.Run(t.Context(), x)
	if err != nil {
		t.Errorf("flood failed: %v", err)
	}
	checkMessage(t, result)
	if sink.written < floodBytes {
		t.Errorf("flood printed %d bytes, want at least %d to mean something", sink.written, floodBytes)
	}
	if grown := int64(sink.peak) - int64(start.HeapAlloc); grown > floodHeap {
		t.Errorf("heap grew by %d MiB during a flood, want at most %d", grown>>20, floodHeap>>20)
	}
}

// gauge swallows what is written and looks at the heap now and then.
type gauge struct {
	mu            sync.Mutex
	written, next int64
	peak          uint64
}

// Write implements [io.Writer].
func (g *gauge) Write(p []byte) (int, error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.written += int64(len(p))
	if g.written >= g.next {
		g.next = g.written + 4<<20
		runtime.GC() // garbage that waits for its collection is not growth
		var now runtime.MemStats
		runtime.ReadMemStats(&now)
		g.peak = max(g.peak, now.HeapAlloc)
	}
	return len(p), nil
}
