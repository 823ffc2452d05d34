package db

import "strings"

// File systems on which SQLite's locks or its shared memory do not work, by the magic
// number that statfs reports. FUSE is not in the list, because many of its file systems
// are local: [remoteFUSE] tells them apart.
const (
	magicNFS    = 0x6969
	magicSMB    = 0x517b
	magicCIFS   = 0xff534d42
	magicSMB2   = 0xfe534d42
	magic9P     = 0x01021997
	magicCeph   = 0x00c36400
	magicAFS    = 0x5346414f
	magicCoda   = 0x73757245
	magicFUSE   = 0x65735546
	magicVBox   = 0x786f4256
	unknownFUSE = ""
)

// remoteFS names the network file system with this magic number, or returns "".
// fuseType is the type that the mount table gives, used for FUSE only.
func remoteFS(magic uint32, fuseType string) string {
	switch magic {
	case magicNFS:
		return "NFS"
	case magicSMB, magicCIFS, magicSMB2:
		return "SMB/CIFS"
	case magic9P:
		return "9p"
	case magicCeph:
		return "Ceph"
	case magicAFS:
		return "AFS"
	case magicCoda:
		return "Coda"
	case magicVBox:
		return "vboxsf"
	case magicFUSE:
		return remoteFUSE(fuseType)
	}
	return ""
}

// remoteFUSE returns the type if it is one that reaches over a network or out of a
// virtual machine, else "".
func remoteFUSE(fsType string) string {
	sub := strings.TrimPrefix(fsType, "fuse.")
	switch sub {
	case "virtiofs", "sshfs", "s3fs", "rclone", "gcsfuse", "glusterfs", "ceph", "cephfs", "davfs", "grpcfuse", "osxfs":
		return sub
	}
	return ""
}

// mountType finds the file system type of the mount with the given device ("8:1") in
// the text of /proc/self/mountinfo.
func mountType(mountinfo, device string) string {
	for line := range strings.Lines(mountinfo) {
		before, after, ok := strings.Cut(line, " - ")
		fields, types := strings.Fields(before), strings.Fields(after)
		if ok && len(fields) > 2 && len(types) > 0 && fields[2] == device {
			return types[0]
		}
	}
	return unknownFUSE
}
