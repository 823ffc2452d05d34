package shell

import (
	"os"
	"strconv"
)

// withEnvironment lists the processes that were started with the entry in their
// environment and are not this one. Processes of other users cannot be read and are left out.
func withEnvironment(entry string) []int {
	proc, err := os.Open("/proc")
	if err != nil {
		return nil
	}
	defer func() { _ = proc.Close() }()
	names, err := proc.Readdirnames(-1)
	if err != nil {
		return nil
	}
	var pids []int
	for _, name := range names {
		pid, err := strconv.Atoi(name)
		if err != nil || pid == os.Getpid() {
			continue
		}
		environ, err := os.ReadFile("/proc/" + name + "/environ")
		if err == nil && hasEntry(string(environ), entry) {
			pids = append(pids, pid)
		}
	}
	return pids
}
