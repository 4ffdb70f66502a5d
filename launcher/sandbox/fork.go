// Package sandbox locks the handler in. The supervisor's side of it forks the second stage and hands it its orders;
// the second stage's side (stage.go) sets rlimits, no_new_privs, a Landlock domain and a seccomp filter, and executes.
package sandbox

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"syscall"

	"golang.org/x/sys/unix"

	"dev.corral/launcher/learn"
	"dev.corral/launcher/protocol"
	"dev.corral/launcher/supervise"
)

// Stage is a second stage that has locked itself in and waits for orders.
type Stage struct {
	ABI   int              // of its Landlock domain, 0 without one
	Child *supervise.Child // becomes the handler

	Files, Commands, Proxy *protocol.Restriction // what the domain makes of the settings; nil where they say nothing

	Stdout, Stderr *os.File // the read ends; the handler has the only write ends

	Watch *learn.Watch // in mode Learn, else nil

	orders *os.File
	status *json.Decoder
}

// NotStarted: the handler's program could not be executed. That is the plugin's fault, not ours.
type NotStarted struct {
	Problem string
	Missing bool
}

func (n *NotStarted) Error() string { return n.Problem }

// Fork starts the second stage and returns when it has locked itself in. A stage that learns is watched from here on.
func Fork(reaper *supervise.Reaper, settings Settings) (*Stage, error) {
	null, err := os.Open(os.DevNull)
	if err != nil {
		return nil, err
	}
	defer null.Close()
	pipes, err := newPipes(4)
	if err != nil {
		return nil, err
	}
	stdout, stderr, orders, status := pipes[0], pipes[1], pipes[2], pipes[3]
	child := []*os.File{null, stdout.w, stderr.w, orders.r, status.w}
	args := []string{"corral", "stage2"}
	var listening *os.File
	if settings.Learn {
		ours, theirs, err := newSocketPair()
		if err != nil {
			return nil, err
		}
		listening = ours
		defer listening.Close()
		child = append(child, theirs)
	}
	fds := make([]uintptr, len(child))
	for i, file := range child {
		fds[i] = rawFD(file)
	}
	process, err := reaper.Start("/proc/self/exe", args, &syscall.ProcAttr{
		Env:   []string{},
		Files: fds,
		Sys:   &syscall.SysProcAttr{Setsid: true},
	})
	for _, file := range child[1:] {
		file.Close()
	}
	if err != nil {
		return nil, fmt.Errorf("fork the second stage: %w", err)
	}
	stage := &Stage{Child: process, Stdout: stdout.r, Stderr: stderr.r, orders: orders.w, status: json.NewDecoder(status.r)}
	// The stage reads before it writes, and settings of 64 KiB fill no more than the pipe.
	if err := json.NewEncoder(stage.orders).Encode(settings); err != nil {
		return nil, fmt.Errorf("settings to the second stage: %w", err)
	}
	var a armed
	if err := stage.status.Decode(&a); err != nil {
		return nil, fmt.Errorf("the second stage died: %w", err)
	}
	if a.Problem != "" {
		return nil, errors.New(a.Problem)
	}
	stage.ABI, stage.Files, stage.Commands, stage.Proxy = a.ABI, a.Files, a.Commands, a.Proxy
	if settings.Learn {
		listener, err := receiveFD(listening)
		if err != nil {
			return nil, fmt.Errorf("the second stage's listener: %w", err)
		}
		stage.Watch = learn.Start(listener, Ours)
	}
	return stage, nil
}

// Execute hands over the orders and returns when the handler's program runs, or with *NotStarted.
func (s *Stage) Execute(command, env []string, processes, fileBytes, cpuMillis int64) error {
	err := json.NewEncoder(s.orders).Encode(order{command, env, uint64(processes), uint64(fileBytes), uint64(cpuMillis)})
	if err != nil {
		return fmt.Errorf("orders to the second stage: %w", err)
	}
	var last armed
	// The pipe is closed by a successful execve and by nothing else we would not hear about.
	switch err := s.status.Decode(&last); {
	case errors.Is(err, io.EOF):
		return nil
	case err != nil:
		return fmt.Errorf("status of the second stage: %w", err)
	}
	return &NotStarted{Problem: last.Problem, Missing: last.Missing}
}

// rawFD does not switch the file to blocking mode the way Fd() does; the read ends stay with the poller.
func rawFD(file *os.File) uintptr {
	var fd uintptr
	if conn, err := file.SyscallConn(); err == nil {
		conn.Control(func(n uintptr) { fd = n })
	}
	return fd
}

type pipe struct{ r, w *os.File }

// newPipes makes pipes whose ends given to the child block, as any program expects of its standard output.
func newPipes(count int) ([]pipe, error) {
	var pipes []pipe
	for range count {
		r, w, err := os.Pipe()
		if err != nil {
			return nil, err
		}
		pipes = append(pipes, pipe{r, w})
		unix.SetNonblock(int(rawFD(w)), false)
	}
	return pipes, nil
}
