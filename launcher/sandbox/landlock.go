package sandbox

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/landlock-lsm/go-landlock/landlock"
	ll "github.com/landlock-lsm/go-landlock/landlock/syscall"
	"golang.org/x/sys/unix"
)

// Ours is the directory the domain leaves out; Program is the one file of it a handler may use.
const (
	Ours        = "/.corral"
	Program     = "/.corral/bin/corral"
	Token       = "/.corral/token/token"
	Termination = "/.corral/termination-log"
	Work        = "/work"
	Input       = "/work/input.json"
	Staged      = "/files" // what a run was given as files: read and not written
	Secrets     = "/secrets"
)

// ProvePlaces: a runtime follows the image's links when it mounts. What is meant for a place that is one lies elsewhere, where the domain
// may open it, the token first of all.
func ProvePlaces() error {
	for _, place := range []string{Ours, filepath.Dir(Program), filepath.Dir(Token), Termination, Work, Staged, Secrets} {
		if info, err := os.Lstat(place); err == nil && info.Mode()&fs.ModeSymlink != 0 {
			return fmt.Errorf("the plugin's image has a symbolic link at %s, which is Corral's place: build it without", place)
		}
	}
	return nil
}

// hostsFile holds granted names and their loopback addresses, written by the kubelet. Clients cannot use those without reading it.
const hostsFile = "/etc/hosts"

const makeAndRemove = ll.AccessFSRemoveDir | ll.AccessFSRemoveFile | ll.AccessFSMakeChar | ll.AccessFSMakeDir | ll.AccessFSMakeReg |
	ll.AccessFSMakeSock | ll.AccessFSMakeFifo | ll.AccessFSMakeBlock | ll.AccessFSMakeSym

var (
	devices  = []string{"/dev/null", "/dev/zero", "/dev/full", "/dev/random", "/dev/urandom"}
	readOnly = landlock.AccessFSSet(ll.AccessFSReadFile | ll.AccessFSReadDir)
	readFile = landlock.AccessFSSet(ll.AccessFSReadFile)
	execute  = landlock.AccessFSSet(ll.AccessFSExecute)
	// What RWDirs stands for, without reading and executing.
	change     = landlock.AccessFSSet(ll.AccessFSWriteFile | ll.AccessFSTruncate | makeAndRemove)
	changeFile = landlock.AccessFSSet(ll.AccessFSWriteFile | ll.AccessFSTruncate)
)

// restrict puts the calling process into its Landlock domain and returns the ABI it was built for, 0 without Landlock.
// TCP is handled only where host names are granted: then a handler connects to its proxy and to the ports of granted addresses. Which
// addresses those are is decided by the pod's network policy, which knows more than ports.
func restrict(settings Settings) (armed, error) {
	abi, err := ll.LandlockGetABIVersion()
	if err != nil || abi < 1 {
		abi = 0
	}
	result := armed{ABI: abi}
	var ports []landlock.Rule
	if settings.Proxy != nil {
		if ports, result.Proxy, err = settings.Proxy.confine(abi); err != nil {
			return armed{}, err
		}
	}
	if abi == 0 {
		return result, nil // an old kernel, or gVisor: the evidence says 0 and the gateway decides whether that is enough
	}
	access, err := settings.compile()
	if err != nil {
		return armed{}, err
	}
	d := domain{abi: abi, access: access}
	if err := d.build(); err != nil {
		return armed{}, err
	}
	if settings.Proxy != nil && len(settings.Proxy.Aliases) > 0 && !access.deny.Matches(hostsFile) {
		d.rules = append(d.rules, landlock.ROFiles(hostsFile).IgnoreIfMissing())
	}
	handled := []any{landlock.V7.HandledAccessFS, landlock.V7.Scoped}
	if len(ports) > 0 {
		handled = append(handled, connectTCP)
	}
	if err := landlock.MustConfig(handled...).BestEffort().Restrict(append(d.rules, ports...)...); err != nil {
		return armed{}, fmt.Errorf("landlock: %w", err)
	}
	if access.restrictsFiles() {
		result.Files = d.files.evidence(d.expansion.rules)
	}
	if access.commands {
		result.Commands = d.commands.evidence(d.programs)
	}
	return result, nil
}

// proveHidden opens what must not open. A domain that was accepted but does not hold is worse than none.
func proveHidden() error {
	for _, path := range []string{Ours, Token} {
		if file, err := os.Open(path); err == nil {
			file.Close()
			return fmt.Errorf("landlock is in force but %s still opens", path)
		}
	}
	return nil
}

// proveNoAnonymousPrograms makes a file that has no name, which a filter for commands must refuse.
func proveNoAnonymousPrograms() error {
	fd, err := unix.MemfdCreate("corral", unix.MFD_CLOEXEC)
	if err != nil {
		return nil
	}
	unix.Close(fd)
	return errors.New("the system call filter is in force but memfd_create still works")
}
