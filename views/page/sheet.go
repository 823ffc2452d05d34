package page

import (
	"context"
	"net/url"
	"time"

	"github.com/a-h/templ"

	"carillon/internal/access"
	"carillon/internal/i18n"
	"carillon/internal/job"
	"carillon/internal/route"
	"carillon/views/component"
	"carillon/views/layout"
)

// SheetModel is a verb about a job that takes more than a click: "pause" with the fields
// until (datetime-local in the reader's zone) and reason, or "trigger" with args.<parameter>.
// It is a page of its own, and a dialog where htmx asks for it.
type SheetModel struct {
	layout.Shell
	Form
	Verb string
	Job  job.Job
	Kind job.KindSpec
	// Target is the element that the answer redraws; "" for a page of its own.
	Target string
}

// Sheet is the form as a page.
func Sheet(m SheetModel) templ.Component { return layout.Part(m.Shell, sheet(m)) }

// SheetBody is the form alone, for a dialog.
func SheetBody(m SheetModel) templ.Component { return layout.Part(m.Shell, sheetBody(m)) }

// sheetLink is an entry of a job's menu that opens a sheet.
type sheetLink struct{ url, icon, word string }

// sheetLinks are the sheets that the job's state and the user's rights allow.
func sheetLinks(ctx context.Context, s layout.Shell, j job.Job) []sheetLink {
	if !mayChange(s, j) {
		return nil
	}
	var list []sheetLink
	if s.Allowed(access.JobsTrigger) && s.Allowed(access.JobsUpdate) && j.State != job.Stopped {
		list = append(list, sheetLink{route.JobVerb(ctx, j.ID, "trigger"), "play", "ui.verb.trigger_with"})
	}
	if s.Allowed(access.JobsPause) && (j.State == job.Active || j.State == job.Paused) {
		list = append(list, sheetLink{route.JobVerb(ctx, j.ID, "pause"), "pause", "ui.verb.pause_until"})
	}
	return list
}

// sheetURL asks for the form in a dialog whose answer redraws target.
func (l sheetLink) sheetURL(target string) string {
	return route.With(l.url, url.Values{"target": {target}})
}

// attributes make the form answer within the page that its dialog belongs to.
func (m SheetModel) attributes(ctx context.Context) templ.Attributes {
	if m.Target == "" {
		return templ.Attributes{}
	}
	return templ.Attributes{
		"hx-post": route.JobVerb(ctx, m.Job.ID, m.Verb), "hx-target": "#" + m.Target, "hx-swap": "morph:outerHTML",
		"hx-disabled-elt": "find button[type=submit]",
	}
}

// fields is the model of the form whose parameter fields are shown.
func (m SheetModel) fields() JobFormModel {
	return JobFormModel{Shell: m.Shell, Form: m.Form, Mode: FormEdit, Job: m.Job, Kinds: []job.KindSpec{m.Kind}}
}

func (m SheetModel) untilField(ctx context.Context) component.Field {
	return component.Field{
		Name: "until", Label: i18n.T(ctx, "ui.field.until"), Help: i18n.T(ctx, "ui.help.until", "zone", zoneName(m.Zone)),
		Value: m.Get("until"), Fault: m.FaultOf("until"), Type: "datetime-local",
	}
}

func (m SheetModel) reasonField(ctx context.Context) component.Field {
	return component.Field{
		Name: "reason", Label: i18n.T(ctx, "ui.field.reason"), Help: i18n.T(ctx, "ui.help.reason"),
		Value: m.Get("reason"), Fault: m.FaultOf("reason"), Max: job.MaxDescription, Autocomplete: "off",
	}
}

// moment is a time that is offered to choose.
type moment struct {
	word  string // message id
	value string // as the field takes it
}

// moments are the times until which people usually pause.
func (m SheetModel) moments() []moment {
	zone := m.Zone
	if zone == nil {
		zone = time.UTC
	}
	now := m.Now.In(zone)
	const local = "2006-01-02T15:04"
	morning := time.Date(now.Year(), now.Month(), now.Day()+1, 8, 0, 0, 0, zone)
	toMonday := (8 - int(now.Weekday())) % 7
	if toMonday == 0 {
		toMonday = 7
	}
	monday := time.Date(now.Year(), now.Month(), now.Day()+toMonday, 8, 0, 0, 0, zone)
	return []moment{
		{"ui.until.hour", now.Add(time.Hour).Format(local)},
		{"ui.until.morning", morning.Format(local)},
		{"ui.until.monday", monday.Format(local)},
		{"ui.until.resumed", ""},
	}
}
