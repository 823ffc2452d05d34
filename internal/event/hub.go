// Package event tells live pages what changed. Delivery is a hint: a subscriber that
// is slow loses the oldest hints and is told to look again; a publisher never waits.
package event

import (
	"sync"

	"carillon/internal/job"
)

// Type says what changed.
type Type string

// The types.
const (
	JobChanged Type = "job" // created, edited, or in another state
	JobDeleted Type = "job-deleted"
	RunChanged Type = "run"    // created, started or ended
	SystemNote Type = "system" // draining, clock jumped, …
	// Refresh tells a subscriber that it has lost hints and must look at everything again.
	Refresh Type = "refresh"
)

// Event is one change.
type Event struct {
	Type  Type
	JobID job.ID
	RunID job.RunID
	State string // the new job or run state
}

// buffer is how many hints a subscriber may lag behind before it is told to refresh.
const buffer = 64

// Hub passes events on to subscribers within the process.
type Hub struct {
	mu     sync.Mutex
	subs   map[*Subscription]struct{}
	count  uint64 // events published
	closed bool
	taps   []func(Event)
}

// NewHub returns an empty hub. Each tap is called with every event, in the order of the
// events and without loss; it must be quick and must not call the hub.
func NewHub(taps ...func(Event)) *Hub {
	return &Hub{subs: map[*Subscription]struct{}{}, taps: taps}
}

// Subscription receives events on C until it or the hub is closed.
type Subscription struct {
	C   <-chan Event
	ch  chan Event
	hub *Hub
}

// Subscribe starts a subscription. On a closed hub its channel is closed already.
func (h *Hub) Subscribe() *Subscription {
	s := &Subscription{ch: make(chan Event, buffer), hub: h}
	s.C = s.ch
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.closed {
		close(s.ch)
		return s
	}
	h.subs[s] = struct{}{}
	return s
}

// Publish passes events to all subscribers. It never blocks.
func (h *Hub) Publish(events ...Event) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.count += uint64(len(events))
	for _, tap := range h.taps {
		for _, e := range events {
			tap(e)
		}
	}
	for s := range h.subs {
		for _, e := range events {
			s.offer(e)
		}
	}
}

// offer adds e; when the buffer is full, everything waiting is replaced by one Refresh.
func (s *Subscription) offer(e Event) {
	select {
	case s.ch <- e:
		return
	default:
	}
	for {
		select {
		case <-s.ch:
			continue
		default:
		}
		break
	}
	s.ch <- Event{Type: Refresh}
}

// Close ends the subscription; C is closed. It may be called more than once.
func (s *Subscription) Close() {
	s.hub.mu.Lock()
	defer s.hub.mu.Unlock()
	if _, open := s.hub.subs[s]; open {
		delete(s.hub.subs, s)
		close(s.ch)
	}
}

// Close ends all subscriptions, so that open streams end at shutdown.
func (h *Hub) Close() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.closed = true
	for s := range h.subs {
		delete(h.subs, s)
		close(s.ch)
	}
}

// Count returns how many events were published so far. Who notes it before reading what
// is stored, and subscribes later, sees by it whether something changed in between.
func (h *Hub) Count() uint64 {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.count
}

// Subscribers returns how many subscriptions are open.
func (h *Hub) Subscribers() int {
	h.mu.Lock()
	defer h.mu.Unlock()
	return len(h.subs)
}
