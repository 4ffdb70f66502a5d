package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"dev.corral/launcher/gatewaytest"
	"dev.corral/launcher/protocol"
)

// childrenAtReport counts the launcher's children at the moment the report arrives: whoever escaped its parent is one.
func (j *jail) childrenAtReport() *int {
	count := -1
	j.gateway.Fault = func(name string, _ int) gatewaytest.Fault {
		if name == "POST /v1/report" {
			count = childrenOf(j.process.Process.Pid)
		}
		return gatewaytest.None
	}
	return &count
}

func childrenOf(parent int) int {
	count := 0
	stats, _ := filepath.Glob("/proc/[0-9]*/stat")
	for _, path := range stats {
		text, err := os.ReadFile(path)
		if err != nil {
			continue
		}
		afterName := string(text[strings.LastIndexByte(string(text), ')')+1:])
		if fields := strings.Fields(afterName); len(fields) > 1 && fields[1] == fmt.Sprint(parent) {
			count++
		}
	}
	return count
}

func TestATimeoutAsksAndThenKills(t *testing.T) {
	a := assignment("/app/probe", "sleep", "3600")
	a.Limits.TimeoutMillis = 300
	report, _ := newJail(t).run(a)
	if report.Reason != protocol.TimedOut || report.Signal != int(syscall.SIGTERM) || report.ExitCode != 128+int(syscall.SIGTERM) ||
		report.Metrics.WallMillis < 300 || report.LogTail != "sleeping\n" {
		t.Errorf("a well-behaved sleeper: %+v", report)
	}
	a = assignment("/app/probe", "sleep", "3600", "--stubborn")
	a.Limits.TimeoutMillis, a.Limits.GraceMillis = 300, 200
	report, _ = newJail(t).run(a)
	if report.Reason != protocol.TimedOut || report.Signal != int(syscall.SIGKILL) || report.Metrics.WallMillis < 500 {
		t.Errorf("a stubborn sleeper: %+v", report)
	}
}

func TestNobodyOutlivesTheHandler(t *testing.T) {
	for _, command := range [][]string{
		{"/app/probe", "sleep", "0", "--daemon"},
		{"/app/probe", "sleep", "3600", "--stubborn", "--daemon"},
	} {
		j := newJail(t)
		left := j.childrenAtReport()
		a := assignment(command...)
		a.Limits.TimeoutMillis, a.Limits.GraceMillis = 2000, 100
		report, _ := j.run(a)
		if *left != 0 {
			t.Errorf("%v: %d processes were alive when the report was sent", command, *left)
		}
		if _, err := os.Stat(j.work("out/survivor")); err != nil {
			t.Errorf("%v: there was no survivor to kill: %v (%+v)", command, err, report)
		}
	}
}

func TestTheKubeletsTermEndsTheRunAsCancelled(t *testing.T) {
	j := newJail(t)
	j.gateway.OnStarted = func() { j.process.Process.Signal(syscall.SIGTERM) }
	if report, _ := j.run(assignment("/app/probe", "sleep", "3600")); report.Reason != protocol.Cancelled || report.Signal != int(syscall.SIGTERM) {
		t.Errorf("report %+v", report)
	}
}

func TestTheKubeletsTermBeforeThereIsWorkEndsWithoutAReport(t *testing.T) {
	j := newJail(t)
	j.gateway.Fault = func(name string, _ int) gatewaytest.Fault {
		if name == "GET /v1/assignment" {
			j.process.Process.Signal(syscall.SIGTERM)
		}
		return gatewaytest.None
	}
	j.startUnassigned()
	if code, seen := j.wait(); code != 0 || seen.Report != nil {
		t.Errorf("exit code %d, %+v", code, seen)
	}
}

func TestOrdersToStopEndTheRunWithTheirReason(t *testing.T) {
	for order, reason := range map[string]string{
		"Cancelled": protocol.Cancelled, "PolicyRevoked": "PolicyRevoked", "NetworkWidened": "NetworkWidened",
		"Released": protocol.Cancelled, "rm -rf /": protocol.Cancelled,
	} {
		j := newJail(t)
		j.gateway.OnStarted = func() {
			select {
			case j.gateway.Stop <- order:
			default:
			}
		}
		if report, _ := j.run(assignment("/app/probe", "sleep", "3600")); report.Reason != reason {
			t.Errorf("%s: report %+v", order, report)
		}
	}
}

func TestMemoryEndsTheRunBelowItsLimitAndKeepsTheArtifacts(t *testing.T) {
	j := newJail(t)
	a := assignment("/app/probe", "memory", "1", "--hold")
	a.Artifacts = []protocol.Declaration{{Name: "r", Path: "r", Type: "text/plain"}}
	j.gateway.OnStarted = func() {
		os.WriteFile(j.work("out/r"), []byte("so far"), 0o644)
		j.cgroup("memory/memory.usage_in_bytes", fmt.Sprint(250<<20))
	}
	report, seen := j.run(a)
	if report.Reason != protocol.MemoryExceeded || report.Signal != int(syscall.SIGKILL) || seen.Artifacts["r"] != "so far" {
		t.Errorf("report %+v, artifacts %v", report, seen.Artifacts)
	}
}

func TestAKillByTheKernelForMemoryIsNamed(t *testing.T) {
	j := newJail(t)
	j.cgroup("memory/memory.oom_control", "oom_kill_disable 0\nunder_oom 0\noom_kill 0")
	j.gateway.OnStarted = func() {
		j.cgroup("memory/memory.oom_control", "oom_kill_disable 0\nunder_oom 0\noom_kill 1")
		for _, child := range handlers(j.process.Process.Pid) {
			syscall.Kill(child, syscall.SIGKILL)
		}
	}
	if report, _ := j.run(assignment("/app/probe", "sleep", "3600")); report.Reason != protocol.MemoryExceeded {
		t.Errorf("report %+v", report)
	}
}

func TestAChildKilledForMemoryIsNamedToo(t *testing.T) {
	for code, reason := range map[string]string{"137": protocol.MemoryExceeded, "0": protocol.HandlerReturned} {
		j := newJail(t)
		j.cgroup("memory/memory.oom_control", "oom_kill 0")
		j.gateway.OnStarted = func() { j.cgroup("memory/memory.oom_control", "oom_kill 1") }
		a := assignment("/app/probe", "exit", code, "4") // it is told of after two seconds
		report, _ := j.run(a)
		if report.Reason != reason || !strings.Contains(report.Message, "want of memory") {
			t.Errorf("exit %s: %+v", code, report)
		}
	}
}

func TestProcessorTimeEndsTheRunAndKeepsTheArtifacts(t *testing.T) {
	j := newJail(t)
	j.must(os.MkdirAll(j.root+".cgroup/cpuacct", 0o755))
	j.cgroup("cpuacct/cpuacct.usage", "5000000000") // what starting up took does not count
	j.gateway.OnStarted = func() {
		os.WriteFile(j.work("out/r"), []byte("so far"), 0o644)
		j.cgroup("cpuacct/cpuacct.usage", "6500000000")
	}
	a := assignment("/app/probe", "sleep", "3600", "--stubborn")
	a.Limits.CPUTimeMillis = 1500
	a.Artifacts = []protocol.Declaration{{Name: "r", Path: "r", Type: "text/plain"}}
	report, seen := j.run(a)
	if report.Reason != protocol.CPUTimeExceeded || report.Signal != int(syscall.SIGKILL) || report.Metrics.CPUMillis != 1500 ||
		seen.Artifacts["r"] != "so far" {
		t.Errorf("report %+v, artifacts %v", report, seen.Artifacts)
	}
}

// No control group is visible here, so the rlimit of each process is what ends it.
func TestWithoutAControlGroupTheKernelStillBoundsEachProcess(t *testing.T) {
	a := assignment("/app/probe", "burn", "30", "1")
	a.Limits.CPUTimeMillis = 300
	report, _ := newJail(t).run(a)
	if report.Reason != protocol.CPUTimeExceeded || report.Metrics.WallMillis >= 20_000 {
		t.Errorf("report %+v", report)
	}
}

func TestABudgetOfProcessorTimeThatIsKeptEndsNothing(t *testing.T) {
	for code, reason := range map[string]string{"0": protocol.HandlerReturned, "3": protocol.HandlerFailed} {
		a := assignment("/app/probe", "exit", code)
		a.Limits.CPUTimeMillis = 20_000
		if report, _ := newJail(t).run(a); report.Reason != reason {
			t.Errorf("exit %s: %+v", code, report)
		}
	}
}

func TestAFloodOfFilesEndsTheRun(t *testing.T) {
	report, _ := newJail(t).run(assignment("/app/probe", "files", "1000000"))
	if report.Reason != protocol.DiskExceeded || !strings.Contains(report.Message, "more than 100000 files") {
		t.Errorf("report %+v", report)
	}
}

func TestClosedDirectoriesHideNothing(t *testing.T) {
	for message, command := range map[string][]string{
		"more than 100000 files": {"/app/probe", "hide-names", "110000"},
		"more than 8 MiB used":   {"/app/probe", "hide-bytes", "12"},
	} {
		a := assignment(command...)
		a.Limits.DiskBytes = 8 << 20
		if report, _ := newJail(t).run(a); report.Reason != protocol.DiskExceeded || report.Message != message {
			t.Errorf("%s: %+v", message, report)
		}
	}
}

func TestAClosedDirectoryEndsNoInnocentRun(t *testing.T) {
	for _, pause := range []string{"pause:0", "pause:700"} { // without a look of the watch, and with some
		a := assignment("/app/probe", "steps", "mkdir:/work/out/d", "write:/work/out/d/declared", "write:/work/out/d/other", "close:/work/out/d", pause)
		a.Artifacts = []protocol.Declaration{{Name: "r", Path: "d/declared", Type: "text/plain"}}
		report, seen := newJail(t).run(a)
		if report.Reason != protocol.HandlerReturned || report.Undeclared != 1 || seen.Artifacts["r"] != "written" {
			t.Errorf("%s: %+v, artifacts %v", pause, report, seen.Artifacts)
		}
	}
}

func TestOpenFilesAreBounded(t *testing.T) {
	report, _ := newJail(t).run(assignment("/app/probe", "descriptors"))
	answer := result[struct {
		Opened  int
		Refused string
	}](t, report)
	if answer.Opened > 1024 || answer.Refused != "EMFILE" {
		t.Errorf("%+v", answer)
	}
}

func TestALogThatIsCutIsToldOf(t *testing.T) {
	j := newJail(t)
	report, _ := j.run(assignment("/app/probe", "print", fmt.Sprint(64<<20)))
	if report.Reason != protocol.HandlerReturned || report.Message != "the log was cut at 10 MiB, 64 MiB were written" ||
		j.output.Len() > 11<<20 {
		t.Errorf("%d bytes of log, %+v", j.output.Len(), report)
	}
}

func handlers(parent int) []int {
	var found []int
	stats, _ := filepath.Glob("/proc/[0-9]*/stat")
	for _, path := range stats {
		text, _ := os.ReadFile(path)
		var pid, parentOf int
		var state string
		if end := strings.LastIndexByte(string(text), ')'); end > 0 {
			fmt.Sscan(string(text), &pid)
			fmt.Sscan(string(text[end+1:]), &state, &parentOf)
		}
		if pid > 0 && parentOf == parent {
			found = append(found, pid)
		}
	}
	return found
}

func TestDiskEndsTheRun(t *testing.T) {
	a := assignment("/app/probe", "disk", "12", "--hold")
	a.Limits.DiskBytes = 8 << 20
	if report, _ := newJail(t).run(a); report.Reason != protocol.DiskExceeded || report.Signal != int(syscall.SIGKILL) {
		t.Errorf("many files: %+v", report)
	}
	a = assignment("/app/probe", "disk", "12", "--one", "--hold")
	a.Limits.DiskBytes = 8 << 20
	report, _ := newJail(t).run(a)
	// The kernel refuses the write at the limit (EFBIG) or the watch sees it first; either way it stays below.
	if report.Reason != protocol.DiskExceeded && !strings.Contains(string(report.Result), "file too large") {
		t.Errorf("one file: %+v", report)
	}
}

func TestOnlyHonestArtifactsAreCollected(t *testing.T) {
	j := newJail(t)
	a := assignment("/app/probe", "artifacts")
	for _, name := range []string{"regular", "empty", "symlink", "fifo", "hardlink", "directory", "linkdir/token/token", "sparse", "missing", "../result.json"} {
		a.Artifacts = append(a.Artifacts, protocol.Declaration{Name: strings.Trim(strings.ReplaceAll(name, "/", "-"), "."), Path: name, Type: "text/plain"})
	}
	j.start(a)
	report, seen := j.finish()
	states := map[string]string{}
	for _, artifact := range report.Artifacts {
		states[artifact.Name] = artifact.State + " " + artifact.Problem
	}
	for name, expected := range map[string]string{
		"regular": "Ready ", "empty": "Ready ", "symlink": "Failed symbolic links are not followed", "fifo": "Failed not a regular file",
		"hardlink": "Failed a file with several hard links", "directory": "Failed not a regular file",
		"linkdir-token-token": "Failed symbolic links are not followed", "missing": "Skipped ",
		"sparse": "Failed OutputExceeded: larger than the output limit allows", "-result.json": "Failed the path leaves its directory",
	} {
		if states[name] != expected {
			t.Errorf("%s: %q, expected %q", name, states[name], expected)
		}
	}
	if len(seen.Artifacts) != 2 || seen.Artifacts["regular"] != "regular bytes\n" {
		t.Errorf("collected: %v", seen.Artifacts)
	}
	// original, undeclared and linkdir itself; the sparse file is declared
	if report.Reason != protocol.OutputExceeded || report.Undeclared != 3 {
		t.Errorf("report %+v", report)
	}
}

func TestTheOutputLimitIsForAllArtifactsTogether(t *testing.T) {
	steps := []string{"/app/probe", "steps", "write:/work/out/a", "write:/work/out/b", "write:/work/out/c"} // seven bytes each
	for reason, command := range map[string][]string{
		protocol.OutputExceeded: steps,
		protocol.HandlerFailed:  append(steps, "read:/nowhere"), // what came first is the reason
	} {
		a := assignment(command...)
		a.Limits.OutputBytes = 20
		for _, name := range []string{"a", "b", "c"} {
			a.Artifacts = append(a.Artifacts, protocol.Declaration{Name: name, Path: name, Type: "text/plain"})
		}
		report, seen := newJail(t).run(a)
		if report.Reason != reason || len(seen.Artifacts) != 2 || report.Artifacts[2].State != protocol.ArtifactFailed {
			t.Errorf("%s: %+v, artifacts %v", reason, report, seen.Artifacts)
		}
	}
}
