package learn

import (
	"errors"
	"path"
	"runtime"
	"strings"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
)

// notification is struct seccomp_notif, answer struct seccomp_notif_resp.
type notification struct {
	id     uint64
	pid    uint32
	flags  uint32
	number int32
	arch   uint32
	ip     uint64
	args   [6]uint64
}

type answer struct {
	id    uint64
	value int64
	error int32
	flags uint32
}

// Watch answers for one handler and all it starts.
type Watch struct {
	Record *Record

	listener int
	hidden   string // a directory of ours: what lies below it is not the handler's to ask for
	started  bool   // the handler's own program has been executed
	over     chan struct{}
}

// Start begins to answer. Until the first execve the caller is our own second stage, which is not recorded.
// The listener belongs to the watch: when it is closed, every call it would be told of fails with ENOSYS, so a watch
// that died can neither hang a handler nor let it go on unseen.
func Start(listener int, hidden string) *Watch {
	w := &Watch{Record: NewRecord(), listener: listener, hidden: hidden, over: make(chan struct{})}
	// Since Linux 6.6: the caller's CPU goes on with us, which halves the cost of a call. Others refuse it harmlessly.
	unix.Syscall(unix.SYS_IOCTL, uintptr(listener), unix.SECCOMP_IOCTL_NOTIF_SET_FLAGS, unix.SECCOMP_USER_NOTIF_FD_SYNC_WAKE_UP)
	go w.answerAll()
	return w
}

// Finish returns once everybody who was watched is gone, or after the time given.
func (w *Watch) Finish(within time.Duration) {
	select {
	case <-w.over:
	case <-time.After(within):
	}
}

func (w *Watch) answerAll() {
	runtime.LockOSThread()
	defer close(w.over)
	defer unix.Close(w.listener)
	for {
		var n notification
		switch err := w.receive(&n); {
		case errors.Is(err, unix.ENOENT), errors.Is(err, unix.EINTR):
			continue // the caller died before we heard of it, or a signal of the Go runtime came
		case err != nil:
			return // nobody is left
		}
		w.look(n)
		w.goOn(n.id)
	}
}

var errNobody = errors.New("nobody is left to be watched")

func (w *Watch) receive(n *notification) error {
	wait := []unix.PollFd{{Fd: int32(w.listener), Events: unix.POLLIN}}
	if _, err := unix.Poll(wait, -1); err != nil {
		return err
	}
	if wait[0].Revents&unix.POLLIN == 0 {
		return errNobody // POLLHUP, since Linux 5.9; before, the process ends with this thread still waiting
	}
	return w.control(unix.SECCOMP_IOCTL_NOTIF_RECV, unsafe.Pointer(n))
}

func (w *Watch) goOn(id uint64) {
	reply := answer{id: id, flags: unix.SECCOMP_USER_NOTIF_FLAG_CONTINUE}
	w.control(unix.SECCOMP_IOCTL_NOTIF_SEND, unsafe.Pointer(&reply)) // fails if the caller is gone, which is well
}

// valid tells whether the caller still waits: only then is the number in the notification still its own.
func (w *Watch) valid(id uint64) bool {
	return w.control(unix.SECCOMP_IOCTL_NOTIF_ID_VALID, unsafe.Pointer(&id)) == nil
}

func (w *Watch) control(request uintptr, argument unsafe.Pointer) error {
	if _, _, errno := unix.Syscall(unix.SYS_IOCTL, uintptr(w.listener), request, uintptr(argument)); errno != 0 {
		return errno
	}
	return nil
}

// look records one call.
func (w *Watch) look(n notification) {
	c, known := calls[uint32(n.number)]
	if !known {
		return
	}
	if !w.started {
		if c.does != executes {
			return
		}
		w.started = true
	}
	seen := &sighting{watch: w, caller: caller{int(n.pid)}, id: n.id}
	if seen.of(c, n.args) != nil {
		w.Record.failed()
	}
}

// sighting is one call while it waits. Nothing is put into the record before the kernel has said that the caller whose
// memory was read is still the one that asked.
type sighting struct {
	watch  *Watch
	caller caller
	id     uint64
}

func (s *sighting) of(c call, args [6]uint64) error {
	switch c.does {
	case connects:
		return s.connect(args[0], args[c.at[0].path], args[c.flags])
	case sends:
		address, size, err := s.caller.message(args[c.at[0].path])
		if err != nil || address == 0 {
			return err
		}
		return s.connect(args[0], address, size)
	}
	for _, at := range c.at {
		name, err := s.name(at, args)
		if err != nil {
			return err
		}
		if !s.watch.valid(s.id) {
			return nil
		}
		switch c.does {
		case opens:
			s.open(name, args[c.flags])
		case opensHow:
			flags, err := s.caller.how(args[c.flags])
			if err != nil {
				return err
			}
			s.open(name, flags)
		case creates:
			s.open(name, unix.O_CREAT|unix.O_WRONLY|unix.O_TRUNC)
		case executes:
			s.execute(name)
		case changes:
			s.change(name)
		case rewrites:
			s.open(name, unix.O_WRONLY)
		}
	}
	return nil
}

func (s *sighting) name(at place, args [6]uint64) (string, error) {
	if at.dir == atCwd {
		return s.caller.path(0, false, args[at.path])
	}
	return s.caller.path(args[at.dir], true, args[at.path])
}

func (s *sighting) connect(socket, address, size uint64) error {
	to, err := s.caller.address(socket, address, size)
	if err == nil && to != "" && s.watch.valid(s.id) {
		s.put(s.watch.Record.connect, to)
	}
	return err
}

// open records what opening would need. A file that is not there needs nothing, unless it would be made: programs look
// for many files that nobody has.
func (s *sighting) open(name string, flags uint64) {
	if flags&unix.O_PATH != 0 {
		return // no access to what is in it
	}
	reads := flags&unix.O_ACCMODE != unix.O_WRONLY
	writes := flags&unix.O_ACCMODE != unix.O_RDONLY || flags&unix.O_TRUNC != 0
	found, err := follow(name, flags&unix.O_NOFOLLOW)
	switch {
	case err == nil && found.is(unix.S_IFLNK):
		return // was not to be followed, and so does not open
	case err == nil && found.is(unix.S_IFDIR):
		if flags&unix.O_TMPFILE == unix.O_TMPFILE {
			s.put(s.watch.Record.write, directory(found.path))
		} else {
			s.put(s.watch.Record.read, directory(found.path))
		}
	case err == nil:
		if reads {
			s.put(s.watch.Record.read, found.path)
		}
		if writes {
			s.put(s.watch.Record.write, found.path)
		}
	case errors.Is(err, unix.ENOENT) && flags&unix.O_CREAT != 0 && flags&unix.O_EXCL != 0:
		s.change(name) // a name nobody can foresee: the directory is what is needed
	case errors.Is(err, unix.ENOENT) && flags&unix.O_CREAT != 0:
		if made, err := entry(name); err == nil {
			s.put(s.watch.Record.write, made)
			if reads {
				s.put(s.watch.Record.read, made)
			}
		}
	}
}

// change records the directory whose entries change: rights to make and remove names belong to it.
func (s *sighting) change(name string) {
	if changed, err := entry(name); err == nil {
		s.put(s.watch.Record.write, directory(path.Dir(changed)))
	}
}

// directory is how one is written: with a slash at its end.
func directory(name string) string { return strings.TrimSuffix(name, "/") + "/" }

// execute records a program and what the kernel opens to run it.
func (s *sighting) execute(name string) {
	for range deepest {
		program, err := follow(name, 0)
		if err != nil || !program.is(unix.S_IFREG) || program.mode&0o111 == 0 {
			return // a shell tries every folder of PATH
		}
		known := s.watch.Record.has(s.watch.Record.execute, program.path)
		s.put(s.watch.Record.execute, program.path)
		if known {
			return
		}
		if name = interpreter(program.path); !strings.HasPrefix(name, "/") {
			return
		}
	}
}

func (s *sighting) put(into set, value string) {
	hidden := s.watch.hidden
	if value == hidden || strings.HasPrefix(value, hidden+"/") {
		return
	}
	s.watch.Record.put(into, value)
}
