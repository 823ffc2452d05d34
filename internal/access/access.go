// Package access holds the rules of who may do what: users, roles, permissions,
// passwords, sessions and API tokens. It stores nothing and speaks no HTTP.
package access

import (
	"time"

	"carillon/internal/job"
)

// Role is one of four fixed bundles of permissions.
type Role string

// The roles, each including the one before.
const (
	Viewer   Role = "viewer"   // sees everything but other people's settings
	Operator Role = "operator" // runs, pauses, resumes, starts, stops, cancels
	Editor   Role = "editor"   // creates, changes, deletes
	Admin    Role = "admin"    // users, settings, system jobs
)

// Permission names one right; the names are those of the compatible interface.
type Permission string

// The permissions.
const (
	JobsView         Permission = "TaskManagement.BackgroundJobs"
	JobsCreate       Permission = "TaskManagement.BackgroundJobs.Create"
	JobsUpdate       Permission = "TaskManagement.BackgroundJobs.Update"
	JobsDelete       Permission = "TaskManagement.BackgroundJobs.Delete"
	JobsTrigger      Permission = "TaskManagement.BackgroundJobs.Trigger"
	JobsPause        Permission = "TaskManagement.BackgroundJobs.Pause"
	JobsResume       Permission = "TaskManagement.BackgroundJobs.Resume"
	JobsStart        Permission = "TaskManagement.BackgroundJobs.Start"
	JobsStop         Permission = "TaskManagement.BackgroundJobs.Stop"
	JobsManageSystem Permission = "TaskManagement.BackgroundJobs.ManageSystemJobs"
	JobsActions      Permission = "TaskManagement.BackgroundJobs.ManageActions"
	RunsView         Permission = "TaskManagement.BackgroundJobLogs"
	RunsDelete       Permission = "TaskManagement.BackgroundJobLogs.Delete"
	RunsCancel       Permission = "TaskManagement.BackgroundJobLogs.Cancel" // ours
	AuditView        Permission = "Carillon.Audit"
	UsersManage      Permission = "Carillon.Users"
	SystemView       Permission = "Carillon.System"
	OwnAccount       Permission = "Carillon.Account" // one's own settings, sessions, tokens
	// Public marks a route that needs nobody signed in. No role carries it.
	Public Permission = "public"
)

// User is a person who may sign in.
type User struct {
	ID           string // UUIDv7
	Name         string // unique without case; 1 to 64 of letters, digits and ._@-
	Role         Role
	PasswordHash string // argon2id in PHC form; "" cannot sign in with a password
	Disabled     bool
	Language     string // "en", "zh-CN" or "" (as the browser asks)
	Theme        string // "light", "dark" or "" (as the system)
	Zone         string // IANA, or "" (as the server)
	CreatedAt    time.Time
	LastSeenAt   time.Time
}

// Session is one browser signed in. Only the hash of its id is stored.
type Session struct {
	IDHash     string // hex SHA-256 of the opaque id in the cookie
	UserID     string
	CreatedAt  time.Time
	LastSeenAt time.Time
	ExpiresAt  time.Time // absolute limit
	Address    string
	UserAgent  string // at most 200 bytes
	Data       string // JSON of what is kept between two requests (flash messages); at most 4096 bytes
}

// Token is an API token. Only its hash is stored.
type Token struct {
	ID         string
	Hash       string // hex SHA-256 of the secret
	UserID     string
	Name       string
	CreatedAt  time.Time
	ExpiresAt  time.Time // zero: never
	LastUsedAt time.Time
}

// Via tells by which door an actor came.
type Via string

// The doors.
const (
	ViaSession Via = "session"
	ViaToken   Via = "token"
	ViaCLI     Via = "cli"    // on the machine itself, as the owner of the data
	ViaSystem  Via = "system" // the scheduler's own duties
)

// Actor is who does something, for permission checks and the audit.
type Actor struct {
	UserID    string
	Name      string
	Role      Role
	Via       Via
	Address   string // remote address, without port
	RequestID string
}

// By returns the actor as jobs and runs record it.
func (a Actor) By() job.By { return job.By{ID: a.UserID, Name: a.Name} }
