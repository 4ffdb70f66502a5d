package main

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"syscall"

	"golang.org/x/sys/unix"
)

var (
	secretPaths = []string{
		"/.corral", "/.corral/token", "/.corral/token/token", "/.corral/termination-log", "/.corral/bin/corral",
		"/proc/1/environ", "/proc/1/mem", "/proc/1/root", "/proc/1/root/.corral/token/token", "/proc/1/fd",
		"/proc/self/root/.corral/token/token", "/var/run/secrets",
	}
	places = []string{"/", "/etc", "/usr", "/work", "/tmp", "/dev/shm", "/secrets", "/.corral", "/sys"}
)

func facts() map[string]any {
	groups, _ := os.Getgroups()
	cwd, _ := os.Getwd()
	input, _ := io.ReadAll(io.LimitReader(os.Stdin, 64<<10))
	status := readFields("/proc/self/status")
	uidMap, _ := os.ReadFile("/proc/self/uid_map")
	return map[string]any{
		"uid": os.Getuid(), "gid": os.Getgid(), "groups": groups,
		"capEff": status["CapEff"], "capBnd": status["CapBnd"], "noNewPrivs": status["NoNewPrivs"], "seccomp": status["Seccomp"],
		"seccompFilters": status["Seccomp_filters"],
		"uidMap":         strings.Join(strings.Fields(string(uidMap)), " "),
		"rootMount":      rootMount(),
		"env":            os.Environ(), "args": os.Args, "cwd": cwd, "stdin": string(input),
		"readable": readable(), "writable": writable(),
		"limits": limits(), "fds": openFDs(), "pid": os.Getpid(), "ppid": os.Getppid(), "sid": sessionID(),
	}
}

func readFields(path string) map[string]string {
	text, _ := os.ReadFile(path)
	found := map[string]string{}
	for line := range strings.Lines(string(text)) {
		if name, value, ok := strings.Cut(line, ":"); ok {
			found[name] = strings.TrimSpace(value)
		}
	}
	return found
}

// rootMount is the options column of / in mountinfo.
func rootMount() string {
	text, _ := os.ReadFile("/proc/self/mountinfo")
	options := ""
	for line := range strings.Lines(string(text)) {
		if f := strings.Fields(line); len(f) > 5 && f[4] == "/" {
			options = f[5]
		}
	}
	return options
}

// readable lists what opens and gives at least one byte or one name.
func readable() []string {
	found := []string{}
	for _, path := range secretPaths {
		file, err := os.Open(path)
		if err != nil {
			continue
		}
		info, err := file.Stat()
		if err == nil && info.IsDir() {
			_, err = file.Readdirnames(1)
		} else if err == nil && path != "/proc/1/mem" { // offset 0 of a memory is never mapped: opening it is what counts
			_, err = file.Read(make([]byte, 1))
		}
		file.Close()
		if err == nil || errors.Is(err, io.EOF) {
			found = append(found, path)
		}
	}
	return found
}

func writable() []string {
	found := []string{}
	for _, dir := range places {
		path := filepath.Join(dir, ".probe")
		file, err := os.OpenFile(path, os.O_CREATE|os.O_WRONLY, 0o600)
		if err != nil {
			continue
		}
		file.Close()
		os.Remove(path)
		found = append(found, dir)
	}
	return found
}

func limits() map[string]uint64 {
	values := map[string]uint64{}
	for name, resource := range map[string]int{
		"nproc": unix.RLIMIT_NPROC, "nofile": unix.RLIMIT_NOFILE, "core": unix.RLIMIT_CORE, "fsize": unix.RLIMIT_FSIZE,
	} {
		var limit syscall.Rlimit
		if syscall.Getrlimit(resource, &limit) == nil {
			values[name] = limit.Max
		}
	}
	return values
}

// openFDs lists what was open before this program opened anything itself (Go's own poller is closed-on-exec by nature
// of having been made after execve, so only non-runtime descriptors count).
func openFDs() []string {
	found := []string{}
	entries, _ := os.ReadDir("/proc/self/fd")
	for _, entry := range entries {
		target, err := os.Readlink("/proc/self/fd/" + entry.Name())
		if err == nil && !strings.HasPrefix(target, "anon_inode:") && !strings.HasPrefix(target, "/proc/") {
			found = append(found, entry.Name()+" "+target)
		}
	}
	return found
}

func sessionID() int {
	sid, _ := unix.Getsid(0)
	return sid
}
