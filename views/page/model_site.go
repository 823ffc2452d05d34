package page

import (
	"net/url"
	"time"

	"carillon/internal/access"
	"carillon/internal/audit"
	"carillon/internal/job"
	"carillon/views/layout"
)

// SetupModel makes the first administrator. Fields: token (hidden; app.js moves it there from the
// URL's fragment), name, password, repeat.
type SetupModel struct {
	layout.Shell
	Form
}

// LoginModel signs in. Fields: name, password, next (where to go afterwards).
type LoginModel struct {
	layout.Shell
	Form
}

// HomeModel is the first page: is anything wrong, what runs, what comes next?
type HomeModel struct {
	layout.Shell
	// Fresh is set as long as there is no second job and no second run has ended: three
	// steps stand in place of the lists, the last of which leads to the first run's output.
	Fresh bool
	// FirstJob and FirstRun are set as the steps are taken.
	FirstJob  *job.Job
	FirstRun  *job.Run
	Attention []Attention
	Running   []RunningItem
	NextHour  []NextItem
	// Quiet are jobs that should have run and have not.
	Quiet []Attention
	Kinds []job.KindSpec
}

// Attention is a job that needs somebody.
type Attention struct {
	Job job.Job
	// Run is the run that failed; nil if there is none.
	Run *job.Run
	// Since is when the trouble began.
	Since time.Time
}

// RunningItem is a run in flight with what it usually takes; 0 when not known.
type RunningItem struct {
	Run   job.Run
	Usual time.Duration
}

// NextItem is a job that is due soon.
type NextItem struct {
	Job  job.Job
	Zone *time.Location
}

// ErrorModel is a page for what went wrong.
type ErrorModel struct {
	layout.Shell
	Status    int    // 403, 404, 405, 413, 429, 500, 503 …
	Form             // Fault is worded for people; zero: the status' own text
	Reference string // request id, shown with 500
}

// AuditModel is who did what. Query: q, action, actor, from, to, after.
type AuditModel struct {
	layout.Shell
	Query   url.Values
	Entries []audit.Entry
	Next    string
	Actions []audit.Action // to choose from
}

// UsersModel lists people. The Add form's fields (POST route.Users): name, role, password.
// Per user: POST route.UserVerb with role (field role), disable, enable, password (field password).
type UsersModel struct {
	layout.Shell
	Form  // of a new user
	Users []access.User
	// FormFor is the user whose own form has faults, with RowForm; "" for none.
	FormFor string
	RowForm Form
}

// SettingsModel is one's own page. Forms: Preferences (POST route.Settings: language, theme, zone),
// Password (POST route.SettingsPassword: old, password, repeat), sessions (POST route.SettingsSession: id),
// tokens (POST route.SettingsTokens: name, expires in days or ""; POST route.SettingsToken to revoke: id).
type SettingsModel struct {
	layout.Shell
	Preferences Form
	Password    Form
	Token       Form
	Zones       []string
	Sessions    []access.Session
	// Current is the IDHash of the session in use.
	Current string
	Tokens  []access.Token
	// Secret is a token just made, shown this once; "" otherwise.
	Secret string
}

// SystemModel is the facts of the running process.
type SystemModel struct {
	layout.Shell
	Started                    time.Time
	Node                       string
	Database                   string // "SQLite" or "PostgreSQL"
	DatabaseBytes, OutputBytes int64  // 0 when not known
	LastTick                   time.Time
	Draining                   bool
	DatabaseOK                 bool
	Workers                    int
	Queued                     int
	Running                    int
	ServerZone                 string
	GoVersion                  string
	MemoryBytes                int64
	Duties                     []Duty
}

// Duty is one of the scheduler's own tasks.
type Duty struct {
	Name string // a message "duty.<name>"
	Last time.Time
	Next time.Time
}
