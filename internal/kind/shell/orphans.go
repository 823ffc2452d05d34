package shell

import (
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

// ownerVariable marks every process that this installation started, and all that these
// start in turn. It names the data folder, not the server's process, so that processes
// which outlived a crash are known again by the next server.
const ownerVariable = "CARILLON_OWNER"

// runVariable tells a command the id of its run.
const runVariable = "CARILLON_RUN_ID"

// orphanGrace is how long processes that outlived a crash have to end after SIGTERM.
const orphanGrace = 2 * time.Second

// ownerOf returns the mark of the installation whose script folder this is, made at first use.
func ownerOf(dir string) (string, error) {
	file := filepath.Join(dir, "owner")
	text, err := os.ReadFile(file)
	if err == nil && len(text) >= 26 {
		return string(text), nil
	}
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return "", fmt.Errorf("read owner mark: %w", err)
	}
	owner := rand.Text()
	if err := os.WriteFile(file, []byte(owner), 0o600); err != nil {
		return "", fmt.Errorf("write owner mark: %w", err)
	}
	return owner, nil
}

// endOrphans ends the processes that an earlier server of this installation left behind
// when it was killed. Their runs are about to be closed as lost and may be tried again;
// no second copy may run beside the first.
func endOrphans(owner string) {
	end(ownerVariable+"="+owner, orphanGrace)
}

// end ends all processes that have the entry in their environment: SIGTERM, a grace, SIGKILL.
func end(entry string, grace time.Duration) {
	pids := withEnvironment(entry)
	for _, pid := range pids {
		_ = unix.Kill(pid, unix.SIGTERM)
	}
	// Orphans are nobody's children here, so there is no exit to wait for.
	for waited := time.Duration(0); len(pids) > 0 && waited < grace; waited += orphanPoll {
		time.Sleep(orphanPoll)
		pids = withEnvironment(entry)
	}
	for _, pid := range pids {
		_ = unix.Kill(pid, unix.SIGKILL)
	}
}

// orphanPoll is the time between two looks at processes that were asked to end.
const orphanPoll = 20 * time.Millisecond

// hasEntry reports whether an environment as the kernel shows it has the entry.
func hasEntry(environ, entry string) bool {
	return strings.HasPrefix(environ, entry+"\x00") || strings.Contains(environ, "\x00"+entry+"\x00")
}
