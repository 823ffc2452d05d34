package page

import (
	"net/url"
	"time"

	"carillon/internal/i18n"
	"carillon/internal/job"
	"carillon/views/layout"
)

// JobRow is one job with what a list shows of it.
type JobRow struct {
	Job  job.Job
	Live job.Live
	// Bars are the job's last runs, newest first, at most 30.
	Bars []job.Bar
	// LastTrigger and LastActor tell what caused the last run; empty when not known.
	LastTrigger job.Trigger
	LastActor   job.By
	// Zone is the job's zone, or the server's if it names none; nil is UTC.
	Zone *time.Location
}

// JobListModel is the job list. Filter, sort and page are all in the URL, as Query:
// q, group, kind, state (active, paused, stopped, completed, running, abandoned),
// outcome (a run state), tag, sort (a job.JobSort), desc ("1"), after (cursor).
type JobListModel struct {
	layout.Shell
	Query url.Values
	Rows  []JobRow // in order; grouped bands are drawn when Sort is by group
	Sort  job.JobSort
	Desc  bool
	// Next is the cursor of the next page; "" at the end.
	Next string
	// Total counts the jobs that match, up to TotalLimit; more than that is shown as "1000+".
	Total, TotalLimit int
	Groups            []job.GroupCount // to choose from, all groups
	Kinds             []job.KindSpec
	// Empty says that there is no job at all, whatever the filter.
	Empty bool
	Bulk  *BulkReport
}

// BulkReport says what a verb for many jobs did and could not do.
type BulkReport struct {
	Verb   string // pause, resume, start, stop, trigger, delete
	Done   int
	Faults []BulkFault
}

// BulkFault is one job for which the verb was refused.
type BulkFault struct {
	ID   job.ID
	Name string // "group/name"
	Why  i18n.Msg
}

// JobShowModel is one job's page.
type JobShowModel struct {
	layout.Shell
	JobRow
	Kind job.KindSpec
	// Summary is one readable line of what the job does.
	Summary string
	Stats   job.Stats // over 30 days
	Next    []Occurrence
	Runs    []job.Run // newest first, at most 20; all are at route.Runs with query job=ID
	// History are the job's last runs, newest first, at most 100, for the chart.
	History []job.Run
	// Failure is the last run that failed if none succeeded since; nil otherwise.
	Failure   *job.Run
	Revisions []job.Revision // newest first, at most 10
}

// Occurrence is one due time, with a remark if its day has a clock change; zero otherwise.
type Occurrence struct {
	At     time.Time
	Remark i18n.Msg
}

// RevisionModel is one kept version of a job.
type RevisionModel struct {
	layout.Shell
	Job      job.Job
	Revision job.Revision
	Kind     job.KindSpec
	Zone     *time.Location
	// Against is the revision that this one is compared with: the one before unless the
	// query "against" names another; 0 if there is none.
	Against int64
	Changes []FieldChange // from Against to Revision, secrets masked
}

// FormMode tells what a job form is for.
type FormMode string

// The modes.
const (
	FormNew   FormMode = "new"   // posts to route.Jobs
	FormClone FormMode = "clone" // posts to route.Jobs
	FormEdit  FormMode = "edit"  // posts to route.Job, with the field "revision"
)

// JobFormModel is the form of a new, changed or cloned job.
//
// Field names are those of job.Validate: group, name, description, owner, tags (with commas),
// kind, args.<parameter>, schedule.type, .cron, .zone, .every, .begin_at, .end_at, .jitter,
// max_count, max_tries, retry.limit, .delay, .factor, .max_delay, timeout, overlap,
// lock_timeout, priority (its number), misfire, grace, misfire_cap, node,
// retention.keep_runs, .keep_days, .keep_failed_days; and of the form itself: revision,
// note (why it was changed), disabled ("1": create stopped), reload ("1": show the form again,
// saving nothing; sent without JavaScript after another kind was chosen).
// Spans are text for [ParseSpan] and [SpanText]; times are those of an
// <input type="datetime-local"> (2006-01-02T15:04:05) in the job's zone; booleans are "true" or absent.
type JobFormModel struct {
	layout.Shell
	Form
	Mode FormMode
	// Job is the job being changed or copied; zero for a new one.
	Job   job.Job
	Kinds []job.KindSpec
	// Groups, Owners, Nodes and Zones are offered while typing.
	Groups, Owners, Nodes, Zones []string
	ServerZone                   string // IANA name
	Preview                      PreviewModel
	// Stale is set when somebody else saved meanwhile: what the job is now. The form keeps what was
	// typed; saving again with the new revision, which is then in Values, overwrites.
	Stale *StaleForm
}

// StaleForm tells what somebody else saved while the form was open.
type StaleForm struct {
	By      job.By
	At      time.Time
	Changes []Change // typed here against saved there; only the fields that differ
}

// Change is one field with two values.
type Change struct {
	Field        string // as in the form
	Mine, Theirs string
}

// KindOf returns the chosen kind; false if none fits.
func (m JobFormModel) KindOf() (job.KindSpec, bool) {
	for _, k := range m.Kinds {
		if m.Is("kind", k.Name) {
			return k, true
		}
	}
	return job.KindSpec{}, false
}

// PreviewModel answers the schedule fields as they are typed: words, the next five times, or the fault.
// It is asked for with GET route.SchedulePreview and the schedule.* fields as query.
type PreviewModel struct {
	// Schedule as typed; only Type, Cron, Every and BeginAt are put into words.
	Schedule job.Schedule
	Zone     *time.Location
	Now      time.Time
	Next     []Occurrence
	Fault    i18n.Msg // zero if the schedule is good
}
