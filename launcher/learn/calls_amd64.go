package learn

import "golang.org/x/sys/unix"

// Older calls that younger architectures no longer have.
var ofThisMachine = map[uint32]call{
	unix.SYS_OPEN:    {opens, []place{{atCwd, 0}}, 1},
	unix.SYS_CREAT:   {creates, []place{{atCwd, 0}}, 0},
	unix.SYS_MKDIR:   {changes, []place{{atCwd, 0}}, 0},
	unix.SYS_RMDIR:   {changes, []place{{atCwd, 0}}, 0},
	unix.SYS_MKNOD:   {changes, []place{{atCwd, 0}}, 0},
	unix.SYS_UNLINK:  {changes, []place{{atCwd, 0}}, 0},
	unix.SYS_RENAME:  {changes, []place{{atCwd, 0}, {atCwd, 1}}, 0},
	unix.SYS_LINK:    {changes, []place{{atCwd, 0}, {atCwd, 1}}, 0},
	unix.SYS_SYMLINK: {changes, []place{{atCwd, 1}}, 0},
}
