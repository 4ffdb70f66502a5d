// Package supervise is PID 1's trade: own every wait, signal everybody, kill until nobody is left, watch what a run
// uses, and carry its output. It decides when a run ends and why, and knows nothing of gateways.
package supervise

import (
	"context"
	"errors"
	"os"
	"os/signal"
	"sync"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// Exit is how a process ended.
type Exit struct {
	Code   int // 128+signal when a signal ended it, as in every shell
	Signal int
	At     time.Time
}

// Child is a process we started. Exit may be read once Done is closed.
type Child struct {
	Done chan struct{}
	Exit Exit
}

// Reaper owns all waits of this process: orphans of the handler become our children, and a zombie holds a process id.
type Reaper struct {
	mu       sync.Mutex
	children map[int]*Child
	cpu      time.Duration
	maxRSS   int64
	reaped   chan struct{} // has room for one: "look again"
}

// NewReaper begins to reap.
func NewReaper() *Reaper {
	r := &Reaper{children: map[int]*Child{}, reaped: make(chan struct{}, 1)}
	died := make(chan os.Signal, 1)
	signal.Notify(died, unix.SIGCHLD)
	go func() {
		for range died {
			r.reap()
		}
	}()
	return r
}

// Start forks and executes; the lock keeps a child that dies at once from being reaped before anyone knows its name.
func (r *Reaper) Start(program string, args []string, attr *syscall.ProcAttr) (*Child, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	pid, err := syscall.ForkExec(program, args, attr)
	if err != nil {
		return nil, err
	}
	child := &Child{Done: make(chan struct{})}
	r.children[pid] = child
	return child, nil
}

func (r *Reaper) reap() {
	r.mu.Lock()
	defer r.mu.Unlock()
	for {
		var status unix.WaitStatus
		var usage unix.Rusage
		pid, err := unix.Wait4(-1, &status, unix.WNOHANG, &usage)
		if errors.Is(err, unix.EINTR) {
			continue
		}
		if err != nil || pid <= 0 {
			return
		}
		r.cpu += time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
		r.maxRSS = max(r.maxRSS, usage.Maxrss*1024)
		if child, ours := r.children[pid]; ours {
			child.Exit = exitOf(status)
			close(child.Done)
			delete(r.children, pid)
		}
		select {
		case r.reaped <- struct{}{}:
		default:
		}
	}
}

func exitOf(status unix.WaitStatus) Exit {
	if status.Signaled() {
		return Exit{Code: 128 + int(status.Signal()), Signal: int(status.Signal()), At: time.Now()}
	}
	return Exit{Code: status.ExitStatus(), At: time.Now()}
}

// Usage is what all reaped processes used together; the fallback where no control group can be read.
func (r *Reaper) Usage() (cpu time.Duration, maxRSS int64) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.cpu, r.maxRSS
}

// SignalEveryone reaches every process in the PID namespace but PID 1, in one system call that holds the task list, so
// that nobody forks past it. Outside of a namespace of our own the same call would reach the whole machine.
func SignalEveryone(sig unix.Signal) error {
	if os.Getpid() != 1 {
		return errors.New("not PID 1")
	}
	return unix.Kill(-1, sig)
}

// KillEveryone kills until nobody is left, zombies included, or until the context ends (a process may hang in the kernel).
func (r *Reaper) KillEveryone(ctx context.Context) error {
	for {
		err := SignalEveryone(unix.SIGKILL)
		r.reap()
		switch {
		case errors.Is(err, unix.ESRCH):
			return nil
		case err != nil:
			return err
		}
		select {
		case <-r.reaped:
		case <-time.After(2 * time.Millisecond): // a death may be under way without a signal for us yet
		case <-ctx.Done():
			return errors.New("processes are left that cannot be killed")
		}
	}
}
