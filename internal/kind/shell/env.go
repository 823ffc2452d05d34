package shell

import (
	"os"
	"slices"
	"strconv"
	"strings"
	"time"

	"carillon/internal/kind"
)

// defaultPath is the search path of commands if the server has none.
const defaultPath = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

// inherit returns what of the server's environment a command may see. It is a list of
// what is allowed, so that secrets in our own settings never reach a job.
func inherit(environ []string) []string {
	allowed := []string{"PATH", "HOME", "LANG", "TZ", "TMPDIR", "USER", "LOGNAME", "SHELL"}
	env := []string{"PATH=" + defaultPath}
	for _, entry := range environ {
		name, _, _ := strings.Cut(entry, "=")
		if slices.Contains(allowed, name) || strings.HasPrefix(name, "LC_") {
			env = append(env, entry) // a later entry wins over an earlier one
		}
	}
	return env
}

// homeOf returns the folder in which commands run that name none: the user's home, as
// with cron, or the root folder if there is no home.
func homeOf(env []string) string {
	for _, entry := range slices.Backward(env) {
		if home, ok := strings.CutPrefix(entry, "HOME="); ok {
			if info, err := os.Stat(home); err == nil && info.IsDir() {
				return home
			}
			break
		}
	}
	return "/"
}

// environment returns a run's whole environment: the allowed part of the server's,
// the facts of the run, and the job's own, which wins.
func (s *Shell) environment(x kind.Execution) []string {
	scheduled := ""
	if !x.ScheduledAt.IsZero() {
		scheduled = x.ScheduledAt.UTC().Format(time.RFC3339)
	}
	env := append(slices.Clone(s.inherited),
		"CARILLON_JOB_ID="+x.JobID.String(),
		"CARILLON_JOB_NAME="+x.Name,
		"CARILLON_JOB_GROUP="+x.Group,
		"CARILLON_ATTEMPT="+strconv.Itoa(x.Attempt),
		"CARILLON_SCHEDULED_AT="+scheduled,
	)
	for name, value := range kind.Map(x.Args, "environment") {
		env = append(env, name+"="+value)
	}
	// Last, so that they always hold: processes are found by them.
	return append(env, runVariable+"="+x.RunID.String(), ownerVariable+"="+s.owner)
}
