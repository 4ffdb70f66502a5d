package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// line is one measure of the sandbox and how to take it out of the source.
type line struct {
	file, name string
	from, to   string
	// second: why nothing inside a pod can miss it where everything else holds. Such a line is listed, not tried.
	second string
}

// What the kernel refuses to everybody without capabilities before it looks at an argument: no answer can tell the filter's
// refusal from the kernel's.
var kernelRefuses = map[string]bool{"PIVOT_ROOT": true, "MOVE_MOUNT": true, "FSOPEN": true, "FSMOUNT": true, "FSPICK": true}

var sandboxLines = []line{
	{"supervisor.go", "PID 1 is not dumpable", "unix.PR_SET_DUMPABLE, 0,", "unix.PR_SET_DUMPABLE, 1,", ""},
	{"supervisor.go", "PID 1 catches every signal", "", "", "a namespace's PID 1 ignores what it does not catch, and Landlock scopes signals (ABI 6)"},
	{"main.go", "no link of the image is one of our places", "err := sandbox.ProvePlaces(); err != nil", "err := error(nil); err != nil", ""},
	{"sandbox/stage.go", "no_new_privs", "", "", "the pod's allowPrivilegeEscalation: false has set it before"},
	{"sandbox/stage.go", "RLIMIT_CORE", "setLimit(unix.RLIMIT_CORE, noCore)", "error(nil)", ""},
	{"sandbox/stage.go", "RLIMIT_NOFILE", "setLimit(unix.RLIMIT_NOFILE, openFiles)", "error(nil)", ""},
	{"sandbox/stage.go", "RLIMIT_FSIZE", "setLimit(unix.RLIMIT_FSIZE, o.FileBytes)", "error(nil)", ""},
	{"sandbox/stage.go", "RLIMIT_NPROC", "setLimit(unix.RLIMIT_NPROC, o.Processes)", "error(nil)", ""},
	{"sandbox/stage.go", "the filter", "err := installFilter(commands); err != nil", "err := error(nil); err != nil", ""},
	{"sandbox/stage.go", "what must be hidden is tried", "", "", "looks after Landlock, which is tried from inside"},
	{"sandbox/stage.go", "descriptors closed at execve", "", "", "Go opens everything close-on-exec; this is for what a runtime may leak (CVE-2024-21626)"},
	{"sandbox/fork.go", "a session of its own", "Setsid: true", "Setsid: false", ""},
	{"sandbox/landlock.go", "Landlock", "landlock.MustConfig(handled...).BestEffort().Restrict(append(d.rules, ports...)...); err != nil", "error(nil); err != nil && len(handled) == 0", ""},
	{"sandbox/expand.go", "our directory is left out", "string{Ours, ", "string{", ""},
	{"sandbox/landlock.go", "signals are scoped", ", landlock.V7.Scoped}", "}", ""},
	{"sandbox/filter.go", "prlimit on oneself only", "onlyWhen(is(0, 0), unlessZero(2), keepCore(1))", "onlyWhen(unlessZero(2), keepCore(1))", ""},
	{"sandbox/filter.go", "prlimit keeps the core limit", "onlyWhen(is(0, 0), unlessZero(2), keepCore(1))", "onlyWhen(is(0, 0))", ""},
	{"sandbox/filter.go", "prlimit tells the core limit", "unlessZero(2), ", "", ""},
	{"sandbox/filter.go", "setrlimit keeps the core limit", "rule{unix.SYS_SETRLIMIT, onlyWhen(keepCore(0))},", "", ""},
	{"sandbox/filter.go", "sched_setscheduler on oneself only", "unix.SYS_SCHED_SETSCHEDULER, ", "", ""},
	{"sandbox/filter.go", "sched_setparam on oneself only", "unix.SYS_SCHED_SETPARAM, ", "", ""},
	{"sandbox/filter.go", "sched_setattr on oneself only", "unix.SYS_SCHED_SETATTR, ", "", ""},
	{"sandbox/filter.go", "sched_setaffinity on oneself only", ", unix.SYS_SCHED_SETAFFINITY,", ",", ""},
	{"sandbox/filter.go", "setpriority on oneself only", "rule{unix.SYS_SETPRIORITY, onlyWhen(is(0, unix.PRIO_PROCESS), is(1, 0))},", "", ""},
	{"sandbox/filter.go", "ioprio_set on oneself only", "rule{unix.SYS_IOPRIO_SET, onlyWhen(is(0, 1), is(1, 0))},", "", ""},
	{"sandbox/filter.go", "clone without namespaces", "rule{unix.SYS_CLONE, unlessBits(0, newNamespaces, eperm)},", "", ""},
	{"sandbox/filter.go", "clone3 is not there", "rule{unix.SYS_CLONE3, []unix.SockFilter{ret(enosys)}},", "", ""},
	{"sandbox/filter.go", "socket", "rule{unix.SYS_SOCKET, sockets()},", "", ""},
	{"sandbox/filter.go", "socket: families", "ret(noFamily))", "ret(allow))", ""},
	{"sandbox/filter.go", "socket: types", "oneOf(masked(1, typeOfSocket), eperm, unix.SOCK_STREAM, unix.SOCK_DGRAM),", "", ""},
	{"sandbox/filter.go", "socket: protocols", "oneOf(low(2), noProtocol, 0, unix.IPPROTO_TCP, unix.IPPROTO_UDP),", "", ""},
	{"sandbox/filter.go", "socket: IPv6", "{unix.AF_INET6, internet},", "{unix.AF_INET6, onlyWhen()},", ""},
	{"sandbox/filter.go", "socket: netlink", "onlyWhen(oneOf(low(2), noProtocol, unix.NETLINK_ROUTE))", "onlyWhen()", ""},
	{"sandbox/filter.go", "socketpair", "rule{unix.SYS_SOCKETPAIR, sockets()},", "", ""},
	{"sandbox/filter.go", "sendto without Fast Open", "rule{unix.SYS_SENDTO, unlessBits(3, unix.MSG_FASTOPEN, noFastOpen)},", "", ""},
	{"sandbox/filter.go", "sendmsg without Fast Open", "rule{unix.SYS_SENDMSG, unlessBits(2, unix.MSG_FASTOPEN, noFastOpen)},", "", ""},
	{"sandbox/filter.go", "sendmmsg without Fast Open", "rule{unix.SYS_SENDMMSG, unlessBits(3, unix.MSG_FASTOPEN, noFastOpen)},", "", ""},
	{"sandbox/ports.go", "ways past Landlock are tried", "", "", "looks after the filter, which is tried from inside"},
	{"sandbox/filter.go", "foreign ABIs are not there", "", "", "a 64-bit program can make such calls only where the kernel has x32 or 32-bit emulation"},
}

// TestEveryLineOfTheSandboxIsMissed takes each measure out of the source, one at a time, and demands that a test inside
// the jail fails. It prints who survives: nobody may.
func TestEveryLineOfTheSandboxIsMissed(t *testing.T) {
	if os.Getenv("CORRAL_FULL") == "" {
		t.Skip("runs with -Pfull: one build and one jail per line of the sandbox")
	}
	filter, err := os.ReadFile("sandbox/filter.go")
	if err != nil {
		t.Fatal(err)
	}
	all := sandboxLines
	refused := filter[:bytes.Index(filter, []byte("all = append(all, rule{number, []unix.SockFilter{ret(eperm)}})"))]
	for _, found := range regexp.MustCompile(`unix\.SYS_([A-Z0-9_]+), ?|(sysOpenTreeAttr), `).FindAllStringSubmatch(string(refused), -1) {
		l := line{"sandbox/filter.go", "refused: " + found[1] + found[2], found[0], "", ""}
		if found[1] == "MEMFD_CREATE" || found[1] == "EXECVEAT" { // rules of their own, for classes that restrict commands
			l.from = "{unix.SYS_" + found[1] + ", []unix.SockFilter{ret(eperm)}},"
		}
		if kernelRefuses[found[1]] {
			l.second = "the kernel refuses it to everybody without capabilities"
		}
		all = append(all, l)
	}
	var survivors []string
	tried := 0
	only := regexp.MustCompile(os.Getenv("CORRAL_LINES")) // empty: every line
	for _, l := range all {
		if !only.MatchString(l.name) {
			continue
		}
		if l.second != "" {
			fmt.Printf("listed    %-40s %s\n", l.name, l.second)
			continue
		}
		tried++
		if missed(t, l) {
			fmt.Printf("missed    %s\n", l.name)
		} else {
			fmt.Printf("SURVIVES  %s\n", l.name)
			survivors = append(survivors, l.name)
		}
	}
	fmt.Printf("%d lines of the sandbox, %d tried; survivors: %s\n", len(all), tried, strings.Join(append(survivors, "none")[:max(1, len(survivors))], ", "))
	if len(survivors) > 0 {
		t.Errorf("nothing inside a pod misses %v", survivors)
	}
}

// missed builds everything without that line and runs what looks from inside. Only a test that failed counts: a program
// that does not build proves nothing.
func missed(t *testing.T, l line) bool {
	t.Helper()
	source, err := os.ReadFile(l.file)
	if err != nil {
		t.Fatal(err)
	}
	if strings.Count(string(source), l.from) == 0 {
		t.Fatalf("%s: %q is not in %s any more; say how to take the line out now", l.name, l.from, l.file)
	}
	dir := t.TempDir()
	without := filepath.Join(dir, "without.go")
	if err := os.WriteFile(without, []byte(strings.Replace(string(source), l.from, l.to, 1)), 0o644); err != nil {
		t.Fatal(err)
	}
	here, _ := os.Getwd()
	overlay, _ := json.Marshal(map[string]any{"Replace": map[string]string{filepath.Join(here, l.file): without}})
	list := filepath.Join(dir, "overlay.json")
	if err := os.WriteFile(list, overlay, 0o644); err != nil {
		t.Fatal(err)
	}
	run := exec.Command("go", "test", "-vet=off", "-count=1", "-failfast", "-run", "^(TestAHandler|TestAForkBomb|TestTheSecondStage|TestOnlyListedPrograms)", ".")
	run.Env = append(os.Environ(), "CORRAL_FULL=", "GOFLAGS=-overlay="+list)
	output, err := run.CombinedOutput()
	if err == nil {
		return false
	}
	if !strings.Contains(string(output), "--- FAIL") {
		t.Errorf("%s: no test failed, and none passed:\n%s", l.name, output)
		return false
	}
	return true
}
