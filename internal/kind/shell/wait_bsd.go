//go:build darwin || freebsd || netbsd || openbsd || dragonfly

package shell

import "golang.org/x/sys/unix"

// awaitExit returns when the process has ended, and leaves it unreaped: its id, which
// is its group's id too, cannot be given to another process before we are done with it.
func awaitExit(pid int) {
	queue, err := unix.Kqueue()
	if err != nil {
		return
	}
	defer unix.Close(queue)
	var watch unix.Kevent_t
	unix.SetKevent(&watch, pid, unix.EVFILT_PROC, unix.EV_ADD|unix.EV_ONESHOT)
	watch.Fflags = unix.NOTE_EXIT
	changes, events := []unix.Kevent_t{watch}, make([]unix.Kevent_t, 1)
	for {
		// Once registered, the watch is not added again by a repeated call.
		_, err := unix.Kevent(queue, changes, events, nil)
		if err != unix.EINTR {
			return // the process ended, or ESRCH: it had ended before
		}
		changes = nil
	}
}
