package db

import (
	"testing"

	"carillon/internal/apperr"
)

func TestRemoteFileSystems(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		magic uint32
		fuse  string
		want  string
	}{
		{0x6969, "", "NFS"}, {0xff534d42, "", "SMB/CIFS"}, {0xfe534d42, "", "SMB/CIFS"}, {0x517b, "", "SMB/CIFS"},
		{0x01021997, "", "9p"}, {0x00c36400, "", "Ceph"}, {0x5346414f, "", "AFS"}, {0x73757245, "", "Coda"}, {0x786f4256, "", "vboxsf"},
		{0x65735546, "virtiofs", "virtiofs"}, {0x65735546, "fuse.sshfs", "sshfs"},
		{0x65735546, "fuse.mergerfs", ""}, {0x65735546, "fuseblk", ""}, {0x65735546, "", ""},
		{0xef53, "", ""}, {0x58465342, "", ""}, {0x01021994, "", ""}, {0x794c7630, "", ""},
	} {
		if got := remoteFS(tc.magic, tc.fuse); got != tc.want {
			t.Errorf("remoteFS(%#x, %q) = %q, want %q", tc.magic, tc.fuse, got, tc.want)
		}
	}
}

func TestMountType(t *testing.T) {
	t.Parallel()
	const table = `22 1 8:1 / / rw,relatime - ext4 /dev/sda1 rw
40 22 0:35 / /mnt/far rw,nosuid shared:7 - fuse.sshfs far:/srv rw,user_id=0
41 22 0:36 / /data rw - virtiofs share rw
nonsense
`
	for device, want := range map[string]string{"8:1": "ext4", "0:35": "fuse.sshfs", "0:36": "virtiofs", "9:9": ""} {
		if got := mountType(table, device); got != want {
			t.Errorf("mountType(%s) = %q, want %q", device, got, want)
		}
	}
}

func TestPostgresFaults(t *testing.T) {
	t.Parallel()
	for code, want := range map[string]fault{
		"23505": {apperr.Conflict, "exists"}, "23503": {apperr.Conflict, "reference"}, "23514": {apperr.Internal, "constraint"},
		"40001": {apperr.Unavailable, "busy"}, "40P01": {apperr.Unavailable, "busy"}, "55P03": {apperr.Unavailable, "busy"},
		"53100": {apperr.Unavailable, "disk_full"}, "53300": {apperr.Unavailable, "unreachable"},
		"25006": {apperr.Unavailable, "read_only"}, "57014": {apperr.Unavailable, "slow"}, "57P01": {apperr.Unavailable, "unreachable"},
		"08006": {apperr.Unavailable, "unreachable"}, "28P01": {apperr.Unavailable, "unreachable"}, "3D000": {apperr.Unavailable, "unreachable"},
		"22021": {apperr.Invalid, "bad_text"}, "54000": {apperr.Invalid, "too_big"}, "42601": {apperr.Internal, "failed"}, "": {apperr.Internal, "failed"},
	} {
		if got := postgresFault(code); got != want {
			t.Errorf("%q: %v, want %v", code, got, want)
		}
	}
}

func TestSQLiteFaults(t *testing.T) {
	t.Parallel()
	for code, want := range map[int]fault{
		2067: {apperr.Conflict, "exists"}, 1555: {apperr.Conflict, "exists"}, 787: {apperr.Conflict, "reference"},
		275: {apperr.Internal, "constraint"}, 1299: {apperr.Internal, "constraint"}, 5: {apperr.Unavailable, "busy"},
		517: {apperr.Unavailable, "busy"}, 6: {apperr.Unavailable, "busy"}, 13: {apperr.Unavailable, "disk_full"},
		8: {apperr.Unavailable, "read_only"}, 1032: {apperr.Unavailable, "read_only"}, 14: {apperr.Unavailable, "read_only"},
		778: {apperr.Unavailable, "disk_error"}, 11: {apperr.Internal, "corrupt"}, 26: {apperr.Internal, "corrupt"},
		18: {apperr.Invalid, "too_big"}, 9: {apperr.Unavailable, "slow"}, 1: {apperr.Internal, "failed"},
	} {
		if got := sqliteFault(code); got != want {
			t.Errorf("%d: %v, want %v", code, got, want)
		}
	}
}

func TestPercentile(t *testing.T) {
	t.Parallel()
	if got := percentile(nil, 50); got != 0 {
		t.Errorf("of none: %v", got)
	}
}

func TestSQLiteText(t *testing.T) {
	t.Parallel()
	const in = "CREATE TABLE a (b TEXT COLLATE \"C\"); SELECT b FROM a LIMIT $1 FOR UPDATE SKIP LOCKED; SELECT b FROM a FOR UPDATE;"
	const want = "CREATE TABLE a (b TEXT); SELECT b FROM a LIMIT $1; SELECT b FROM a;"
	if got := sqliteText(in); got != want {
		t.Errorf("%s", got)
	}
}
