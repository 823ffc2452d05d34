package job

import "time"

// Trigger tells what caused a run.
type Trigger string

// The triggers.
const (
	TriggerSchedule Trigger = "schedule"
	TriggerManual   Trigger = "manual"
	TriggerAPI      Trigger = "api"
	TriggerRetry    Trigger = "retry"
	TriggerCatchUp  Trigger = "catch_up"
	TriggerChain    Trigger = "chain"
)

// Triggers lists the triggers.
func Triggers() []Trigger {
	return []Trigger{TriggerSchedule, TriggerManual, TriggerAPI, TriggerRetry, TriggerCatchUp, TriggerChain}
}

// Run is one attempt at one occurrence of a job or at one manual trigger.
type Run struct {
	ID          RunID
	JobID       ID
	JobRevision int64
	// Group, Name and Kind are the job's at the time, so that history survives its deletion.
	Group string
	Name  string
	Kind  string

	ScheduledAt time.Time // the occurrence; zero for manual runs
	Attempt     int       // from 1
	RootID      RunID     // the first attempt
	Trigger     Trigger
	Actor       By
	Args        Args // overrides of a manual run; nil: the revision's own
	Priority    Priority
	NodeWanted  string

	State       RunState
	Reason      Reason
	CreatedAt   time.Time
	AvailableAt time.Time // not started before
	StartedAt   time.Time
	FinishedAt  time.Time
	NodeID      string
	Epoch       int64 // counts up at each start; fences a late finish

	// CancelReason is set when a running run has been asked to stop, with who asked.
	CancelReason Reason
	CancelActor  By

	ExitCode    *int
	Result      string // the kind's short result, at most MaxResult runes
	Error       string // at most MaxError runes
	OutputBytes int64  // bytes the run wrote, before any cap
	Occurrences int64  // how many occurrences this row stands for; more than 1 only for missed rows
}

// Lengths, in runes, of what is kept of a result and an error.
const (
	MaxResult = 1000
	MaxError  = 2000
)

// Reason says in one stable word why a run is in its state. Its text is the i18n message "reason.<word>".
type Reason string

// The reasons.
const (
	ReasonNone        Reason = ""
	ReasonOverlap     Reason = "overlap"      // skipped: an earlier run was in flight
	ReasonMisfire     Reason = "misfire"      // missed: the scheduler was not there in time
	ReasonCoalesced   Reason = "coalesced"    // missed: a later catch-up or on-time run stands for it
	ReasonUser        Reason = "user"         // cancelled by a person
	ReasonStopped     Reason = "job_stopped"  // cancelled because the job was stopped
	ReasonPaused      Reason = "job_paused"   // a waiting retry cancelled because the job was paused
	ReasonAbandoned   Reason = "abandoned"    // cancelled because the job was abandoned
	ReasonReplaced    Reason = "replaced"     // cancelled by a newer occurrence (overlap replace)
	ReasonShutdown    Reason = "shutdown"     // cancelled or lost at shutdown
	ReasonNodeDied    Reason = "node_died"    // lost: the process that ran it is gone
	ReasonTimeout     Reason = "timeout"      // timed out
	ReasonExit        Reason = "exit"         // failed: non-zero exit code
	ReasonError       Reason = "error"        // failed: an error of the kind
	ReasonBadArgs     Reason = "bad_args"     // failed: parameters that cannot be used
	ReasonUnknownKind Reason = "unknown_kind" // failed: this build has no such kind
	ReasonPanic       Reason = "panic"        // failed: a defect in the kind
	ReasonJobGone     Reason = "job_gone"     // cancelled: the job was deleted
)

// Elapsed returns how long the run took, or has taken until now; zero before it starts.
func (r Run) Elapsed(now time.Time) time.Duration {
	switch {
	case r.StartedAt.IsZero():
		return 0
	case r.FinishedAt.IsZero():
		return max(0, now.Sub(r.StartedAt))
	default:
		return max(0, r.FinishedAt.Sub(r.StartedAt))
	}
}

// Ticket is what an engine needs to know of a queued run.
type Ticket struct {
	RunID       RunID
	JobID       ID
	Priority    Priority
	AvailableAt time.Time
	// Exclusive runs wait while another run of the same job is running (every overlap policy but parallel).
	Exclusive bool
	// Node is the name of the only node that may start it; "" any.
	Node string
	// LockTimeout: a run that has been running longer no longer makes exclusive ones wait; 0 never.
	LockTimeout Seconds
}

// Live counts a job's runs in flight.
type Live struct {
	Queued  int // waiting to start, first attempts
	Waiting int // retries waiting for their time
	Running int
}

// Any reports whether anything is in flight.
func (l Live) Any() bool { return l.Queued+l.Waiting+l.Running > 0 }

// Stream tells standard output from standard error.
type Stream int

// The streams.
const (
	Stdout Stream = 1
	Stderr Stream = 2
)

// Chunk is a piece of a run's output, in order of Seq (from 1 within a run).
type Chunk struct {
	RunID  RunID
	Seq    int64
	At     time.Time
	Stream Stream
	Data   []byte
	// Dropped > 0 marks a hole: so many bytes were left out here, and Data is empty.
	Dropped int64
}
