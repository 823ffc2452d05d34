package compat

import (
	"encoding/json"
	"errors"
	"maps"
	"slices"
	"strings"
	"time"

	"carillon/internal/apperr"
	"carillon/internal/job"
)

// Input is the body of a create or an update. A field that was left out is nil and
// means the default, or for an update what holds already. Unknown fields are ignored.
type Input struct {
	Name             *string        `json:"name"`
	Group            *string        `json:"group"`
	Type             *string        `json:"type"`
	NodeName         *string        `json:"nodeName"`
	BeginTime        *string        `json:"beginTime"`
	EndTime          *string        `json:"endTime"`
	Source           *Source        `json:"source"`
	IsEnabled        *bool          `json:"isEnabled"`
	Args             map[string]any `json:"args"`
	Description      *string        `json:"description"`
	JobType          *JobType       `json:"jobType"`
	Cron             *string        `json:"cron"`
	Interval         *int64         `json:"interval"`
	Priority         *int           `json:"priority"`
	MaxCount         *int           `json:"maxCount"`
	MaxTryCount      *int           `json:"maxTryCount"`
	LockTimeOut      *int64         `json:"lockTimeOut"`
	ConcurrencyStamp *string        `json:"concurrencyStamp"`
}

// Decode reads a body into v. Bad JSON and wrong types are an apperr Invalid; a type
// fault names its field.
func Decode(body []byte, v any) error {
	err := json.Unmarshal(body, v)
	var wrong *json.UnmarshalTypeError
	switch {
	case err == nil:
		return nil
	case errors.As(err, &wrong) && wrong.Field != "":
		var faults apperr.Faults
		faults.Add(wrong.Field, "web.fault.json_type", "type", wrong.Value)
		return faults.Err()
	default:
		return apperr.Wrap(err, apperr.Invalid, "json", "web.error.json")
	}
}

// Setting is what the mapping needs to know of the server.
type Setting struct {
	Zone  *time.Location // of times without an offset
	Now   time.Time
	Kinds []job.KindSpec
}

// Create returns the definition of a new job. Faults name fields of the wire; what
// validation finds besides is under the program's names, for [Field] to translate.
func (in Input) Create(s Setting) (job.Definition, *apperr.Faults) {
	var faults apperr.Faults
	def := job.Defaults()
	def.Group, def.Name, def.Kind = text(in.Group), text(in.Name), text(in.Type)
	def.Node = text(in.NodeName)
	if in.BeginTime == nil || strings.TrimSpace(*in.BeginTime) == "" {
		faults.Add("beginTime", "web.fault.required")
	} else {
		def.Schedule.BeginAt = in.time(&faults, "beginTime", in.BeginTime, s.Zone)
	}
	def.Schedule.EndAt = in.time(&faults, "endTime", in.EndTime, s.Zone)
	kind := TypeOnce
	if in.JobType != nil {
		kind = *in.JobType
	}
	in.common(&def, &faults, s)
	in.schedule(&def, &faults, kind)
	if def.Schedule.Type == job.Once && in.Interval != nil && *in.Interval > 0 {
		def.Schedule.BeginAt = later(def.Schedule.BeginAt, s.Now).Add(time.Duration(min(*in.Interval, int64(job.MaxSpan))) * time.Second)
	}
	return def, &faults
}

// later is when a Once job could begin at the earliest.
func later(begin, now time.Time) time.Time {
	if begin.Before(now) {
		return now
	}
	return begin
}

// Update returns the changed definition of a job. Name, group, type, node, begin, end
// and source do not change here.
func (in Input) Update(was job.Definition, s Setting) (job.Definition, *apperr.Faults) {
	var faults apperr.Faults
	def := was.Clone()
	kind := typeOf(was.Schedule.Type)
	if in.JobType != nil {
		kind = *in.JobType
	}
	in.common(&def, &faults, s)
	in.schedule(&def, &faults, kind)
	if def.Schedule.Type == job.Once && def.Schedule.BeginAt.IsZero() {
		def.Schedule.BeginAt = s.Now.UTC().Truncate(time.Second)
	}
	return def, &faults
}

// common takes over what create and update share and no schedule needs.
func (in Input) common(def *job.Definition, faults *apperr.Faults, s Setting) {
	if in.Description != nil {
		def.Description = *in.Description
	}
	if in.Args != nil {
		def.Args = knownArgs(in.Args, def.Kind, s.Kinds)
	}
	if in.MaxCount != nil {
		def.MaxCount = *in.MaxCount
	}
	if in.MaxTryCount != nil {
		def.MaxTries = *in.MaxTryCount
	}
	if in.LockTimeOut != nil {
		def.LockTimeout = job.Seconds(*in.LockTimeOut)
	}
	if in.Priority != nil {
		def.Priority = job.Priority(*in.Priority)
		if !slices.Contains(job.Priorities(), def.Priority) {
			faults.Add("priority", "web.fault.enum", "values", "5, 10, 15, 20, 25")
		}
	}
}

// schedule sets the type of the schedule and what follows from it.
func (in Input) schedule(def *job.Definition, faults *apperr.Faults, kind JobType) {
	kindOf, ok := kind.ScheduleType()
	if !ok {
		faults.Add("jobType", "web.fault.enum", "values", "0, 1, 2")
		def.Schedule.Type = "" // nothing further is to be said about a schedule of no type
		return
	}
	changed := def.Schedule.Type != kindOf
	def.Schedule.Type = kindOf
	interval := in.interval(*def, faults)
	if in.Cron != nil {
		def.Schedule.Cron = *in.Cron
	}
	if kindOf == job.Cron {
		if changed {
			def.Retry = job.Retry{Factor: 1}
		}
		if in.Interval != nil && def.Retry.Limit == 0 {
			def.Retry.Delay = interval // without effect; kept to be read again
		}
		return
	}
	if kindOf == job.Interval {
		def.Schedule.Every = interval
	}
	// Somebody may have given the job another way to retry: only a new interval, or a
	// new type, sets the original's.
	if changed || in.Interval != nil || def.Retry.Limit == 0 {
		def.Retry = job.Retry{Limit: -1, Delay: interval, Factor: retryFactor}
	}
}

// interval is the one that was given, or else the one that holds; never 0.
func (in Input) interval(def job.Definition, faults *apperr.Faults) job.Seconds {
	interval := job.Seconds(intervalOf(def))
	if in.Interval != nil {
		interval = job.Seconds(*in.Interval)
		if interval < 0 || interval > job.MaxSpan {
			faults.Add("interval", "web.fault.interval")
		}
	}
	if interval == 0 {
		return DefaultInterval
	}
	return interval
}

func (in Input) time(faults *apperr.Faults, field string, given *string, zone *time.Location) time.Time {
	if given == nil || strings.TrimSpace(*given) == "" {
		return time.Time{}
	}
	t, ok := ParseTime(strings.TrimSpace(*given), zone)
	if !ok {
		faults.Add(field, "web.fault.rfc3339")
	}
	return t
}

func text(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}

// knownArgs leaves out what the kind has no parameter for, and nulls.
func knownArgs(args map[string]any, kind string, kinds []job.KindSpec) job.Args {
	i := slices.IndexFunc(kinds, func(k job.KindSpec) bool { return strings.EqualFold(k.Name, strings.TrimSpace(kind)) })
	if i < 0 {
		return job.Args(maps.Clone(args))
	}
	known := job.Args{}
	for _, p := range kinds[i].Params {
		if value, ok := args[p.Name]; ok && value != nil {
			known[p.Name] = value
		}
	}
	return known
}

// Field returns a field of the program under its name on the wire.
func Field(name string) string {
	known := map[string]string{
		"kind": "type", "node": "nodeName", "schedule.type": "jobType", "schedule.cron": "cron",
		"schedule.every": "interval", "retry.delay": "interval", "schedule.begin_at": "beginTime", "schedule.end_at": "endTime",
		"max_count": "maxCount", "max_tries": "maxTryCount", "lock_timeout": "lockTimeOut",
	}
	if wire, ok := known[name]; ok {
		return wire
	}
	return name
}
