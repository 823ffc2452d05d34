package job

import "time"

// Filter selects jobs. Zero fields do not restrict. All given fields must hold.
type Filter struct {
	Text        string // in name, group, description, owner or tags, without case
	Name        string // contains
	Group       string // exactly
	Groups      []string
	Kind        string
	States      []State
	LastOutcome RunState
	Tag         string
	Owner       string
	Node        string
	Source      Source
	// HideSystem leaves out system jobs.
	HideSystem bool
	Priority   Priority
	Type       ScheduleType
	Abandoned  *bool
	// Running selects jobs with a run in flight.
	Running bool

	CreatedFrom, CreatedTo time.Time
	LastRunFrom, LastRunTo time.Time
	BeginFrom, EndTo       time.Time
}

// JobSort names a sort order of the job list. Every order is backed by an index and ends with the id.
type JobSort string

// The sort orders of jobs.
const (
	SortGroupName JobSort = "group"    // group, then name: the page's default
	SortName      JobSort = "name"     //
	SortNextRun   JobSort = "next_run" // planned first, unplanned last
	SortLastRun   JobSort = "last_run" //
	SortCreated   JobSort = "created"  //
	SortPriority  JobSort = "priority" //
)

// JobPage asks for one page of jobs.
type JobPage struct {
	Sort  JobSort
	Desc  bool
	Limit int    // 1 to 1000
	After string // cursor from Jobs.Next; "" for the first page
	// Offset skips rows instead of a cursor; only the compatible interface uses it.
	Offset int
}

// Jobs is one page of jobs.
type Jobs struct {
	Items []Job
	Next  string // cursor of the next page; "" at the end
}

// RunFilter selects runs. Zero fields do not restrict.
type RunFilter struct {
	JobID    ID
	Group    string
	Name     string // contains
	Kind     string
	States   []RunState
	Triggers []Trigger
	NodeID   string
	Text     string    // in job name, result or error, without case
	From, To time.Time // by creation
	// Ended leaves out queued and running rows.
	Ended bool
	// HasError selects rows with (true) or without (false) an error text.
	HasError *bool
}

// RunPage asks for one page of runs, newest first unless Ascending.
type RunPage struct {
	Ascending bool
	Limit     int
	After     string
	Offset    int
}

// Runs is one page of runs.
type Runs struct {
	Items []Run
	Next  string
}

// Bar is one past run in a job's row of bars.
type Bar struct {
	RunID      RunID
	State      RunState
	StartedAt  time.Time
	FinishedAt time.Time
	CreatedAt  time.Time
}

// Slot counts the final runs made within one span of time, by their state; a state
// without any is absent.
type Slot struct {
	From time.Time
	Runs map[RunState]int
}

// Stats sums up a job's finished runs over a window.
type Stats struct {
	Total, Succeeded, Failed int
	P50, P95                 time.Duration // of succeeded runs
}

// GroupCount is one group with its number of jobs.
type GroupCount struct {
	Group string
	Jobs  int
}
