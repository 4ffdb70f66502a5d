package main

import (
	"bytes"
	"context"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

func ignoreUserSignal() { signal.Ignore(unix.SIGUSR2) }

// forkBomb: every child forks too, and goes on trying when the system refuses, so that whoever dies is replaced at once.
// The author stops at its own first refusal and leaves the rest running.
func forkBomb() map[string]any {
	const enough = 100_000
	for started := range enough {
		pid, _, e := unix.RawSyscall6(unix.SYS_CLONE, uintptr(unix.SIGCHLD), 0, 0, 0, 0, 0)
		switch {
		case e != 0:
			return map[string]any{"started": started, "stopped": unix.ErrnoName(e)}
		case pid == 0:
			forkForEver()
		}
	}
	return map[string]any{"started": enough, "stopped": ""}
}

// forkForEver runs in a process that has one thread and no working Go runtime: system calls only.
//
//go:nosplit
func forkForEver() {
	for {
		unix.RawSyscall6(unix.SYS_CLONE, uintptr(unix.SIGCHLD), 0, 0, 0, 0, 0)
		unix.RawSyscall6(unix.SYS_SCHED_YIELD, 0, 0, 0, 0, 0, 0)
	}
}

// memory touches every page, so that it counts. With --hold it keeps them until somebody ends it.
func memory(args []string) map[string]any {
	mib := number(args, 0)
	var held [][]byte
	for range mib {
		block := make([]byte, 1<<20)
		for i := 0; i < len(block); i += 4096 {
			block[i] = 1
		}
		held = append(held, block)
	}
	hold(args)
	return map[string]any{"mib": len(held)}
}

// disk writes files of one MiB each, below any limit on a single file; with --hold it then waits for its end, and with
// --one it writes a single file.
func disk(args []string) map[string]any {
	mib := number(args, 0)
	name := func(i int) string { return fmt.Sprint("/work/tmp/block", i) }
	if len(args) > 1 && args[1] == "--one" {
		name = func(int) string { return "/work/tmp/block" }
	}
	block := bytes.Repeat([]byte{1}, 1<<20)
	for i := range mib {
		if err := appendTo(name(i), block); err != nil {
			return map[string]any{"mib": i, "stopped": err.Error()}
		}
	}
	hold(args)
	return map[string]any{"mib": mib}
}

func appendTo(path string, block []byte) error {
	file, err := os.OpenFile(path, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	defer file.Close()
	_, err = file.Write(block)
	return err
}

func hold(args []string) {
	for _, arg := range args {
		if arg == "--hold" {
			time.Sleep(time.Hour)
		}
	}
}

// burn SECONDS PROCESSES uses the processor with that many processes for that long, its own among them.
func burn(seconds, processes int) map[string]any {
	for range processes - 1 {
		if err := exec.Command("/proc/self/exe", "burn", fmt.Sprint(seconds), "1").Start(); err != nil {
			fatal(err.Error())
		}
	}
	fmt.Println("burning")
	for end := time.Now().Add(time.Duration(seconds) * time.Second); time.Now().Before(end); {
	}
	return map[string]any{"seconds": seconds}
}

// files makes that many names, as fast as it can, and goes on when the system refuses one.
func files(count int) map[string]any {
	refused := ""
	made := 0
	for i := range count {
		if err := another(i); err != nil {
			refused = err.Error()
			continue
		}
		made++
	}
	return map[string]any{"made": made, "refused": refused}
}

// hideNames makes that many names in directories it closes to itself when they are full, and waits for its end.
func hideNames(count int) {
	for i := range count {
		err := another(i)
		if err == nil && i%1000 == 999 {
			err = os.Chmod(fmt.Sprint("/work/tmp/", i/1000), 0)
		}
		if err != nil {
			fatal(err.Error())
		}
	}
	time.Sleep(time.Hour)
}

// another makes one more name, a thousand in each directory. They are names of a few empty files: making files is slow for a while
// where many have just been removed (ext4).
func another(i int) error {
	dir := fmt.Sprint("/work/tmp/", i/1000)
	file := dir + "/file"
	if i%1000 > 0 {
		return os.Link(file, fmt.Sprint(dir, "/", i))
	}
	if err := os.Mkdir(dir, 0o700); err != nil {
		return err
	}
	return os.WriteFile(file, nil, 0o600)
}

// hideBytes writes that many files of one MiB in a directory that it closed to itself before, and waits for its end.
func hideBytes(mib int) {
	const dir = "/work/tmp/closed"
	try := func(err error) {
		if err != nil {
			fatal(err.Error())
		}
	}
	try(os.Mkdir(dir, 0o700))
	var open []*os.File
	for i := range mib {
		file, err := os.Create(fmt.Sprint(dir, "/", i))
		try(err)
		open = append(open, file)
	}
	try(os.Chmod(dir, 0))
	for _, file := range open {
		_, err := file.Write(bytes.Repeat([]byte{1}, 1<<20))
		try(err)
	}
	time.Sleep(time.Hour)
}

// descriptors opens files until it is refused.
func descriptors() map[string]any {
	var opened []int
	for {
		fd, err := unix.Open("/dev/null", unix.O_RDONLY, 0)
		if err == nil {
			opened = append(opened, fd)
			continue
		}
		for _, fd := range opened { // the answer needs one
			unix.Close(fd)
		}
		return map[string]any{"opened": len(opened), "refused": unix.ErrnoName(err.(unix.Errno))}
	}
}

// sleep SECONDS [--stubborn] [--daemon]: stubborn ignores TERM, daemon leaves a grandchild in a session of its own that
// writes into the output directory for as long as it lives.
func sleep(args []string) {
	seconds := number(args, 0)
	for _, arg := range args[1:] {
		switch arg {
		case "--stubborn":
			signal.Ignore(unix.SIGTERM, unix.SIGINT, unix.SIGHUP)
		case "--daemon":
			command := exec.Command("/proc/self/exe", "sleep", "3600", "--stubborn", "--fork")
			command.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
			if err := command.Start(); err != nil {
				fatal(err.Error())
			}
			command.Wait() // the middle one leaves at once; the survivor is an orphan now
		case "--fork":
			command := exec.Command("/proc/self/exe", "sleep", "3600", "--stubborn")
			command.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
			if err := command.Start(); err != nil {
				fatal(err.Error())
			}
			os.WriteFile("/work/out/survivor", fmt.Append(nil, command.Process.Pid), 0o600)
			os.Exit(0)
		}
	}
	fmt.Println("sleeping")
	time.Sleep(time.Duration(seconds) * time.Second)
}

func emit(count int, topic string) map[string]any {
	socket := os.Getenv("CORRAL_SOCKET")
	client := http.Client{Transport: &http.Transport{
		DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
			return (&net.Dialer{}).DialContext(ctx, "unix", socket)
		},
	}}
	statuses := map[string]int{}
	for i := range count {
		body := fmt.Sprintf(`{"topic":%q,"message":"event %d","key":"k%d","data":{"n":%d}}`, topic, i, i, i)
		response, err := client.Post("http://corral/v1/events", "application/json", strings.NewReader(body))
		if err != nil {
			statuses[err.Error()]++
			continue
		}
		response.Body.Close()
		statuses[fmt.Sprint(response.StatusCode)]++
	}
	return map[string]any{"statuses": statuses}
}

// artifacts [--emit TOPIC] leaves one of each kind in the output directory: a good file, and everything that must not be collected.
func artifacts(args []string) map[string]any {
	out := os.Getenv("CORRAL_OUTPUT")
	problems := []string{}
	try := func(err error) {
		if err != nil {
			problems = append(problems, err.Error())
		}
	}
	path := func(name string) string { return filepath.Join(out, name) }
	try(os.WriteFile(path("regular"), []byte("regular bytes\n"), 0o600))
	try(os.WriteFile(path("empty"), nil, 0o600))
	try(os.Symlink("/etc/passwd", path("symlink")))
	try(unix.Mkfifo(path("fifo"), 0o600))
	try(os.WriteFile(path("original"), []byte("two names\n"), 0o600))
	try(os.Link(path("original"), path("hardlink")))
	try(os.Mkdir(path("directory"), 0o700))
	try(os.Symlink("/.corral", path("linkdir")))
	try(os.WriteFile(path("sparse"), nil, 0o600))
	try(os.Truncate(path("sparse"), 32<<20))
	try(os.WriteFile(path("undeclared"), []byte("nobody asked\n"), 0o600))
	answer := map[string]any{"problems": problems}
	if len(args) == 2 && args[0] == "--emit" {
		// through the program every image has, to prove that a handler may execute it
		if output, err := exec.Command("corral", "emit", args[1], "--message", "left", "--key", "k", `{"n":1}`).CombinedOutput(); err != nil {
			problems = append(problems, string(output)+err.Error())
		}
		answer["problems"] = problems
	}
	return answer
}
