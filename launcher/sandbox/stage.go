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

	"dev.corral/launcher/protocol"
)

// The second stage is our own program once more, forked before the pod is ready. It locks itself in, says so, and waits
// on a pipe. When the assignment comes, one rlimit call and one execve are left on the hot path. It knows nothing worth
// stealing: no token, no session, no address.

const (
	ordersFD = 3
	statusFD = 4
	watchFD  = 5 // in mode Learn: where the listener is handed over

	openFiles = 1024

	// noCore is less than any core file has, and the one limit at which the kernel does not start a program that core_pattern pipes dumps
	// to: that one runs as root on the node, and at 0 it does (fs/coredump.c).
	noCore = 1
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
	ABI      int                   `json:"abi"`
	Files    *protocol.Restriction `json:"files,omitempty"`
	Commands *protocol.Restriction `json:"commands,omitempty"`
	Proxy    *protocol.Restriction `json:"proxy,omitempty"`

	Problem string `json:"problem,omitempty"`
	Missing bool   `json:"missing,omitempty"` // the command does not exist, as opposed to "cannot be executed"
}

// Stage2 is the whole life of `corral stage2`. It returns only if no handler was executed.
func Stage2() int {
	runtime.LockOSThread() // the thread that restricts itself must be the one that executes
	unix.CloseOnExec(ordersFD)
	unix.CloseOnExec(statusFD)
	status := json.NewEncoder(os.NewFile(statusFD, "status"))

	orders := json.NewDecoder(os.NewFile(ordersFD, "orders"))
	var settings Settings // first, and at once; the order follows when there is work
	if err := orders.Decode(&settings); err != nil {
		status.Encode(armed{Problem: "settings: " + err.Error()})
		return 1
	}
	result, err := arm(settings)
	if err == nil && settings.Learn {
		err = listen()
	}
	if err != nil {
		status.Encode(armed{Problem: err.Error()})
		return 1
	}
	if status.Encode(result) != nil {
		return 1
	}

	var o order
	if err := orders.Decode(&o); err != nil {
		if errors.Is(err, io.EOF) {
			return 0 // never assigned
		}
		status.Encode(armed{Problem: "orders: " + err.Error()})
		return 1
	}
	err = become(o)
	problem := err.Error()
	switch {
	case !errors.Is(err, unix.EACCES):
	case result.Commands != nil:
		problem += ": it is not among the granted commands, or the loader or interpreter it needs is not"
	case result.Files != nil:
		problem += ": files.read does not list it, or the loader or interpreter it needs"
	}
	status.Encode(armed{Problem: problem, Missing: errors.Is(err, unix.ENOENT)})
	return 127
}

func arm(settings Settings) (armed, error) {
	if err := unix.Prctl(unix.PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0); err != nil {
		return armed{}, fmt.Errorf("no_new_privs: %w", err)
	}
	if err := setLimit(unix.RLIMIT_CORE, noCore); err != nil {
		return armed{}, err
	}
	if err := setLimit(unix.RLIMIT_NOFILE, openFiles); err != nil {
		return armed{}, err
	}
	result, err := restrict(settings)
	if err != nil {
		return armed{}, err
	}
	commands := result.Commands != nil
	if err := installFilter(commands); err != nil {
		return armed{}, err
	}
	if commands {
		if err := proveNoAnonymousPrograms(); err != nil {
			return armed{}, err
		}
	}
	if result.Proxy != nil && result.Proxy.Rules > 0 {
		if err := proveConfined(settings.Proxy); err != nil {
			return armed{}, err
		}
	}
	if result.ABI > 0 {
		return result, proveHidden()
	}
	return result, nil
}

// become the handler; it returns only if that fails.
func become(o order) error {
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
