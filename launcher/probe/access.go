package main

import (
	"os"
	"os/exec"
	"strconv"
	"strings"
	"unsafe"

	"golang.org/x/sys/unix"
)

// access tries each of its arguments, as VERB:PATH or VERB:PATH:PATH, in order, and answers "ok" or the error's name.
func access(args []string) map[string]any {
	answers := map[string]string{}
	for _, arg := range args {
		words := strings.Split(arg, ":")
		answers[arg] = try(words[0], words[1:])
	}
	return map[string]any{"answers": answers}
}

func try(verb string, paths []string) string {
	first, second := paths[0], paths[len(paths)-1]
	switch verb {
	case "read":
		file, err := os.Open(first)
		if err == nil {
			_, err = file.Read(make([]byte, 1))
			file.Close()
		}
		return named(err)
	case "list":
		_, err := os.ReadDir(first)
		return named(err)
	case "write": // makes the file where it does not exist
		return named(os.WriteFile(first, []byte("written"), 0o700))
	case "truncate":
		return named(os.Truncate(first, 0))
	case "mkdir":
		return named(os.Mkdir(first, 0o700))
	case "rename":
		return named(os.Rename(first, second))
	case "link":
		return named(os.Link(first, second))
	case "symlink":
		return named(os.Symlink(first, second))
	case "stat":
		_, err := os.Stat(first)
		return named(err)
	case "execute": // PATH, or PATH:ARGUMENT
		command := exec.Command(first, paths[1:]...)
		command.Env = []string{"CORRAL_RESULT="}
		output, err := command.CombinedOutput()
		if err != nil {
			if _, ended := err.(*exec.ExitError); !ended {
				return named(err)
			}
			return "ended " + strings.TrimSpace(err.Error()+" "+string(output))
		}
		return "ok"
	case "copy": // a program, to where it may be written
		bytes, err := os.ReadFile(first)
		if err == nil {
			err = os.WriteFile(second, bytes, 0o700)
		}
		return named(err)
	case "execveat":
		fd, err := unix.Open(first, unix.O_PATH|unix.O_CLOEXEC, 0)
		if err != nil {
			return named(err)
		}
		return executeDescriptor(fd)
	case "memfd":
		fd, err := unix.MemfdCreate("x", 0)
		if err != nil {
			return named(err)
		}
		bytes, err := os.ReadFile(first)
		if err != nil {
			return named(err)
		}
		os.NewFile(uintptr(fd), "x").Write(bytes)
		return try("execute", []string{"/proc/self/fd/" + strconv.Itoa(fd), "exit", "0"})
	}
	return "unknown verb"
}

// executeDescriptor replaces nothing unless the call is allowed, and then the answer never comes: the missing result tells.
func executeDescriptor(fd int) string {
	empty, _ := unix.BytePtrFromString("")
	_, _, e := unix.Syscall6(unix.SYS_EXECVEAT, uintptr(fd), uintptr(unsafe.Pointer(empty)), 0, 0, unix.AT_EMPTY_PATH, 0)
	return unix.ErrnoName(e)
}

// named is the error's short name.
func named(err error) string {
	for err != nil {
		if e, ok := err.(unix.Errno); ok {
			return unix.ErrnoName(e)
		}
		wrapped, ok := err.(interface{ Unwrap() error })
		if !ok {
			return err.Error()
		}
		err = wrapped.Unwrap()
	}
	return "ok"
}
