package kindtest

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"
	"time"

	"carillon/internal/job"
)

// noSurvivors checks that no process of the run is left. Processes are known by the
// run's id in their environment, where the system shows it (Linux); a killed process
// may take a moment to go.
func noSurvivors(t *testing.T, id job.RunID) {
	t.Helper()
	var left []string
	for deadline := time.Now().Add(5 * slack); time.Now().Before(deadline); time.Sleep(10 * time.Millisecond) {
		if left = Processes(id); len(left) == 0 {
			return
		}
	}
	t.Errorf("processes of the run are left: %q", left)
}

// Processes returns the command lines of living processes that the run started.
func Processes(id job.RunID) []string {
	files, _ := filepath.Glob("/proc/[0-9]*/environ")
	var found []string
	for _, file := range files {
		environ, err := os.ReadFile(file) // empty for a zombie
		if err != nil || !bytes.Contains(environ, []byte("CARILLON_RUN_ID="+id.String())) {
			continue
		}
		line, _ := os.ReadFile(filepath.Join(filepath.Dir(file), "cmdline"))
		found = append(found, string(bytes.ReplaceAll(line, []byte{0}, []byte{' '})))
	}
	return found
}
