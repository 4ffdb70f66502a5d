package sandbox

import (
	"fmt"
	"slices"
	"unsafe"

	"golang.org/x/sys/unix"
)

// The filter refuses what a handler could use against PID 1 of its own user id, and kernel surface no plugin needs.
// It stands on top of the runtime's default profile and is written out here, instructions and all, for two reasons:
// a call through a foreign ABI (int 0x80, x32) must fail rather than pass unfiltered, and process ids are 32 bits
// wide in the kernel, so only the low half of the argument may decide.

const (
	offsetNumber = 0
	offsetArch   = 4
	offsetArgs   = 16

	allow  = unix.SECCOMP_RET_ALLOW
	eperm  = unix.SECCOMP_RET_ERRNO | uint32(unix.EPERM)
	enosys = unix.SECCOMP_RET_ERRNO | uint32(unix.ENOSYS)
	done   = unix.SECCOMP_RET_ERRNO | 0 // nothing is done, and the caller hears that it was

	// What a kernel says that was built without it: programs that try a kind of socket go on with another then, and give up at EPERM.
	noFamily   = unix.SECCOMP_RET_ERRNO | uint32(unix.EAFNOSUPPORT)
	noProtocol = unix.SECCOMP_RET_ERRNO | uint32(unix.EPROTONOSUPPORT)
	noFastOpen = unix.SECCOMP_RET_ERRNO | uint32(unix.EOPNOTSUPP)

	typeOfSocket = 0xf // the other bits of the argument are flags

	// Every CLONE_NEW* flag clone(2) knows; CLONE_NEWTIME shares its bit with the exit signal and exists for unshare only.
	newNamespaces = unix.CLONE_NEWNS | unix.CLONE_NEWCGROUP | unix.CLONE_NEWUTS | unix.CLONE_NEWIPC |
		unix.CLONE_NEWUSER | unix.CLONE_NEWPID | unix.CLONE_NEWNET

	sysOpenTreeAttr = 467 // the same number everywhere; too new for x/sys on some architectures
)

// rule says what happens to one system call, or to one family of sockets.
type rule struct {
	number uint32
	body   []unix.SockFilter // always ends in a return, because it may have overwritten the loaded number
}

// commandRules keep code from being executed that no Landlock rule has seen: files without a name.
func commandRules() []rule {
	return []rule{
		{unix.SYS_MEMFD_CREATE, []unix.SockFilter{ret(eperm)}},
		{unix.SYS_EXECVEAT, []unix.SockFilter{ret(eperm)}},
	}
}

func rules() []rule {
	var all []rule
	for _, number := range []uint32{
		// other processes' memory and descriptors
		unix.SYS_PTRACE, unix.SYS_PROCESS_VM_READV, unix.SYS_PROCESS_VM_WRITEV, unix.SYS_PIDFD_GETFD, unix.SYS_KCMP,
		unix.SYS_PROCESS_MADVISE, unix.SYS_PROCESS_MRELEASE, unix.SYS_MIGRATE_PAGES, unix.SYS_MOVE_PAGES,
		// namespaces and mounts
		unix.SYS_UNSHARE, unix.SYS_SETNS, unix.SYS_MOUNT, unix.SYS_UMOUNT2, unix.SYS_PIVOT_ROOT, unix.SYS_CHROOT,
		unix.SYS_OPEN_TREE, sysOpenTreeAttr, unix.SYS_MOVE_MOUNT, unix.SYS_FSOPEN, unix.SYS_FSCONFIG, unix.SYS_FSMOUNT,
		unix.SYS_FSPICK, unix.SYS_MOUNT_SETATTR, unix.SYS_OPEN_BY_HANDLE_AT,
		// kernel surface that has carried many privilege escalations and no plugin needs
		unix.SYS_IO_URING_SETUP, unix.SYS_IO_URING_ENTER, unix.SYS_IO_URING_REGISTER, unix.SYS_BPF, unix.SYS_PERF_EVENT_OPEN,
		unix.SYS_USERFAULTFD, unix.SYS_KEYCTL, unix.SYS_ADD_KEY, unix.SYS_REQUEST_KEY,
	} {
		all = append(all, rule{number, []unix.SockFilter{ret(eperm)}})
	}
	for _, number := range []uint32{
		unix.SYS_SCHED_SETSCHEDULER, unix.SYS_SCHED_SETPARAM, unix.SYS_SCHED_SETATTR, unix.SYS_SCHED_SETAFFINITY,
	} {
		all = append(all, rule{number, onlyWhen(is(0, 0))}) // pid 0: the caller itself
	}
	return append(all,
		rule{unix.SYS_PRLIMIT64, onlyWhen(is(0, 0), unlessZero(2), keepCore(1))},
		rule{unix.SYS_SETRLIMIT, onlyWhen(keepCore(0))},
		rule{unix.SYS_SETPRIORITY, onlyWhen(is(0, unix.PRIO_PROCESS), is(1, 0))},
		rule{unix.SYS_IOPRIO_SET, onlyWhen(is(0, 1), is(1, 0))}, // IOPRIO_WHO_PROCESS, self
		rule{unix.SYS_CLONE, unlessBits(0, newNamespaces, eperm)},
		// The flags of clone3 lie in memory a filter cannot read; "not implemented" makes every libc fall back to clone.
		rule{unix.SYS_CLONE3, []unix.SockFilter{ret(enosys)}},
		rule{unix.SYS_SOCKET, sockets()},
		rule{unix.SYS_SOCKETPAIR, sockets()},
		// A connect that Landlock does not see (landlock-lsm/linux#41); with TCP_FASTOPEN_CONNECT it is one that it sees.
		rule{unix.SYS_SENDTO, unlessBits(3, unix.MSG_FASTOPEN, noFastOpen)},
		rule{unix.SYS_SENDMSG, unlessBits(2, unix.MSG_FASTOPEN, noFastOpen)},
		rule{unix.SYS_SENDMMSG, unlessBits(3, unix.MSG_FASTOPEN, noFastOpen)},
	)
}

// sockets are those of ordinary programs: Unix, TCP, UDP, and the netlink that lists interfaces. Of the others some lead past every
// network policy (vsock, to the hypervisor) or past Landlock (MPTCP, landlock-lsm/linux#54), and many are code the kernel loads on the spot.
func sockets() []unix.SockFilter {
	internet := onlyWhen(
		oneOf(masked(1, typeOfSocket), eperm, unix.SOCK_STREAM, unix.SOCK_DGRAM),
		oneOf(low(2), noProtocol, 0, unix.IPPROTO_TCP, unix.IPPROTO_UDP),
	)
	families := choose([]rule{
		{unix.AF_UNIX, onlyWhen()},
		{unix.AF_INET, internet},
		{unix.AF_INET6, internet},
		{unix.AF_NETLINK, onlyWhen(oneOf(low(2), noProtocol, unix.NETLINK_ROUTE))},
	})
	return append(append(low(0), families...), ret(noFamily))
}

// keepCore leaves the limit of core dumps at noCore. Programs that keep secrets set it to 0, which would be worse, and some (gpg, ssh-agent)
// end when they cannot.
func keepCore(resource uint32) []unix.SockFilter {
	return append(low(resource), jump(unix.BPF_JEQ, unix.RLIMIT_CORE, 0, 1), ret(done))
}

func program(commands bool) []unix.SockFilter {
	code := []unix.SockFilter{
		load(offsetArch),
		jump(unix.BPF_JEQ, auditArch, 1, 0),
		ret(enosys),
		load(offsetNumber),
	}
	if foreignBit != 0 {
		code = append(code, jump(unix.BPF_JGE, foreignBit, 0, 1), ret(enosys))
	}
	all := rules()
	if commands {
		all = append(all, commandRules()...)
	}
	return append(append(code, choose(all)...), ret(allow))
}

// choose goes on with the body of the number that is loaded; what follows is for every other number.
func choose(all []rule) []unix.SockFilter {
	var code []unix.SockFilter
	for _, r := range all {
		code = append(code, jump(unix.BPF_JEQ, r.number, 0, uint8(len(r.body))))
		code = append(code, r.body...)
	}
	return code
}

// onlyWhen allows the call if every check lets it pass.
func onlyWhen(checks ...[]unix.SockFilter) []unix.SockFilter {
	return append(slices.Concat(checks...), ret(allow))
}

// is lets a call pass if the argument has these low 32 bits.
func is(index, value uint32) []unix.SockFilter { return oneOf(low(index), eperm, value) }

// oneOf lets a call pass if what is loaded is one of the values.
func oneOf(loaded []unix.SockFilter, refusal uint32, values ...uint32) []unix.SockFilter {
	for i, value := range values {
		loaded = append(loaded, jump(unix.BPF_JEQ, value, uint8(len(values)-i), 0))
	}
	return append(loaded, ret(refusal))
}

// unlessZero allows the call at once if none of the argument's 64 bits is set.
func unlessZero(index uint32) []unix.SockFilter {
	return []unix.SockFilter{
		load(offsetArgs + 8*index), jump(unix.BPF_JEQ, 0, 0, 3),
		load(offsetArgs + 8*index + 4), jump(unix.BPF_JEQ, 0, 0, 1),
		ret(allow),
	}
}

// unlessBits refuses the call if any of the bits is set.
func unlessBits(index, bits, refusal uint32) []unix.SockFilter {
	return append(low(index), jump(unix.BPF_JSET, bits, 1, 0), ret(allow), ret(refusal))
}

// low loads the low 32 bits of an argument.
func low(index uint32) []unix.SockFilter { return []unix.SockFilter{load(offsetArgs + 8*index)} }

func masked(index, bits uint32) []unix.SockFilter {
	return append(low(index), unix.SockFilter{Code: unix.BPF_ALU | unix.BPF_AND | unix.BPF_K, K: bits})
}

func load(offset uint32) unix.SockFilter {
	return unix.SockFilter{Code: unix.BPF_LD | unix.BPF_W | unix.BPF_ABS, K: offset}
}

func jump(operation uint16, value uint32, yes, no uint8) unix.SockFilter {
	return unix.SockFilter{Code: unix.BPF_JMP | unix.BPF_K | operation, K: value, Jt: yes, Jf: no}
}

func ret(action uint32) unix.SockFilter {
	return unix.SockFilter{Code: unix.BPF_RET | unix.BPF_K, K: action}
}

// installFilter puts the filter on every thread of the process; no_new_privs must be set on the calling one.
func installFilter(commands bool) error {
	code := program(commands)
	prog := unix.SockFprog{Len: uint16(len(code)), Filter: &code[0]}
	_, _, errno := unix.Syscall(unix.SYS_SECCOMP, unix.SECCOMP_SET_MODE_FILTER, unix.SECCOMP_FILTER_FLAG_TSYNC,
		uintptr(unsafe.Pointer(&prog)))
	if errno != 0 {
		return fmt.Errorf("seccomp: %w", errno)
	}
	return nil
}
