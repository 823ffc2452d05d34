// Package page holds the console's pages. Each is a pure function of its model: it
// reads no clock, no database and no request.
//
// Every page X has a component X(XModel), the whole document. Pages with live parts
// have a component XLive(XModel) as well: the part that htmx asks for again. A request
// wants the live part when its HX-Target header is the ID given below; it is a plain
// GET of the page's own URL, query included, or the POST of a verb.
//
//	Setup(SetupModel)         Login(LoginModel)          Error(ErrorModel)
//	Home(HomeModel)           HomeLive       HX-Target: HomeLiveID
//	JobList(JobListModel)     JobListLive    HX-Target: JobListLiveID
//	                          JobItem(layout.Shell, JobRow, []job.KindSpec)  HX-Target: JobItemID(id)
//	JobShow(JobShowModel)     JobShowLive    HX-Target: JobShowLiveID
//	JobForm(JobFormModel)     KindFields(JobFormModel), SchedulePreview(PreviewModel): GET, answers a bare part
//	Revision(RevisionModel)
//	Sheet(SheetModel)         SheetBody      HX-Target: SheetID; its form names in "target" what is redrawn
//	RunList(RunListModel)     RunListLive    HX-Target: RunListLiveID
//	RunShow(RunShowModel)     RunShowLive    HX-Target: RunShowLiveID
//	                          OutputParts([]OutputPart): also the data of each "output" event of route.RunStream
//	Audit(AuditModel)  Users(UsersModel)  Settings(SettingsModel)  System(SystemModel)
//	Gallery(layout.Shell): development only
//
// # Verbs
//
// Job verbs are posted to route.JobVerb (pause, resume, start, stop, trigger, delete) and
// run verbs to route.RunVerb (cancel, retry, delete). With htmx the answer depends on
// HX-Target: JobItemID(id) wants JobItem, JobShowLiveID wants JobShowLive, RunShowLiveID
// RunShowLive, HomeLiveID HomeLive; a deleted job or run wants an empty 200 when the
// target is a row and HX-Location to the list otherwise. A retry wants HX-Location to the new run.
// Failures keep the page: status 4xx and an HX-Trigger toast. Without htmx: 303 and flash.
//
// The bulk form posts to route.BulkJobs with "verb" and any number of "id"; HX-Target
// JobListLiveID wants JobListLive with Bulk filled in. The field "back" holds the list's URL.
//
// # Live streams
//
// route.Events sends events named "changed", at most a few a second; data is not used.
// Its queries "job" and "run" restrict it to one job or run; with "seen", Shell.Seen, it
// begins with a "changed" if something changed since the page was made. route.RunStream sends "output"
// (OutputParts as HTML; the event id is the last Seq; queries "after" and Last-Event-ID resume)
// and "end" once, when the run has ended.
package page

import (
	"net/url"
	"strings"

	"carillon/internal/i18n"
	"carillon/internal/job"
)

// Element ids that requests name in HX-Target.
const (
	HomeLiveID    = "home-live"
	JobListLiveID = "jobs-live"
	JobShowLiveID = "job-live"
	RunListLiveID = "runs-live"
	RunShowLiveID = "run-live"
	// SheetID is the inside of the dialog that forms about a job are shown in.
	SheetID = "sheet-body"
)

// JobItemID is the element id of a job's row in the list.
func JobItemID(id job.ID) string { return "job-" + string(id) }

// RunItemID is the element id of a run's row in a list.
func RunItemID(id job.RunID) string { return "run-" + string(id) }

// Form is what somebody typed, untouched, with what is wrong about it. Nothing typed
// is lost, however wrong it is.
type Form struct {
	Values url.Values
	Faults map[string]i18n.Msg // by field name
	// Fault is about the form as a whole; zero if there is none.
	Fault i18n.Msg
}

// Get returns the text of a field.
func (f Form) Get(name string) string { return f.Values.Get(name) }

// Is reports whether a field has this text.
func (f Form) Is(name, value string) bool { return f.Values.Get(name) == value }

// FaultOf returns what is wrong about a field; zero if nothing is.
func (f Form) FaultOf(name string) i18n.Msg { return f.Faults[name] }

// HasFaultIn reports whether a field with one of the prefixes has a fault.
func (f Form) HasFaultIn(prefixes ...string) bool {
	for name := range f.Faults {
		for _, prefix := range prefixes {
			if strings.HasPrefix(name, prefix) {
				return true
			}
		}
	}
	return false
}
