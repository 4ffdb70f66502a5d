package sandbox

import (
	"fmt"
	"os"
	"path/filepath"

	"github.com/landlock-lsm/go-landlock/landlock"
	ll "github.com/landlock-lsm/go-landlock/landlock/syscall"
)

// Ours is the directory the domain leaves out; Program is the one file of it a handler may use.
const (
	Ours    = "/.corral"
	Program = "/.corral/bin/corral"
	Work    = "/work"
	Input   = "/work/input.json"
	Files   = "/files" // a mount of its own, so that being a top-level entry makes it read-only
)

var (
	devices  = []string{"/dev/null", "/dev/zero", "/dev/full", "/dev/random", "/dev/urandom"}
	readOnly = landlock.AccessFSSet(ll.AccessFSReadFile | ll.AccessFSReadDir)
)

// restrict puts the calling process into its Landlock domain and returns the ABI it was built for, 0 without Landlock.
// TCP is not handled: what a run may reach is decided by the pod's network policy, which knows addresses and not only ports.
func restrict() (abi int, err error) {
	abi, err = ll.LandlockGetABIVersion()
	if err != nil || abi < 1 {
		return 0, nil // an old kernel, or gVisor: the evidence says 0 and the gateway decides whether that is enough
	}
	rules, err := fileRules(abi)
	if err != nil {
		return 0, err
	}
	domain := landlock.MustConfig(landlock.V7.HandledAccessFS, landlock.V7.Scoped).BestEffort()
	if err := domain.Restrict(rules...); err != nil {
		return 0, fmt.Errorf("landlock: %w", err)
	}
	return abi, nil
}

// fileRules: everything in the image may be read and executed, /work and /dev/shm written, and nothing below /.corral seen.
func fileRules(abi int) ([]landlock.Rule, error) {
	entries, err := os.ReadDir("/")
	if err != nil {
		return nil, err
	}
	var rules []landlock.Rule
	for _, entry := range entries {
		path := filepath.Join("/", entry.Name())
		switch {
		case path == Ours, path == "/dev", path == "/proc", path == Work:
			continue
		case entry.IsDir():
			rules = append(rules, landlock.RODirs(path).IgnoreIfMissing())
		case entry.Type().IsRegular():
			rules = append(rules, landlock.ROFiles(path).IgnoreIfMissing())
		}
		// A symbolic link gets no rule: a rule follows it, so "/x -> /.corral" in an image would open our directory,
		// and what it honestly points to (/bin -> /usr/bin) has a rule of its own.
	}
	work := landlock.RWDirs(Work)
	if abi >= 2 {
		work = work.WithRefer() // asking for it on ABI 1 would make "best effort" drop the whole domain
	}
	return append(rules,
		work,
		landlock.RWDirs("/dev/shm").IgnoreIfMissing(),
		landlock.RWFiles(devices...).IgnoreIfMissing(),
		landlock.PathAccess(readOnly, "/proc"),
		landlock.ROFiles(Program).IgnoreIfMissing(),
	), nil
}

// proveHidden opens what must not open. A domain that was accepted but does not hold is worse than none.
func proveHidden() error {
	file, err := os.Open(Ours)
	if err != nil {
		return nil
	}
	file.Close()
	return fmt.Errorf("landlock is in force but %s still opens", Ours)
}
