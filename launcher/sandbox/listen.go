package sandbox

import (
	"errors"
	"fmt"
	"os"
	"slices"
	"unsafe"

	"golang.org/x/sys/unix"

	"dev.corral/launcher/learn"
)

// Mode Learn adds a second filter on top of the first. It tells the supervisor of calls and refuses none: of several
// filters' answers the kernel takes the strictest, so whatever the first one refuses stays refused, and is not told of.

const toSupervisor = uint32(unix.SECCOMP_RET_USER_NOTIF)

func listeningProgram() []unix.SockFilter {
	code := []unix.SockFilter{load(offsetNumber)} // of this architecture: the first filter refuses every other
	needed := learn.Numbers()
	numbers := make([]uint32, 0, len(needed))
	for number := range needed {
		numbers = append(numbers, number)
	}
	slices.Sort(numbers)
	for _, number := range numbers {
		body := []unix.SockFilter{ret(toSupervisor)}
		if index := needed[number]; index >= 0 {
			body = append(unlessZero(uint32(index)), ret(toSupervisor))
		}
		code = append(code, jump(unix.BPF_JEQ, number, 0, uint8(len(body))))
		code = append(code, body...)
	}
	return append(code, ret(allow))
}

// listen puts the listening filter on this thread alone – it is the one that executes the handler, and a listener does
// not go with TSYNC – and hands the listener to the supervisor. Another thread does the handing over: on this one a call
// would wait for an answer that nobody can give yet.
func listen() error {
	installed := make(chan int)
	handed := make(chan error, 1)
	go func() { handed <- sendFD(watchFD, <-installed) }()
	code := listeningProgram()
	prog := unix.SockFprog{Len: uint16(len(code)), Filter: &code[0]}
	flags := uintptr(unix.SECCOMP_FILTER_FLAG_NEW_LISTENER)
	// With it a signal does not make a caller that is already being looked at start its call again (Linux 5.19).
	listener, errno := seccomp(flags|unix.SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV, &prog)
	if errno == unix.EINVAL {
		listener, errno = seccomp(flags, &prog)
	}
	if errno != 0 {
		return fmt.Errorf("this node cannot learn, its kernel refuses a seccomp listener: %w", errno)
	}
	installed <- listener
	return <-handed
}

func seccomp(flags uintptr, prog *unix.SockFprog) (int, unix.Errno) {
	fd, _, errno := unix.Syscall(unix.SYS_SECCOMP, unix.SECCOMP_SET_MODE_FILTER, flags, uintptr(unsafe.Pointer(prog)))
	return int(fd), errno
}

// sendFD gives a descriptor away; ours and the way it went are closed.
func sendFD(way, fd int) error {
	err := unix.Sendmsg(way, []byte{0}, unix.UnixRights(fd), nil, 0)
	unix.Close(fd)
	unix.Close(way)
	return err
}

func receiveFD(way *os.File) (int, error) {
	rights := make([]byte, unix.CmsgSpace(4))
	_, n, _, _, err := unix.Recvmsg(int(rawFD(way)), make([]byte, 1), rights, unix.MSG_CMSG_CLOEXEC)
	if err != nil {
		return 0, err
	}
	messages, err := unix.ParseSocketControlMessage(rights[:n])
	if err != nil || len(messages) != 1 {
		return 0, errors.New("no descriptor came")
	}
	fds, err := unix.ParseUnixRights(&messages[0])
	if err != nil || len(fds) != 1 {
		return 0, errors.New("no descriptor came")
	}
	return fds[0], nil
}

func newSocketPair() (ours, theirs *os.File, err error) {
	pair, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return nil, nil, err
	}
	return os.NewFile(uintptr(pair[0]), "ours"), os.NewFile(uintptr(pair[1]), "theirs"), nil
}
