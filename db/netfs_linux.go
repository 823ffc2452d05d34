package db

import (
	"fmt"
	"os"

	"golang.org/x/sys/unix"

	"carillon/internal/apperr"
)

// refuseRemote refuses a data folder on a network file system, where SQLite's file is
// sooner or later damaged.
func refuseRemote(dir string) error {
	var fs unix.Statfs_t
	if err := unix.Statfs(dir, &fs); err != nil {
		return folderError(dir, err)
	}
	fuse := unknownFUSE
	if uint32(fs.Type) == magicFUSE {
		var st unix.Stat_t
		if err := unix.Stat(dir, &st); err != nil {
			return folderError(dir, err)
		}
		mounts, err := os.ReadFile("/proc/self/mountinfo")
		if err != nil {
			return folderError(dir, err)
		}
		fuse = mountType(string(mounts), fmt.Sprintf("%d:%d", unix.Major(st.Dev), unix.Minor(st.Dev)))
	}
	if name := remoteFS(uint32(fs.Type), fuse); name != "" {
		return apperr.Newf(apperr.Invalid, "network_folder", "error.db.network_folder",
			map[string]any{"dir": dir, "filesystem": name})
	}
	return nil
}
