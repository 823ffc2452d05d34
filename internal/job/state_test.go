package job_test

import (
	"testing"

	"carillon/internal/job"
)

func TestJobStatesChangeAsTheTableSays(t *testing.T) {
	t.Parallel()
	want := map[job.State][]job.State{
		job.Active:    {job.Paused, job.Stopped, job.Completed},
		job.Paused:    {job.Active, job.Stopped, job.Completed},
		job.Stopped:   {job.Active, job.Completed},
		job.Completed: {job.Active, job.Stopped},
	}
	for _, from := range append(job.States(), "", "running") {
		for _, to := range append(job.States(), "", "running") {
			allowed := false
			for _, s := range want[from] {
				allowed = allowed || s == to
			}
			if got := from.CanGo(to); got != allowed {
				t.Errorf("CanGo(%q, %q) = %v", from, to, got)
			}
		}
	}
}

func TestRunStatesChangeAsTheTableSays(t *testing.T) {
	t.Parallel()
	want := map[job.RunState][]job.RunState{
		job.RunQueued:  {job.RunRunning, job.RunCancelled},
		job.RunRunning: {job.RunSucceeded, job.RunFailed, job.RunTimedOut, job.RunCancelled, job.RunLost},
	}
	for _, from := range append(job.RunStates(), "") {
		for _, to := range append(job.RunStates(), "") {
			allowed := false
			for _, s := range want[from] {
				allowed = allowed || s == to
			}
			if got := from.CanGo(to); got != allowed {
				t.Errorf("CanGo(%q, %q) = %v", from, to, got)
			}
			if got := from.CanGo(to); got && from.Final() {
				t.Errorf("%q is final but goes to %q", from, to)
			}
		}
	}
}

func TestEveryRunStateIsInFlightOrFinal(t *testing.T) {
	t.Parallel()
	for _, s := range job.RunStates() {
		if s.InFlight() == s.Final() {
			t.Errorf("%q: in flight %v, final %v", s, s.InFlight(), s.Final())
		}
		if s.Good() && s.Bad() || s.InFlight() && (s.Good() || s.Bad()) {
			t.Errorf("%q: good %v, bad %v", s, s.Good(), s.Bad())
		}
	}
	if job.RunState("").Final() {
		t.Error("the empty state is final")
	}
}
