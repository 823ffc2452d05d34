package event_test

import (
	"sync"
	"testing"

	"carillon/internal/event"
	"carillon/internal/job"
)

func TestSubscriberReceivesInOrder(t *testing.T) {
	t.Parallel()
	hub := event.NewHub()
	s := hub.Subscribe()
	hub.Publish(event.Event{Type: event.JobChanged, JobID: "a"}, event.Event{Type: event.RunChanged, JobID: "b"})
	if n := hub.Count(); n != 2 {
		t.Errorf("%d events were published, want 2", n)
	}
	if first, second := <-s.C, <-s.C; first.JobID != "a" || second.JobID != "b" {
		t.Errorf("received %v, %v", first, second)
	}
}

func TestSlowSubscriberIsToldToRefreshAndNeverBlocks(t *testing.T) {
	t.Parallel()
	hub := event.NewHub()
	s := hub.Subscribe()
	for range 1000 {
		hub.Publish(event.Event{Type: event.RunChanged, JobID: job.ID("x")})
	}
	hub.Close()
	refreshed := false
	n := 0
	for e := range s.C {
		refreshed = refreshed || e.Type == event.Refresh
		n++
	}
	if !refreshed || n > 64 {
		t.Errorf("%d events left, refresh %v; want at most 64 and a refresh", n, refreshed)
	}
}

func TestCloseEndsSubscriptions(t *testing.T) {
	t.Parallel()
	hub := event.NewHub()
	a, b := hub.Subscribe(), hub.Subscribe()
	a.Close()
	a.Close()
	if _, open := <-a.C; open || hub.Subscribers() != 1 {
		t.Errorf("closed subscription open=%v, %d left", open, hub.Subscribers())
	}
	hub.Close()
	if _, open := <-b.C; open {
		t.Error("the hub closed but its subscription did not")
	}
	if _, open := <-hub.Subscribe().C; open {
		t.Error("a closed hub gave an open subscription")
	}
	b.Close()
}

func TestHubUnderContention(t *testing.T) {
	t.Parallel()
	hub := event.NewHub()
	var group sync.WaitGroup
	for range 8 {
		group.Go(func() {
			for range 200 {
				s := hub.Subscribe()
				hub.Publish(event.Event{Type: event.JobChanged})
				if _, ok := <-s.C; !ok {
					t.Error("an open subscription ended")
				}
				s.Close()
			}
		})
	}
	group.Wait()
	if n := hub.Subscribers(); n != 0 {
		t.Errorf("%d subscriptions left", n)
	}
}
