package shell

import "golang.org/x/sys/unix"

// awaitExit returns when the process has ended, and leaves it unreaped: its id, which
// is its group's id too, cannot be given to another process before we are done with it.
func awaitExit(pid int) {
	for {
		err := unix.Waitid(unix.P_PID, pid, nil, unix.WEXITED|unix.WNOWAIT, nil)
		if err != unix.EINTR {
			return
		}
	}
}
