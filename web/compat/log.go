package compat

import (
	"cmp"
	"time"

	"carillon/internal/job"
)

// Log is a run that ended, on the wire.
type Log struct {
	ID        string  `json:"id"`
	JobName   string  `json:"jobName"`
	JobGroup  string  `json:"jobGroup"`
	JobType   string  `json:"jobType"`
	Message   string  `json:"message"`
	RunTime   Time    `json:"runTime"`
	Exception *string `json:"exception"`
}

// FromRun returns a run as it goes over the wire.
func FromRun(r job.Run) Log {
	log := Log{
		ID: string(r.ID), JobName: r.Name, JobGroup: r.Group, JobType: r.Kind,
		Message: Message(r), RunTime: Time{firstTime(r.StartedAt, r.ScheduledAt, r.CreatedAt)},
	}
	if !r.State.Good() {
		log.Exception = optional(cmp.Or(r.Error, r.Result, string(r.Reason), string(r.State)))
	}
	return log
}

// Message is what a run has to say in short: "OK" for a success that says nothing.
func Message(r job.Run) string {
	if r.State.Good() {
		return cmp.Or(r.Result, "OK")
	}
	return cmp.Or(r.Result, r.Error, string(r.Reason), string(r.State))
}

// LogStates are the states of runs that were carried out, or cancelled before.
func LogStates() []job.RunState {
	return []job.RunState{job.RunSucceeded, job.RunFailed, job.RunTimedOut, job.RunCancelled, job.RunLost}
}

func firstTime(times ...time.Time) time.Time {
	for _, t := range times {
		if !t.IsZero() {
			return t
		}
	}
	return time.Time{}
}

// Definition is a kind on the wire.
type Definition struct {
	Name        string      `json:"name"`
	DisplayName string      `json:"displayName"`
	Description string      `json:"description"`
	Paramters   []Parameter `json:"paramters"` //nolint:misspell // spelled so by the original
}

// Parameter is a kind's parameter on the wire.
type Parameter struct {
	Name        string `json:"name"`
	DisplayName string `json:"displayName"`
	Description string `json:"description"`
	Required    bool   `json:"required"`
}

// Error is the body of every refusal.
type Error struct {
	Error ErrorBody `json:"error"`
}

// ErrorBody says what is wrong.
type ErrorBody struct {
	Code             *string           `json:"code"`
	Message          string            `json:"message"`
	Details          *string           `json:"details"`
	Data             map[string]any    `json:"data"`
	ValidationErrors []ValidationError `json:"validationErrors"`
}

// ValidationError is one fault and the fields it is about.
type ValidationError struct {
	Message string   `json:"message"`
	Members []string `json:"members"`
}

// The codes of refusals.
const (
	CodeNameTaken  = "TaskManagement:01000" // a job of that name exists in the group
	CodeNotQueued  = "TaskManagement:01001" // the job is not in the queue
	CodeNotStopped = "TaskManagement:01002" // only stopped jobs may be deleted
)

// Code returns the wire's code of one of the program's; false if it has none.
func Code(own string) (string, bool) {
	switch own {
	case "name_taken":
		return CodeNameTaken, true
	case "not_stopped":
		return CodeNotStopped, true
	case "job_stopped", "not_active", "not_paused", "nothing_left":
		return CodeNotQueued, true
	default:
		return "", false
	}
}
