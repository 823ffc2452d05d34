// Package compat is the wire format of the compatible JSON interface and its mapping
// to the program's own types. It knows no HTTP.
//
// # Schedules
//
// The original's job types, and what they mean here:
//
//	Once (0)        Schedule once. First run at beginTime, at once if that has passed; after
//	                `interval` seconds more if the request gives an interval. beginTime then reads
//	                as the time of the run.
//	Period (1)      Schedule cron with the text of `cron`, in the server's zone.
//	Persistent (2)  Schedule interval: every `interval` seconds, anchored at beginTime.
//
// # Failures
//
// A failed run of a Once or Persistent job is tried again after `interval` seconds, the
// wait growing by half each time: Retry{Limit: -1, Delay: interval, Factor: 1.5}. Period
// jobs wait for their next time. `maxTryCount` failures in a row abandon a job; 0 never.
//
// # Locks
//
// A run excludes the others of its job (overlap skip), for at most `lockTimeOut` seconds
// if that is more than 0. The original lets runs overlap when it is 0; here a failing job
// could then pile up chains of retries.
package compat

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"time"

	"carillon/internal/job"
)

// Defaults of a request that leaves them out.
const (
	DefaultInterval = 300 // seconds
	retryFactor     = 1.5
)

// Status is a job's status on the wire.
type Status int

// The statuses.
const (
	StatusNone        Status = -1
	StatusCompleted   Status = 0
	StatusQueuing     Status = 5
	StatusRunning     Status = 10
	StatusFailedRetry Status = 15
	StatusPaused      Status = 20
	StatusStopped     Status = 30
)

// JobType is a job's kind of schedule on the wire.
type JobType int

// The job types.
const (
	TypeOnce       JobType = 0
	TypePeriod     JobType = 1
	TypePersistent JobType = 2
)

// Source is where a job comes from on the wire.
type Source int

// The sources. Imported jobs have none.
const (
	SourceNone   Source = -1
	SourceUser   Source = 0
	SourceSystem Source = 10
)

// Job is a job on the wire. Field names are the original's, spelling included.
type Job struct {
	ID                   string         `json:"id"`
	Name                 string         `json:"name"`
	Group                string         `json:"group"`
	Type                 string         `json:"type"`
	Result               *string        `json:"result"`
	Args                 map[string]any `json:"args"`
	Status               Status         `json:"status"`
	IsEnabled            bool           `json:"isEnabled"`
	Description          string         `json:"description"`
	BeginTime            Time           `json:"beginTime"`
	EndTime              Time           `json:"endTime"`
	LastRunTime          Time           `json:"lastRunTime"`
	NextRunTime          Time           `json:"nextRunTime"`
	JobType              JobType        `json:"jobType"`
	Cron                 *string        `json:"cron"`
	Source               Source         `json:"source"`
	Priority             int            `json:"priority"`
	TriggerCount         int64          `json:"triggerCount"`
	TryCount             int64          `json:"tryCount"`
	MaxTryCount          int            `json:"maxTryCount"`
	MaxCount             int            `json:"maxCount"`
	IsAbandoned          bool           `json:"isAbandoned"`
	Interval             int64          `json:"interval"`
	LockTimeOut          int64          `json:"lockTimeOut"`
	NodeName             *string        `json:"nodeName"`
	ConcurrencyStamp     string         `json:"concurrencyStamp"`
	CreationTime         Time           `json:"creationTime"`
	CreatorID            *string        `json:"creatorId"`
	LastModificationTime Time           `json:"lastModificationTime"`
	LastModifierID       *string        `json:"lastModifierId"`
}

// Page is one page of a list on the wire.
type Page[T any] struct {
	TotalCount int `json:"totalCount"`
	Items      []T `json:"items"`
}

// FromJob returns a job as it goes over the wire. last is its last run; nil if there is none.
func FromJob(j job.Job, live job.Live, last *job.Run) Job {
	out := Job{
		ID: string(j.ID), Name: j.Name, Group: j.Group, Type: j.Kind, Args: map[string]any(j.Args),
		Status: statusOf(j, live), IsEnabled: j.State != job.Stopped, Description: j.Description,
		BeginTime: beginOf(j), EndTime: Time{j.Schedule.EndAt},
		LastRunTime: Time{j.LastRunAt}, NextRunTime: Time{j.NextRunAt},
		JobType: typeOf(j.Schedule.Type), Cron: optional(j.Schedule.Cron), Source: sourceOf(j.Source),
		Priority: int(j.Priority), TriggerCount: j.TriggerCount, TryCount: j.TryCount,
		MaxTryCount: j.MaxTries, MaxCount: j.MaxCount, IsAbandoned: j.Abandoned,
		Interval: intervalOf(j.Definition), LockTimeOut: int64(j.LockTimeout), NodeName: optional(j.Node),
		ConcurrencyStamp: Stamp(j), CreationTime: Time{j.CreatedAt}, CreatorID: optional(j.CreatedBy.ID),
	}
	if out.Args == nil {
		out.Args = map[string]any{}
	}
	if j.Revision > 1 {
		out.LastModificationTime, out.LastModifierID = Time{j.UpdatedAt}, optional(j.UpdatedBy.ID)
	}
	if last != nil {
		out.Result = optional(Message(*last))
	}
	return out
}

// Stamp names a version of a job: it changes with every edit.
func Stamp(j job.Job) string {
	sum := sha256.Sum256(fmt.Appendf(nil, "%s:%d", j.ID, j.Revision))
	return hex.EncodeToString(sum[:16])
}

// statusOf sums a job up in one number: what its runs do comes before its state.
func statusOf(j job.Job, live job.Live) Status {
	switch {
	case live.Running > 0:
		return StatusRunning
	case j.State == job.Stopped:
		return StatusStopped
	case j.State == job.Paused:
		return StatusPaused
	case live.Waiting > 0:
		return StatusFailedRetry
	case j.State == job.Completed:
		return StatusCompleted
	default:
		return StatusQueuing
	}
}

// beginOf is when a job begins; jobs that begin at once began when they were made.
func beginOf(j job.Job) Time {
	if j.Schedule.BeginAt.IsZero() {
		return Time{j.CreatedAt}
	}
	return Time{j.Schedule.BeginAt}
}

func intervalOf(d job.Definition) int64 {
	switch {
	case d.Schedule.Type == job.Interval:
		return int64(d.Schedule.Every)
	case d.Retry.Delay > 0:
		return int64(d.Retry.Delay)
	default:
		return DefaultInterval
	}
}

func typeOf(t job.ScheduleType) JobType {
	switch t {
	case job.Once:
		return TypeOnce
	case job.Cron:
		return TypePeriod
	default:
		return TypePersistent
	}
}

// ScheduleType returns the schedule of a job type; false if there is no such type.
func (t JobType) ScheduleType() (job.ScheduleType, bool) {
	switch t {
	case TypeOnce:
		return job.Once, true
	case TypePeriod:
		return job.Cron, true
	case TypePersistent:
		return job.Interval, true
	default:
		return "", false
	}
}

func sourceOf(s job.Source) Source {
	switch s {
	case job.SourceUser:
		return SourceUser
	case job.SourceSystem:
		return SourceSystem
	default:
		return SourceNone
	}
}

// Source returns where a job comes from; false if there is no such source.
func (s Source) Source() (job.Source, bool) {
	switch s {
	case SourceUser:
		return job.SourceUser, true
	case SourceSystem:
		return job.SourceSystem, true
	case SourceNone:
		return job.SourceImport, true
	default:
		return "", false
	}
}

// optional is a text that is null when empty.
func optional(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}

// Time is a time on the wire: RFC 3339, or null.
type Time struct{ time.Time }

// MarshalJSON implements json.Marshaler.
func (t Time) MarshalJSON() ([]byte, error) {
	if t.IsZero() {
		return []byte("null"), nil
	}
	return fmt.Appendf(nil, "%q", t.UTC().Truncate(time.Millisecond).Format(time.RFC3339Nano)), nil
}

// ParseTime reads a time; without an offset it is one of the zone.
func ParseTime(text string, zone *time.Location) (time.Time, bool) {
	if t, err := time.Parse(time.RFC3339Nano, text); err == nil {
		return t.UTC(), true
	}
	if zone == nil {
		zone = time.UTC
	}
	for _, layout := range []string{
		"2006-01-02T15:04:05.999999999", "2006-01-02 15:04:05.999999999", "2006-01-02T15:04", "2006-01-02 15:04", time.DateOnly,
	} {
		if t, err := time.ParseInLocation(layout, text, zone); err == nil {
			return t.UTC(), true
		}
	}
	return time.Time{}, false
}
