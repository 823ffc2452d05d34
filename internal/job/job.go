// Package job is the pure core: what a job and a run are, when a job is due, and
// what follows from a run's outcome. It reads no clock, no database and no network;
// every function is total and gets "now" as an argument.
package job

import (
	"encoding/json"
	"time"
)

// ID identifies a job (UUIDv7 text).
type ID string

// String implements fmt.Stringer.
func (id ID) String() string { return string(id) }

// RunID identifies a run (UUIDv7 text).
type RunID string

// String implements fmt.Stringer.
func (id RunID) String() string { return string(id) }

// Seconds is a span of whole seconds. Schedules and policies have second granularity.
type Seconds int64

// Duration returns s as a time.Duration.
func (s Seconds) Duration() time.Duration { return time.Duration(s) * time.Second }

// By names who did something; System jobs and the scheduler itself have no ID.
type By struct {
	ID   string `json:"id,omitempty"`
	Name string `json:"name,omitempty"`
}

// Args are a kind's parameters by name.
type Args map[string]any

// Source tells where a job comes from.
type Source string

// The sources.
const (
	SourceUser   Source = "user"
	SourceSystem Source = "system"
	SourceImport Source = "import"
)

// Priority orders waiting runs; higher goes first.
type Priority int

// The priorities, with the numbers of the compatible interface.
const (
	Low         Priority = 5
	BelowNormal Priority = 10
	Normal      Priority = 15
	AboveNormal Priority = 20
	High        Priority = 25
)

// Priorities lists the priorities from low to high.
func Priorities() []Priority { return []Priority{Low, BelowNormal, Normal, AboveNormal, High} }

// Overlap says what happens when an occurrence is due while an earlier run of the job is in flight.
type Overlap string

// The overlap policies.
const (
	OverlapSkip     Overlap = "skip"     // the occurrence leaves a skipped row
	OverlapQueue    Overlap = "queue"    // it waits for the earlier run; one waits at most
	OverlapParallel Overlap = "parallel" // both run
	OverlapReplace  Overlap = "replace"  // the earlier run is cancelled
)

// Overlaps lists the overlap policies.
func Overlaps() []Overlap {
	return []Overlap{OverlapSkip, OverlapQueue, OverlapParallel, OverlapReplace}
}

// Misfire says what happens with occurrences that could not be dispatched within their grace.
type Misfire string

// The misfire policies.
const (
	MisfireSkip    Misfire = "skip"     // they leave a missed row
	MisfireRunOnce Misfire = "run_once" // one catch-up run stands for all of them
	MisfireRunAll  Misfire = "run_all"  // each runs, up to MisfireCap
)

// Misfires lists the misfire policies.
func Misfires() []Misfire { return []Misfire{MisfireRunOnce, MisfireSkip, MisfireRunAll} }

// Retry says how a failed run is tried again.
type Retry struct {
	// Limit is the number of further attempts: 0 none, -1 without limit.
	Limit int `json:"limit"`
	// Delay is the wait before the first further attempt.
	Delay Seconds `json:"delay"`
	// Factor multiplies the delay at each further attempt; below 1 counts as 1.
	Factor float64 `json:"factor"`
	// MaxDelay bounds the delay; 0 means [DefaultMaxRetryDelay].
	MaxDelay Seconds `json:"max_delay"`
}

// DefaultMaxRetryDelay bounds a growing retry delay that names no bound of its own: one day.
const DefaultMaxRetryDelay Seconds = 24 * 60 * 60

// Retention says how long a job's runs are kept; zero means the server's default.
type Retention struct {
	KeepRuns       int `json:"keep_runs"`
	KeepDays       int `json:"keep_days"`
	KeepFailedDays int `json:"keep_failed_days"`
}

// Definition is everything about a job that a person decides. Each edit makes a new
// revision, and every revision is kept whole, as this type's JSON.
type Definition struct {
	Group       string   `json:"group"`
	Name        string   `json:"name"` // unique within the group
	Description string   `json:"description"`
	Owner       string   `json:"owner"`
	Tags        []string `json:"tags"`
	Kind        string   `json:"kind"`
	Args        Args     `json:"args"`
	Schedule    Schedule `json:"schedule"`

	MaxCount    int       `json:"max_count"` // complete after this many runs; 0 never
	MaxTries    int       `json:"max_tries"` // abandon after this many failures in a row; 0 never
	Retry       Retry     `json:"retry"`
	Timeout     Seconds   `json:"timeout"` // 0 none
	Overlap     Overlap   `json:"overlap"`
	LockTimeout Seconds   `json:"lock_timeout"` // after it a run no longer blocks the next; 0 never
	Priority    Priority  `json:"priority"`
	Misfire     Misfire   `json:"misfire"`
	Grace       Seconds   `json:"grace"`       // an occurrence dispatched within it is on time
	MisfireCap  int       `json:"misfire_cap"` // most catch-up runs of run_all
	Node        string    `json:"node"`        // run only there; "" anywhere
	Retention   Retention `json:"retention"`
}

// Job is a definition with its identity, state and counters.
type Job struct {
	ID ID
	Definition
	Source    Source
	Revision  int64 // counts up at each edit; the optimistic lock
	State     State
	Abandoned bool // stopped by MaxTries

	PausedUntil time.Time // zero: until resumed
	PauseReason string

	TriggerCount int64     // runs begun: occurrences and manual triggers, not retries
	TryCount     int64     // failures in a row
	LastRunAt    time.Time // start of the last run that ended
	LastRunID    RunID
	LastOutcome  RunState
	NextRunAt    time.Time // zero: nothing planned

	CreatedAt time.Time
	CreatedBy By
	UpdatedAt time.Time
	UpdatedBy By
}

// Revision is one kept version of a job's definition.
type Revision struct {
	JobID      ID
	Revision   int64
	Definition Definition
	At         time.Time
	By         By
	Note       string
}

// Clone returns a deep copy of d.
func (d Definition) Clone() Definition {
	c := d
	c.Tags = append([]string(nil), d.Tags...)
	c.Args = Args{}
	if raw, err := json.Marshal(d.Args); err == nil {
		_ = json.Unmarshal(raw, &c.Args)
	}
	return c
}
