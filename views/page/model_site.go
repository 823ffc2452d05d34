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

// CodeModel is the second step of signing in. Fields: code, next (where to go afterwards).
type CodeModel struct {
	layout.Shell
	Form
}

// HomeModel is the first page: is anything wrong, what runs, what comes next?
type HomeModel struct {
	layout.Shell
	// Fresh is set as long as there is no second job and no second run has ended, and
	// none went wrong: three steps stand in place of the lists, the last of which leads to
	// the first run's output.
	Fresh bool
	// FirstJob and FirstRun are set as the steps are taken.
	FirstJob  *job.Job
	FirstRun  *job.Run
	Attention []Attention
	Running   []RunningItem
	NextHour  []NextItem
	// Quiet are jobs that should have succeeded by now and have not.
	Quiet []Attention
	Strip Strip
	Kinds []job.KindSpec
}

// Attention is a job that needs somebody.
type Attention struct {
	Job job.Job
	// Run is the run that failed; nil if there is none.
	Run *job.Run
	// Since is when the trouble began.
	Since   time.Time
	Trouble Trouble
	// Usual is what the job usually takes, of an overrunning run; 0 when not known.
	Usual time.Duration
}

// Trouble is why a job needs somebody.
type Trouble string

// The troubles.
const (
	TroubleFailed  Trouble = ""        // the last run went wrong, or the job was given up
	TroubleOverrun Trouble = "overrun" // Run takes much longer than usual
	TroubleLate    Trouble = "late"    // the job was due at Since and nothing happened
	TroubleWaiting Trouble = "waiting" // Run could have started at Since
	TroubleMissed  Trouble = "missed"  // Run stands for occurrences that were missed
	TroubleQuiet   Trouble = "quiet"   // no success since Since, though it was planned
)

// Strip is the last day in spans of time, the oldest first.
type Strip struct {
	Slots []job.Slot
	Width time.Duration
	// Limit is how many runs of one state a slot counts exactly; one more means "more".
	Limit int
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

// AuditModel is who did what. Query: q, action, actor, subject, from, to, after.
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
	// Second tells who has a second factor (POST route.UserVerb with second removes it).
	Second map[string]bool
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

	// Second is the second factor. Forms: POST route.SettingsSecond with offer, codes and
	// remove (field old: the password) and confirm (field code). SecondForm is the one that
	// was tried, SecondVerb its verb.
	Second     access.SecondFactor
	SecondForm Form
	SecondVerb string
	// SecondPicture is the QR code of a secret that waits for its first code, as a URL with
	// the data in it; "" otherwise.
	SecondPicture string
	// RecoveryCodes were just made and are shown this once.
	RecoveryCodes []string
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
