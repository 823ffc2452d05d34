// Package audit is the record of who did what. Entries are only ever added. Each carries a
// hash over its content and the hash of the one before, so that a change made behind the
// program's back shows.
package audit

import (
	"encoding/json"
	"time"
)

// Action names what was done, as "job.create".
type Action string

// The actions.
const (
	JobCreate   Action = "job.create"
	JobUpdate   Action = "job.update"
	JobPause    Action = "job.pause"
	JobResume   Action = "job.resume"
	JobStart    Action = "job.start"
	JobStop     Action = "job.stop"
	JobTrigger  Action = "job.trigger"
	JobDelete   Action = "job.delete"
	RunCancel   Action = "run.cancel"
	RunRetry    Action = "run.retry"
	RunDelete   Action = "run.delete"
	UserCreate  Action = "user.create"
	UserUpdate  Action = "user.update"
	SignIn      Action = "session.create"
	SignInFail  Action = "session.refuse"
	SignOut     Action = "session.delete"
	TokenCreate Action = "token.create"
	TokenRevoke Action = "token.revoke"
	AuditExport Action = "audit.export"

	SecondAdd    Action = "second_factor.create"
	SecondRemove Action = "second_factor.delete"
	SecondCodes  Action = "second_factor.codes" // new recovery codes
)

// Actions lists the actions, in the order in which people choose from them.
func Actions() []Action {
	return []Action{
		JobCreate, JobUpdate, JobPause, JobResume, JobStart, JobStop, JobTrigger, JobDelete, RunCancel, RunRetry, RunDelete,
		UserCreate, UserUpdate, SignIn, SignInFail, SignOut, TokenCreate, TokenRevoke, SecondAdd, SecondRemove, SecondCodes,
		AuditExport,
	}
}

// Entry is one thing somebody did.
type Entry struct {
	ID          string // UUIDv7; sorts by time
	At          time.Time
	ActorID     string
	ActorName   string
	Via         string
	Address     string
	Action      Action
	Subject     string          // "job", "run", "user", …
	SubjectID   string          //
	SubjectName string          // readable: "backup/nightly"
	Before      json.RawMessage // nil: did not exist
	After       json.RawMessage // nil: does not exist any more
	Note        string
	RequestID   string

	// Seq and Hash are the entry's place in the chain, see [Link]. Who writes an entry
	// leaves them empty.
	Seq  int64
	Hash string
}

// Filter selects entries; zero fields do not restrict.
type Filter struct {
	Action    Action
	ActorName string
	SubjectID string
	Text      string
	From, To  time.Time
}

// Page is one page of entries, newest first.
type Page struct {
	Items []Entry
	Next  string // cursor; "" at the end
}
