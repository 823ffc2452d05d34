package job

import "slices"

// State is a job's state. There are four; "running" and "retrying" are facts about runs.
type State string

// The job states.
const (
	Active    State = "active"
	Paused    State = "paused"
	Stopped   State = "stopped"
	Completed State = "completed"
)

// States lists the job states in the order people meet them.
func States() []State { return []State{Active, Paused, Stopped, Completed} }

// Valid reports whether s is one of the four states.
func (s State) Valid() bool { return slices.Contains(States(), s) }

// CanGo reports whether a job may change from one state to another. Staying is not a change.
func (s State) CanGo(to State) bool {
	switch s {
	case Active:
		return to == Paused || to == Stopped || to == Completed
	case Paused:
		return to == Active || to == Stopped || to == Completed
	case Stopped:
		return to == Active || to == Completed
	case Completed:
		return to == Active || to == Stopped
	default:
		return false
	}
}

// RunState is a run's state.
type RunState string

// The run states. Skipped and Missed rows are born final.
const (
	RunQueued    RunState = "queued"
	RunRunning   RunState = "running"
	RunSucceeded RunState = "succeeded"
	RunFailed    RunState = "failed"
	RunTimedOut  RunState = "timed_out"
	RunCancelled RunState = "cancelled"
	RunLost      RunState = "lost"
	RunSkipped   RunState = "skipped"
	RunMissed    RunState = "missed"
)

// RunStates lists the run states: in flight, ended, born final.
func RunStates() []RunState {
	return []RunState{
		RunQueued, RunRunning,
		RunSucceeded, RunFailed, RunTimedOut, RunCancelled, RunLost,
		RunSkipped, RunMissed,
	}
}

// Valid reports whether s is one of the run states.
func (s RunState) Valid() bool { return slices.Contains(RunStates(), s) }

// CanGo reports whether a run may change from one state to another. Nothing leaves a final state.
func (s RunState) CanGo(to RunState) bool {
	switch s {
	case RunQueued:
		return to == RunRunning || to == RunCancelled
	case RunRunning:
		return to == RunSucceeded || to == RunCancelled || to.Bad()
	default:
		return false
	}
}

// Final reports whether a run in this state is over.
func (s RunState) Final() bool { return s.Valid() && s != RunQueued && s != RunRunning }

// Good reports whether the run did its work.
func (s RunState) Good() bool { return s == RunSucceeded }

// Bad reports whether the state counts as a failure: it adds to a job's failures in
// a row and may be retried. Cancelled, skipped and missed are neither good nor bad.
func (s RunState) Bad() bool { return s == RunFailed || s == RunTimedOut || s == RunLost }

// InFlight reports whether the run is queued or running.
func (s RunState) InFlight() bool { return s == RunQueued || s == RunRunning }
