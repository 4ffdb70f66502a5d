package sandbox

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"

	"golang.org/x/sys/unix"
)

// The second stage is our own program once more, forked before the pod is ready. It locks itself in, says so, and waits
// on a pipe. When the assignment comes, one rlimit call and one execve are left on the hot path. It knows nothing worth
// stealing: no token, no session, no address.

const (
	ordersFD = 3
	statusFD = 4
	watchFD  = 5 // in mode Learn: where the listener is handed over

	openFiles = 1024
)

// order is what the supervisor tells the second stage, once.
type order struct {
	Command   []string `json:"command"`
	Env       []string `json:"env"`
	Processes uint64   `json:"processes"`
	FileBytes uint64   `json:"fileBytes"`
	CPUMillis uint64   `json:"cpuMillis"` // 0: unbounded
}

// armed is what the second stage says before readiness. Problem is also the last word when the handler cannot be executed.
type armed struct {
	ABI     int    `json:"abi"`
	Problem string `json:"problem,omitempty"`
	Missing bool   `json:"missing,omitempty"` // the command does not exist, as opposed to "cannot be executed"
}

// Stage2 is the whole life of `corral stage2`. It returns only if no handler was executed.
func Stage2(learns bool) int {
	runtime.LockOSThread() // the thread that restricts itself must be the one that executes
	unix.CloseOnExec(ordersFD)
	unix.CloseOnExec(statusFD)
	status := json.NewEncoder(os.NewFile(statusFD, "status"))

	abi, err := arm()
	if err == nil && learns {
		err = listen()
	}
	if err != nil {
		status.Encode(armed{Problem: err.Error()})
		return 1
	}
	if status.Encode(armed{ABI: abi}) != nil {
		return 1
	}

	var o order
	if err := json.NewDecoder(os.NewFile(ordersFD, "orders")).Decode(&o); err != nil {
		if errors.Is(err, io.EOF) {
			return 0 // never assigned
		}
		status.Encode(armed{Problem: "orders: " + err.Error()})
		return 1
	}
	err = execute(o)
	status.Encode(armed{Problem: err.Error(), Missing: errors.Is(err, unix.ENOENT)})
	return 127
}

func arm() (abi int, err error) {
	if err := unix.Prctl(unix.PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0); err != nil {
		return 0, fmt.Errorf("no_new_privs: %w", err)
	}
	if err := setLimit(unix.RLIMIT_CORE, 0); err != nil {
		return 0, err
	}
	if err := setLimit(unix.RLIMIT_NOFILE, openFiles); err != nil {
		return 0, err
	}
	if abi, err = restrict(); err != nil {
		return 0, err
	}
	if err := installFilter(); err != nil {
		return 0, err
	}
	if abi > 0 {
		return abi, proveHidden()
	}
	return abi, nil
}

func execute(o order) error {
	input, err := unix.Open(Input, unix.O_RDONLY|unix.O_CLOEXEC|unix.O_NOFOLLOW, 0)
	if err != nil {
		return fmt.Errorf("open input: %w", err)
	}
	if err := unix.Dup3(input, 0, 0); err != nil {
		return fmt.Errorf("standard input: %w", err)
	}
	// Whatever the runtime or our parent may have leaked dies at execve; 0, 1 and 2 stay (CVE-2024-21626 was such a leak).
	if err := unix.CloseRange(3, math.MaxInt32, unix.CLOSE_RANGE_CLOEXEC); err != nil && err != unix.ENOSYS {
		return fmt.Errorf("close_range: %w", err)
	}
	if err := os.Chdir(Work); err != nil {
		return err
	}
	path, err := findCommand(o.Command[0], o.Env)
	if err != nil {
		return err
	}
	if err := setLimit(unix.RLIMIT_FSIZE, o.FileBytes); err != nil {
		return err
	}
	if err := setLimit(unix.RLIMIT_NPROC, o.Processes); err != nil {
		return err
	}
	if o.CPUMillis > 0 {
		// The backstop behind the supervisor's clock: seconds, per process, and never before the budget is over.
		if err := setLimit(unix.RLIMIT_CPU, o.CPUMillis/1000+1); err != nil {
			return err
		}
	}
	return &os.PathError{Op: "execute", Path: path, Err: syscall.Exec(path, o.Command, o.Env)}
}

// setLimit lowers soft and hard limit. It goes through package syscall, which otherwise would restore the number of
// open files it found at start when it executes the handler.
func setLimit(resource int, value uint64) error {
	var now syscall.Rlimit
	if err := syscall.Getrlimit(resource, &now); err != nil {
		return fmt.Errorf("getrlimit %d: %w", resource, err)
	}
	value = min(value, now.Max) // we may not raise it, and need not
	if err := syscall.Setrlimit(resource, &syscall.Rlimit{Cur: value, Max: value}); err != nil {
		return fmt.Errorf("setrlimit %d: %w", resource, err)
	}
	return nil
}

// findCommand looks a bare name up in the handler's own PATH; anything with a slash is taken as it is.
func findCommand(name string, env []string) (string, error) {
	if strings.ContainsRune(name, '/') {
		return name, nil
	}
	for _, variable := range env {
		dirs, ok := strings.CutPrefix(variable, "PATH=")
		if !ok {
			continue
		}
		for _, dir := range filepath.SplitList(dirs) {
			if !filepath.IsAbs(dir) {
				continue // "" and "." would run what the handler's own input left in /work
			}
			if path, err := exec.LookPath(filepath.Join(dir, name)); err == nil {
				return path, nil
			}
		}
	}
	return "", &os.PathError{Op: "find", Path: name, Err: unix.ENOENT}
}
