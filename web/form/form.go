// Package form turns what a job form sends into a job's definition, and back.
//
// Field names are those of job.Validate. What cannot be read becomes a fault beside
// its field and changes nothing else; what is readable but wrong is found by the
// job's own validation. Nothing typed is lost: the values stay as they came.
package form

import (
	"net/url"
	"strconv"
	"strings"
	"time"

	"carillon/internal/apperr"
	"carillon/internal/job"
	"carillon/views/page"
)

// Input is a decoded form.
type Input struct {
	Definition job.Definition
	Disabled   bool   // create it without letting it fire
	Revision   int64  // the revision that was looked at; 0 for a new job
	Note       string // why it was changed
	Faults     apperr.Faults
}

// Decode reads a job form. Fields that the form did not send keep their value of base:
// the stored definition, or job.Defaults for a new job. Local times are read in the
// job's zone; server is the zone of a job that names none.
func Decode(v url.Values, base job.Definition, kinds []job.KindSpec, server *time.Location) Input {
	d := decoder{v: v, base: base, server: server}
	d.in.Definition = base.Clone()
	d.about(kinds)
	d.schedule()
	d.policies()
	d.in.Disabled = v.Get("disabled") == "1"
	d.in.Note = strings.TrimSpace(v.Get("note"))
	d.in.Revision = d.whole("revision", 0)
	return d.in
}

// decoder reads the values of one form.
type decoder struct {
	v      url.Values
	base   job.Definition
	server *time.Location
	in     Input
}

func (d *decoder) about(kinds []job.KindSpec) {
	def := &d.in.Definition
	d.text("group", &def.Group)
	d.text("name", &def.Name)
	d.text("description", &def.Description)
	d.text("owner", &def.Owner)
	d.text("node", &def.Node)
	d.text("kind", &def.Kind)
	if d.v.Has("tags") {
		def.Tags = strings.FieldsFunc(d.v.Get("tags"), func(r rune) bool {
			return r == ',' || r == '，' || r == '、' || r == '\n' || r == '\r'
		})
	}
	def.Args = d.args(kinds)
}

// args reads the parameters of the chosen kind as text; the registry of kinds gives
// them their types. Parameters of other kinds, which a form may still hold, are left out.
func (d *decoder) args(kinds []job.KindSpec) job.Args {
	spec, known := findKind(kinds, d.in.Definition.Kind)
	if !known {
		return job.Args{}
	}
	sent := false
	args := job.Args{}
	for _, p := range spec.Params {
		name := "args." + p.Name
		switch {
		case d.v.Has(name):
			sent, args[p.Name] = true, d.v.Get(name)
		case p.Type == job.ParamBoolean && p.Default == true:
			args[p.Name] = false // a box that is not ticked is not sent
		}
	}
	if !sent && strings.EqualFold(spec.Name, d.base.Kind) && !d.v.Has("kind") {
		return d.base.Clone().Args
	}
	return args
}

// findKind finds a kind by its name, without case.
func findKind(kinds []job.KindSpec, name string) (job.KindSpec, bool) {
	for _, spec := range kinds {
		if strings.EqualFold(spec.Name, strings.TrimSpace(name)) {
			return spec, true
		}
	}
	return job.KindSpec{}, false
}

func (d *decoder) schedule() {
	s := &d.in.Definition.Schedule
	if d.v.Has("schedule.type") {
		s.Type = job.ScheduleType(d.v.Get("schedule.type"))
	}
	d.text("schedule.cron", &s.Cron)
	d.text("schedule.zone", &s.Zone)
	s.Every = d.span("schedule.every", s.Every)
	s.Jitter = d.span("schedule.jitter", s.Jitter)
	// An unknown zone is a fault of its own; times are then read in the server's.
	zone, err := job.LoadZone(strings.TrimSpace(s.Zone), d.server)
	if err != nil {
		zone = d.server
	}
	s.BeginAt = d.time("schedule.begin_at", s.BeginAt, zone)
	s.EndAt = d.time("schedule.end_at", s.EndAt, zone)
}

func (d *decoder) policies() {
	def := &d.in.Definition
	def.MaxCount = d.count("max_count", def.MaxCount)
	def.MaxTries = d.count("max_tries", def.MaxTries)
	def.Retry.Limit = d.count("retry.limit", def.Retry.Limit)
	def.Retry.Delay = d.span("retry.delay", def.Retry.Delay)
	def.Retry.Factor = d.number("retry.factor", def.Retry.Factor)
	def.Retry.MaxDelay = d.span("retry.max_delay", def.Retry.MaxDelay)
	def.Timeout = d.span("timeout", def.Timeout)
	def.LockTimeout = d.span("lock_timeout", def.LockTimeout)
	def.Priority = job.Priority(d.count("priority", int(def.Priority)))
	def.Grace = d.span("grace", def.Grace)
	def.MisfireCap = d.count("misfire_cap", def.MisfireCap)
	def.Retention.KeepRuns = d.count("retention.keep_runs", def.Retention.KeepRuns)
	def.Retention.KeepDays = d.count("retention.keep_days", def.Retention.KeepDays)
	def.Retention.KeepFailedDays = d.count("retention.keep_failed_days", def.Retention.KeepFailedDays)
	if d.v.Has("overlap") {
		def.Overlap = job.Overlap(d.v.Get("overlap"))
	}
	if d.v.Has("misfire") {
		def.Misfire = job.Misfire(d.v.Get("misfire"))
	}
}

func (d *decoder) text(field string, into *string) {
	if d.v.Has(field) {
		*into = d.v.Get(field)
	}
}

// whole reads a whole number; an empty field is 0, a field that was not sent is was.
func (d *decoder) whole(field string, was int64) int64 {
	if !d.v.Has(field) {
		return was
	}
	text := strings.TrimSpace(d.v.Get(field))
	if text == "" {
		return 0
	}
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		d.in.Faults.Add(field, "web.fault.whole")
	}
	return n
}

// count reads a whole number of moderate size.
func (d *decoder) count(field string, was int) int {
	const most = 1 << 31
	return int(min(max(d.whole(field, int64(was)), -most), most))
}

func (d *decoder) number(field string, was float64) float64 {
	if !d.v.Has(field) {
		return was
	}
	text := strings.TrimSpace(d.v.Get(field))
	if text == "" {
		return 0
	}
	n, err := strconv.ParseFloat(strings.Replace(text, ",", ".", 1), 64)
	if err != nil {
		d.in.Faults.Add(field, "web.fault.number")
		return 0
	}
	return n
}

func (d *decoder) span(field string, was job.Seconds) job.Seconds {
	if !d.v.Has(field) {
		return was
	}
	span, ok := page.ParseSpan(d.v.Get(field))
	if !ok {
		d.in.Faults.Add(field, "web.fault.span")
		return 0
	}
	return span
}

// time reads a local time. A text that shows the base's time keeps that very instant:
// where clocks go back, one text stands for two instants.
func (d *decoder) time(field string, was time.Time, zone *time.Location) time.Time {
	if !d.v.Has(field) {
		return was
	}
	text := strings.TrimSpace(d.v.Get(field))
	if text == "" {
		return time.Time{}
	}
	if text == LocalTime(was, zone) {
		return was
	}
	t, ok := ParseLocalTime(text, zone)
	if !ok {
		d.in.Faults.Add(field, "web.fault.time")
	}
	return t
}
