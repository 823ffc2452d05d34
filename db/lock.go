package db

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"golang.org/x/sys/unix"

	"carillon/internal/apperr"
)

// lockFile is the name of the file whose lock makes a process the owner of a data folder.
const lockFile = "carillon.lock"

// lockWait is how long to wait for the folder: a command may hold it for a moment.
const lockWait = 2 * time.Second

// folderLock is the ownership of a data folder. The kernel ends it with the process.
type folderLock struct{ file *os.File }

// lockFolder takes the folder, or says within [lockWait] that another process has it.
func lockFolder(ctx context.Context, dir string) (*folderLock, error) {
	f, err := os.OpenFile(filepath.Join(dir, lockFile), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, folderError(dir, err)
	}
	wait, cancel := context.WithTimeout(ctx, lockWait)
	defer cancel()
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for {
		err = unix.Flock(int(f.Fd()), unix.LOCK_EX|unix.LOCK_NB)
		if err == nil {
			return &folderLock{file: f}, nil
		}
		if !errors.Is(err, unix.EWOULDBLOCK) && !errors.Is(err, unix.EINTR) {
			break
		}
		select {
		case <-wait.Done():
			_ = f.Close()
			return nil, &apperr.Error{Kind: apperr.Unavailable, Code: "locked", Op: "open database",
				Msg: "error.db.locked", Args: map[string]any{"dir": dir}, Err: ctx.Err()}
		case <-tick.C:
		}
	}
	_ = f.Close()
	return nil, fmt.Errorf("lock data folder %s: %w", dir, err)
}

// release gives the folder back. It may be called on nil.
func (l *folderLock) release() error {
	if l == nil {
		return nil
	}
	return l.file.Close()
}

// folderError words an error of the file system about the data folder.
func folderError(dir string, err error) error {
	return &apperr.Error{Kind: apperr.Unavailable, Code: "folder", Op: "open database",
		Msg: "error.db.folder", Args: map[string]any{"dir": dir}, Err: err}
}
