package main

import (
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"unsafe"

	"golang.org/x/sys/unix"
)

// attack tries, one after the other, what a hostile handler would try on PID 1 and on the kernel. The answer to each is
// the errno's name, or "ok" when it worked.
func attack() map[string]any {
	answers := map[string]string{}
	try := func(name string, err error) { answers[name] = errno(err) }

	signals := map[string]string{}
	for sig := 1; sig <= 64; sig++ {
		signals[strconv.Itoa(sig)] = errno(unix.Kill(1, unix.Signal(sig)))
	}
	limits := map[string]string{}
	for resource := 0; resource <= 15; resource++ {
		value := [2]uint64{0, 0}
		limits[strconv.Itoa(resource)] = raw(unix.SYS_PRLIMIT64, 1, uintptr(resource), uintptr(unsafe.Pointer(&value)), 0)
	}
	buffer := make([]byte, 16)
	local := unix.Iovec{Base: &buffer[0], Len: uint64(len(buffer))}
	remote := unix.RemoteIovec{Base: 0x400000, Len: len(buffer)}
	_, err := unix.ProcessVMReadv(1, []unix.Iovec{local}, []unix.RemoteIovec{remote}, 0)
	try("process_vm_readv", err)
	_, err = unix.ProcessVMWritev(1, []unix.Iovec{local}, []unix.RemoteIovec{remote}, 0)
	try("process_vm_writev", err)
	try("setpriority", unix.Setpriority(unix.PRIO_PROCESS, 1, 19))
	try("setpriority_user", unix.Setpriority(unix.PRIO_USER, os.Getuid(), 19))
	try("setpriority_self", unix.Setpriority(unix.PRIO_PROCESS, 0, 0))
	answers["ioprio_set"] = raw(unix.SYS_IOPRIO_SET, 1, 1, 3<<13)
	try("ptrace_seize", unix.PtraceSeize(1))
	try("unshare_user", unix.Unshare(unix.CLONE_NEWUSER))
	try("unshare_net", unix.Unshare(unix.CLONE_NEWNET))
	try("mount", unix.Mount("none", "/work", "tmpfs", 0, ""))
	answers["clone_newuser"] = raw(unix.SYS_CLONE, unix.CLONE_NEWUSER|uintptr(unix.SIGCHLD), 0, 0, 0)
	answers["clone3"] = raw(unix.SYS_CLONE3, 0, 0)
	params := make([]byte, 120)
	answers["io_uring_setup"] = raw(unix.SYS_IO_URING_SETUP, 1, uintptr(unsafe.Pointer(&params[0])))
	answers["keyctl"] = raw(unix.SYS_KEYCTL, 0, 0, 0)
	answers["userfaultfd"] = raw(unix.SYS_USERFAULTFD, 1)
	answers["bpf"] = raw(unix.SYS_BPF, 0, uintptr(unsafe.Pointer(&params[0])), 120)
	answers["perf_event_open"] = raw(unix.SYS_PERF_EVENT_OPEN, uintptr(unsafe.Pointer(&params[0])), 0, ^uintptr(0), ^uintptr(0), 0)
	answers["kcmp"] = raw(unix.SYS_KCMP, 1, 1, 0, 0, 0)
	answers["sched_setaffinity"] = raw(unix.SYS_SCHED_SETAFFINITY, 1, 8, uintptr(unsafe.Pointer(&params[0])))
	answers["sched_setscheduler"] = raw(unix.SYS_SCHED_SETSCHEDULER, 1, unix.SCHED_IDLE, uintptr(unsafe.Pointer(&params[0])))
	// The kernel takes 32 bits of a process id; a filter that compared 64 would let this one pass as "not 1".
	answers["prlimit_high_bits"] = raw(unix.SYS_PRLIMIT64, 1<<32|1, unix.RLIMIT_NOFILE, uintptr(unsafe.Pointer(&[2]uint64{})), 0)
	answers["prlimit_x32"] = raw(0x40000000|unix.SYS_PRLIMIT64, 1, unix.RLIMIT_NOFILE, uintptr(unsafe.Pointer(&[2]uint64{})), 0)
	var first unix.Stat_t // the kernel gives /proc/1 to root while PID 1 is not dumpable; nothing hides that
	try("stat_pid1", unix.Stat("/proc/1/environ", &first))
	answers["owner_of_pid1"] = strconv.Itoa(int(first.Uid))
	attackPidfd(try)
	for name, kind := range extraordinary {
		try(name, kind.open())
	}
	fd, err := unix.MemfdCreate("probe", 0)
	try("memfd_create", err)
	unix.Close(fd)
	attackFiles(try)
	attackCoreLimit(answers)
	answers["kill_everyone"] = asChild("kill-everyone")
	return map[string]any{"signals": signals, "prlimit": limits, "answers": answers}
}

// attackCoreLimit: at 0 the kernel starts the node's own program for core dumps, as root. Both calls sound as if they were done.
func attackCoreLimit(answers map[string]string) {
	zero := uintptr(unsafe.Pointer(&[2]uint64{}))
	answers["setrlimit_core"] = raw(unix.SYS_SETRLIMIT, unix.RLIMIT_CORE, zero)
	answers["prlimit_core"] = raw(unix.SYS_PRLIMIT64, 0, unix.RLIMIT_CORE, zero, 0)
	var limit unix.Rlimit
	unix.Prlimit(0, unix.RLIMIT_CORE, nil, &limit)
	answers["core_limit"] = strconv.FormatUint(limit.Cur, 10)
}

func attackPidfd(try func(string, error)) {
	fd, err := unix.PidfdOpen(1, 0)
	try("pidfd_open", err)
	if err != nil {
		return
	}
	defer unix.Close(fd)
	try("pidfd_send_signal", unix.PidfdSendSignal(fd, unix.SIGTERM, nil, 0))
	_, err = unix.PidfdGetfd(fd, 0, 0)
	try("pidfd_getfd", err)
	// A signal the kernel sends on somebody's behalf: the owner of a descriptor is told about input.
	var ends [2]int
	if unix.Pipe2(ends[:], 0) == nil {
		unix.FcntlInt(uintptr(ends[0]), unix.F_SETSIG, int(unix.SIGTERM))
		_, err := unix.FcntlInt(uintptr(ends[0]), unix.F_SETOWN, 1)
		unix.FcntlInt(uintptr(ends[0]), unix.F_SETFL, unix.O_ASYNC)
		unix.Write(ends[1], []byte{1}) // the supervisor must not take this for the kubelet's TERM
		try("f_setown", err)
	}
}

func attackFiles(try func(string, error)) {
	for name, path := range map[string]string{
		"read_token": "/.corral/token/token", "read_token_by_root": "/proc/1/root/.corral/token/token",
		"read_token_by_own_root": "/proc/self/root/.corral/token/token", "read_environ": "/proc/1/environ", "read_mem": "/proc/1/mem",
		"list_ours": "/.corral",
	} {
		fd, err := unix.Open(path, unix.O_RDONLY, 0)
		try(name, err)
		unix.Close(fd)
	}
	for name, path := range map[string]string{
		"write_termination": "/.corral/termination-log", "write_launcher": "/.corral/bin/corral", "write_secrets": "/secrets/probe",
		"write_sysctl": "/proc/sys/kernel/core_pattern", "write_oom": "/proc/1/oom_score_adj", "write_cgroup": "/sys/fs/cgroup/cgroup.procs",
	} {
		fd, err := unix.Open(path, unix.O_WRONLY|unix.O_CREAT, 0o600)
		try(name, err)
		unix.Close(fd)
	}
	try("link_token", unix.Link("/.corral/token/token", "/work/token"))
	try("rename_ours", unix.Rename("/.corral/bin/corral", "/work/corral"))
}

func killEveryone() {
	fmt.Println(errno(unix.Kill(-1, unix.SIGUSR2)))
}

// asChild runs a part of the attack that may well end whoever does it, and says how that ended.
func asChild(subcommand string) string {
	command := exec.Command("/proc/self/exe", subcommand)
	// kill(-1) reaches the probe too: it has to survive to tell.
	ignoreUserSignal()
	output, err := command.Output()
	if err != nil {
		return err.Error()
	}
	return string(output)
}

func raw(number uintptr, args ...uintptr) string {
	var a [6]uintptr
	copy(a[:], args)
	result, _, e := unix.Syscall6(number, a[0], a[1], a[2], a[3], a[4], a[5])
	if e == 0 {
		if number == unix.SYS_CLONE && result == 0 {
			unix.Exit(0) // the child of a clone that should not have been
		}
		return "ok"
	}
	return unix.ErrnoName(e)
}

func errno(err error) string {
	if err == nil {
		return "ok"
	}
	if e, ok := err.(unix.Errno); ok {
		return unix.ErrnoName(e)
	}
	return err.Error()
}
