package page

import (
	"net/url"
	"time"

	"carillon/internal/job"
	"carillon/views/layout"
)

// RunListModel is the list of all runs. Query: q, job (id), group, kind, state (a job.RunState,
// or "bad" for failed, timed out and lost), trigger, from, to (datetime-local in the reader's zone), after (cursor).
type RunListModel struct {
	layout.Shell
	Query url.Values
	Runs  []job.Run // newest first
	Next  string    // cursor of the next page; "" at the end
	// Job is the one that Query's job names; nil otherwise.
	Job    *job.Job
	Groups []job.GroupCount
	Kinds  []job.KindSpec
}

// RunShowModel is one run's page.
type RunShowModel struct {
	layout.Shell
	Run job.Run
	// Job is the run's job as it is now; nil if it was deleted.
	Job  *job.Job
	Kind job.KindSpec // zero Name if this build has no such kind
	// Args are the parameters as run, secrets masked.
	Args job.Args
	// Summary is one readable line of what the run does.
	Summary string
	// Attempts are all attempts at the same occurrence, first first, this one included; nil if it is the only one.
	Attempts []job.Run
	Output   Output
	// Diff is what a run that went wrong is compared with; nil for others.
	Diff *RunDiff
	// JobZone is the job's zone, for the due time; nil is UTC.
	JobZone *time.Location
}

// Output is what a run printed, as far as the page shows it.
type Output struct {
	Parts []OutputPart
	// After is the Seq of the last chunk in Parts: the live stream goes on from there.
	After int64
	// Live is set while more may come.
	Live bool
	// Clipped is set when the page leaves out what lies before Parts; the whole is at route.RunOutput.
	Clipped bool
	// FirstLine is the number of the line with which Parts begins, from 1.
	FirstLine int
}

// OutputPart is a piece of output.
type OutputPart struct {
	Stderr bool
	// HTML is safe HTML: escaped text with spans whose classes are those of terminal-to-html
	// ("term-fg31" and so on) and without style attributes.
	HTML string
	// Dropped > 0 marks a hole: so many bytes were left out here, and HTML is empty.
	Dropped int64
}

// FirstErrorLine is the first line of the run's error, or of its result if it has none.
func (m RunShowModel) FirstErrorLine() string { return firstLine(m.Run) }
