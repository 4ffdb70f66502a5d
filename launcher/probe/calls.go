package main

import (
	"unsafe"

	"golang.org/x/sys/unix"
)

const (
	none         = ^uintptr(0)      // no such descriptor
	nobody       = uintptr(1 << 30) // no such process
	unknownFlags = uintptr(0xffff)
	noMemory     = uintptr(8) // an address nobody has
	noType       = 0x10       // added to a socket's: a flag that does not exist
)

// calls makes each system call the sandbox refuses, with arguments the kernel would refuse too, but for another reason
// than a lack of rights: whatever is not EPERM, or what else the filter is known to say, came from the kernel, and so past the filter.
func calls() map[string]string {
	nowhere, _ := unix.BytePtrFromString("/nowhere")
	path := uintptr(unsafe.Pointer(nowhere))
	return map[string]string{
		"PTRACE":            raw(unix.SYS_PTRACE, unix.PTRACE_ATTACH, nobody, 0, 0),
		"PROCESS_VM_READV":  raw(unix.SYS_PROCESS_VM_READV, nobody, 0, 0, 0, 0, unknownFlags),
		"PROCESS_VM_WRITEV": raw(unix.SYS_PROCESS_VM_WRITEV, nobody, 0, 0, 0, 0, unknownFlags),
		"PIDFD_GETFD":       raw(unix.SYS_PIDFD_GETFD, none, 0, unknownFlags),
		"KCMP":              raw(unix.SYS_KCMP, nobody, nobody, 0, 0, 0),
		"PROCESS_MADVISE":   raw(unix.SYS_PROCESS_MADVISE, none, 0, 0, 0, unknownFlags),
		"PROCESS_MRELEASE":  raw(unix.SYS_PROCESS_MRELEASE, none, unknownFlags),
		"MIGRATE_PAGES":     raw(unix.SYS_MIGRATE_PAGES, nobody, 0, 0, 0),
		"MOVE_PAGES":        raw(unix.SYS_MOVE_PAGES, nobody, 0, 0, 0, 0, unknownFlags),
		"UNSHARE":           raw(unix.SYS_UNSHARE, 1),
		"SETNS":             raw(unix.SYS_SETNS, none, 0),
		"MOUNT":             raw(unix.SYS_MOUNT, noMemory, noMemory, noMemory, 0, 0),
		"UMOUNT2":           raw(unix.SYS_UMOUNT2, path, unknownFlags),
		"PIVOT_ROOT":        raw(unix.SYS_PIVOT_ROOT, path, path),
		"CHROOT":            raw(unix.SYS_CHROOT, path),
		"OPEN_TREE":         raw(unix.SYS_OPEN_TREE, none, path, 0x40000000),
		"OPEN_TREE_ATTR":    raw(467, none, path, 0x40000000, noMemory, 0),
		"MOVE_MOUNT":        raw(unix.SYS_MOVE_MOUNT, none, path, none, path, unknownFlags),
		"FSOPEN":            raw(unix.SYS_FSOPEN, path, unknownFlags),
		"FSCONFIG":          raw(unix.SYS_FSCONFIG, none, 0, 0, 0, 0),
		"FSMOUNT":           raw(unix.SYS_FSMOUNT, none, unknownFlags, 0),
		"FSPICK":            raw(unix.SYS_FSPICK, none, path, unknownFlags),
		"MOUNT_SETATTR":     raw(unix.SYS_MOUNT_SETATTR, none, path, 0x40000000, noMemory, 32),
		"OPEN_BY_HANDLE_AT": raw(unix.SYS_OPEN_BY_HANDLE_AT, none, noMemory, 0),
		"IO_URING_SETUP":    raw(unix.SYS_IO_URING_SETUP, 0, noMemory),
		"IO_URING_ENTER":    raw(unix.SYS_IO_URING_ENTER, none, 0, 0, 0, 0, 0),
		"IO_URING_REGISTER": raw(unix.SYS_IO_URING_REGISTER, none, 0, 0, 0),
		"BPF":               raw(unix.SYS_BPF, 0, noMemory, 1<<20),
		"PERF_EVENT_OPEN":   raw(unix.SYS_PERF_EVENT_OPEN, noMemory, 0, none, none, unknownFlags),
		"USERFAULTFD":       raw(unix.SYS_USERFAULTFD, unknownFlags),
		"KEYCTL":            raw(unix.SYS_KEYCTL, unknownFlags),
		"ADD_KEY":           raw(unix.SYS_ADD_KEY, noMemory, noMemory, 0, 0, 0),
		"REQUEST_KEY":       raw(unix.SYS_REQUEST_KEY, noMemory, noMemory, 0, 0),

		"PRLIMIT64":          raw(unix.SYS_PRLIMIT64, nobody, 0, 0, 0),
		"SCHED_SETSCHEDULER": raw(unix.SYS_SCHED_SETSCHEDULER, nobody, 0, path),
		"SCHED_SETPARAM":     raw(unix.SYS_SCHED_SETPARAM, nobody, path),
		"SCHED_SETATTR":      raw(unix.SYS_SCHED_SETATTR, nobody, noMemory, 0),
		"SCHED_SETAFFINITY":  raw(unix.SYS_SCHED_SETAFFINITY, nobody, 8, path),
		"SETPRIORITY":        raw(unix.SYS_SETPRIORITY, unix.PRIO_PROCESS, nobody, 19),
		"SETPRIORITY_GROUP":  raw(unix.SYS_SETPRIORITY, unix.PRIO_PGRP, 0, 0),
		"IOPRIO_SET":         raw(unix.SYS_IOPRIO_SET, 1, nobody, 0),
		"IOPRIO_SET_GROUP":   raw(unix.SYS_IOPRIO_SET, 2, 0, 0),

		"SOCKET_FAMILY":     raw(unix.SYS_SOCKET, unix.AF_VSOCK, unix.SOCK_STREAM|noType, 0),
		"SOCKET_TYPE":       raw(unix.SYS_SOCKET, unix.AF_INET, unix.SOCK_RAW|noType, 0),
		"SOCKET_PROTOCOL":   raw(unix.SYS_SOCKET, unix.AF_INET, unix.SOCK_STREAM|noType, unix.IPPROTO_MPTCP),
		"SOCKET_PROTOCOL6":  raw(unix.SYS_SOCKET, unix.AF_INET6, unix.SOCK_STREAM|noType, unix.IPPROTO_MPTCP),
		"SOCKET_NETLINK":    raw(unix.SYS_SOCKET, unix.AF_NETLINK, unix.SOCK_RAW|noType, unix.NETLINK_AUDIT),
		"SOCKETPAIR_FAMILY": raw(unix.SYS_SOCKETPAIR, unix.AF_TIPC, unix.SOCK_STREAM|noType, 0, noMemory),
		"SENDTO_FASTOPEN":   raw(unix.SYS_SENDTO, none, 0, 0, unix.MSG_FASTOPEN, 0, 0),
		"SENDMSG_FASTOPEN":  raw(unix.SYS_SENDMSG, none, noMemory, unix.MSG_FASTOPEN),
		"SENDMMSG_FASTOPEN": raw(unix.SYS_SENDMMSG, none, noMemory, 1, unix.MSG_FASTOPEN),

		"CLONE_NEWUSER": raw(unix.SYS_CLONE, unix.CLONE_NEWUSER|unix.CLONE_FS, 0, 0, 0), // EINVAL by the kernel
	}
}
