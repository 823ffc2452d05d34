package config

import "time"

// options is the grammar of the command line. Options that several commands share stand
// at the top; each option is also an environment variable and a key of the config file.
type options struct {
	Help            helpFlag `short:"h" help:"Show this help."`
	Config          string   `env:"CARILLON_CONFIG" placeholder:"FILE" help:"Read options from a JSON file. Its keys are the option names without dashes in front."`
	Data            string   `env:"CARILLON_DATA" default:"./data" placeholder:"DIR" help:"Folder of the database. Made when it is missing."`
	DatabaseURL     Secret   `name:"database-url" env:"CARILLON_DATABASE_URL" placeholder:"URL" help:"PostgreSQL address, postgres://…. Without it the database is SQLite in the data folder."`
	DatabaseURLFile string   `name:"database-url-file" env:"CARILLON_DATABASE_URL_FILE" placeholder:"FILE" help:"File that holds the PostgreSQL address."`
	LogFormat       string   `env:"CARILLON_LOG_FORMAT" default:"text" placeholder:"FORMAT" help:"Form of the log: text or json."`
	LogLevel        string   `env:"CARILLON_LOG_LEVEL" default:"info" placeholder:"LEVEL" help:"Least level logged: debug, info, warn or error."`

	Serve         serveOptions  `cmd:"" default:"withargs" help:"Run the console and its scheduler. This is what happens without a command."`
	User          userOptions   `cmd:"" help:"Manage users."`
	Token         tokenOptions  `cmd:"" help:"Manage API tokens."`
	Next          Next          `cmd:"" help:"Print when a cron text fires, one RFC 3339 time a line."`
	Version       struct{}      `cmd:"" help:"Print the version."`
	Audit         auditOptions  `cmd:"" help:"Check the audit."`
	Backup        Backup        `cmd:"" help:"Write a consistent copy of the SQLite database to a file. The server may run meanwhile."`
	Export        Export        `cmd:"" help:"Write the jobs to a file that can be kept, compared and applied again."`
	Apply         Apply         `cmd:"" help:"Make the jobs what a file says: all of it, or nothing if anything is wrong."`
	ImportCrontab ImportCrontab `cmd:"" help:"Make jobs of a crontab. They are stopped; repeat it as often as you like."`
	Restore       Restore       `cmd:"" help:"Put a backup into the data folder. The server must be stopped."`
}

type serveOptions struct {
	Listen         string        `env:"CARILLON_LISTEN" default:"127.0.0.1:8080" placeholder:"ADDRESS" help:"Address and port of the console."`
	Workers        int           `env:"CARILLON_WORKERS" default:"64" placeholder:"N" help:"How many runs work at once."`
	DrainTimeout   time.Duration `env:"CARILLON_DRAIN_TIMEOUT" default:"5m" placeholder:"TIME" help:"How long a shutdown waits for runs in progress, as 90s, 5m or 1h."`
	HTTPDeny       []string      `name:"http-deny" env:"CARILLON_HTTP_DENY" placeholder:"NETS" help:"Networks that HTTP jobs must not reach, such as 10.0.0.0/8 or private. Cloud metadata and link-local addresses are always denied."`
	HTTPAllow      []string      `name:"http-allow" env:"CARILLON_HTTP_ALLOW" placeholder:"NETS" help:"Exceptions of --http-deny."`
	Demo           bool          `env:"CARILLON_DEMO" help:"Start with a set of example jobs."`
	BasePath       string        `env:"CARILLON_BASE_PATH" placeholder:"PATH" help:"Path under which a proxy serves the console, such as /carillon."`
	TrustedProxies []string      `env:"CARILLON_TRUSTED_PROXIES" placeholder:"NETS" help:"Addresses or networks of proxies whose X-Forwarded-For header counts."`
	PublicURL      string        `name:"public-url" env:"CARILLON_PUBLIC_URL" placeholder:"URL" help:"Address of the console as people type it, such as https://jobs.example.com."`
	Zone           string        `env:"CARILLON_ZONE" placeholder:"ZONE" help:"Time zone of jobs that name none, such as Europe/Berlin. Without it, the machine's."`
	Dev            bool          `env:"CARILLON_DEV" hidden:"" help:"Offer the gallery of components, for developers."`
}

type userOptions struct {
	Add UserAdd `cmd:"" help:"Add a user. Reads the password from standard input."`
}

// UserAdd are the arguments of "user add".
type UserAdd struct {
	Name          string `arg:"" help:"Name to sign in with."`
	Role          string `required:"" enum:"viewer,operator,editor,admin" placeholder:"ROLE" help:"One of viewer, operator, editor and admin."`
	PasswordStdin bool   `required:"" help:"Read the password from the first line of standard input."`
}

type tokenOptions struct {
	Create TokenCreate `cmd:"" help:"Make an API token and print it once."`
}

// TokenCreate are the arguments of "token create".
type TokenCreate struct {
	User    string        `required:"" placeholder:"NAME" help:"The user for whom the token acts."`
	Name    string        `required:"" placeholder:"LABEL" help:"What the token is for."`
	Expires time.Duration `placeholder:"TIME" help:"How long the token is valid, as 90d or 12h. Without it, until it is revoked."`
}

type auditOptions struct {
	Verify AuditVerify `cmd:"" help:"Check the chain of hashes of the audit. Reports the first broken link."`
}

// AuditVerify are the arguments of "audit verify".
type AuditVerify struct {
	Known string `placeholder:"N:HASH" help:"An entry that must be there: its number and hash, as an earlier check printed them."`
}

// Next are the arguments of "next".
type Next struct {
	Cron  string    `arg:"" help:"Cron text of 5, 6 or 7 fields, or a macro such as @daily."`
	Zone  string    `default:"UTC" placeholder:"ZONE" help:"Time zone of the cron text."`
	From  time.Time `placeholder:"RFC3339" help:"Print times after this one. Without it, after now."`
	Count int       `default:"5" placeholder:"N" help:"How many times to print."`
}

// Backup are the arguments of "backup".
type Backup struct {
	File string `arg:"" help:"File to write. One that exists is replaced when the new one is complete."`
}

// Restore are the arguments of "restore".
type Restore struct {
	File  string `arg:"" help:"File that backup wrote."`
	Force bool   `help:"Replace the data that the folder holds."`
}

// ImportCrontab are the arguments of "import-crontab".
type ImportCrontab struct {
	File   string `arg:"" help:"Crontab to read; - is standard input, as in: crontab -l | carillon import-crontab -"`
	Group  string `default:"crontab" placeholder:"GROUP" help:"Group of the jobs."`
	System bool   `help:"The crontab is one of the system: a user stands before each command, as in /etc/crontab and /etc/cron.d."`
	DryRun bool   `help:"Only report what would be done."`
}

// Export are the arguments of "export".
type Export struct {
	File   string `arg:"" optional:"" help:"File to write. Without it, or with -, to standard output."`
	Format string `default:"yaml" enum:"yaml,json" placeholder:"FORMAT" help:"Form of the file: yaml or json."`
	Group  string `placeholder:"GROUP" help:"Only the jobs of this group."`
	Schema bool   `help:"Print the JSON Schema of the file instead, for editors."`
}

// Apply are the arguments of "apply".
type Apply struct {
	File   string `arg:"" help:"File that export wrote, or one like it, as YAML or JSON; - is standard input."`
	DryRun bool   `help:"Only show what would change."`
	Prune  bool   `help:"Remove the jobs that are not in the file. Asks before it does."`
	Yes    bool   `help:"Do not ask."`
}
