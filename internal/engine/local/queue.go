package local

import (
	"container/heap"
	"time"

	"carillon/internal/job"
)

// place says where an entry is kept.
type place int

const (
	nowhere place = iota
	inReady
	inDelayed
	inParked // waits for a run of its job; also in the delayed heap if its lock can run out
	atWork
)

// entry is a ticket the engine holds.
type entry struct {
	job.Ticket
	wakeAt  time.Time // when a delayed or parked entry is looked at again
	started time.Time
	place   place
	index   int // in the heap that holds it; -1 in none
	cancel  func(error)
}

// entryHeap orders entries by less.
type entryHeap struct {
	items []*entry
	less  func(a, b *entry) bool
}

func (h *entryHeap) Len() int           { return len(h.items) }
func (h *entryHeap) Less(i, j int) bool { return h.less(h.items[i], h.items[j]) }
func (h *entryHeap) Swap(i, j int) {
	h.items[i], h.items[j] = h.items[j], h.items[i]
	h.items[i].index, h.items[j].index = i, j
}

// Push implements heap.Interface.
func (h *entryHeap) Push(x any) {
	e, ok := x.(*entry)
	if !ok {
		panic("local: something else than an entry was queued")
	}
	e.index = len(h.items)
	h.items = append(h.items, e)
}

// Pop implements heap.Interface.
func (h *entryHeap) Pop() any {
	last := len(h.items) - 1
	e := h.items[last]
	h.items[last] = nil
	h.items = h.items[:last]
	e.index = -1
	return e
}

func (h *entryHeap) add(e *entry)    { heap.Push(h, e) }
func (h *entryHeap) remove(e *entry) { heap.Remove(h, e.index) }

func (h *entryHeap) take() *entry {
	first := h.items[0]
	h.remove(first)
	return first
}

// byUrgency: priority, then available_at, then id.
func byUrgency(a, b *entry) bool {
	if a.Priority != b.Priority {
		return a.Priority > b.Priority
	}
	if !a.AvailableAt.Equal(b.AvailableAt) {
		return a.AvailableAt.Before(b.AvailableAt)
	}
	return a.RunID < b.RunID
}

// byWake: the one to look at first.
func byWake(a, b *entry) bool {
	if !a.wakeAt.Equal(b.wakeAt) {
		return a.wakeAt.Before(b.wakeAt)
	}
	return a.RunID < b.RunID
}
