package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"dev.corral/launcher/gatewaytest"
	"dev.corral/launcher/protocol"
)

// The launcher is tested as what it is: PID 1 of a PID namespace, with the file system of a pod, as an unprivileged
// user. A jail is that pod without Kubernetes: our test binary, re-executed in new PID and mount namespaces, builds the
// mounts, drops to uid 10001 and becomes `corral launch`. It takes root (or a user namespace) to make one.

const (
	jailUID = 10001
	// runWithin is generous: it is only reached when something hangs.
	runWithin = 60 * time.Second
)

var programs string // directory with the real launcher and the probe, built once

func TestMain(m *testing.M) {
	if len(os.Args) == 3 && os.Args[1] == "jail" {
		enterJail(os.Args[2])
	}
	dir, err := os.MkdirTemp("", "corral")
	if err != nil {
		panic(err)
	}
	programs = dir
	for name, source := range map[string]string{"corral": ".", "probe": "./probe"} {
		build := exec.Command("go", "build", "-o", filepath.Join(dir, name), source)
		build.Env = append(os.Environ(), "CGO_ENABLED=0")
		if output, err := build.CombinedOutput(); err != nil {
			panic(string(output))
		}
	}
	code := m.Run()
	os.RemoveAll(dir)
	os.Exit(code)
}

// enterJail runs as root and PID 1 of its namespaces, and never returns.
func enterJail(root string) {
	runtime.LockOSThread() // no_new_privs is a thread's, and exec keeps only this one
	must := func(what string, err error) {
		if err != nil {
			fmt.Fprintln(os.Stderr, "jail:", what+":", err)
			os.Exit(99)
		}
	}
	at := func(path string) string { return filepath.Join(root, path) }
	bind := func(from, to string) { must("bind "+to, unix.Mount(from, at(to), "", unix.MS_BIND, "")) }
	must("private", unix.Mount("", "/", "", unix.MS_REC|unix.MS_PRIVATE, ""))
	must("root", unix.Mount(root, root, "", unix.MS_BIND, ""))
	must("proc", unix.Mount("proc", at("proc"), "proc", unix.MS_NOSUID|unix.MS_NODEV|unix.MS_NOEXEC, ""))
	must("shm", unix.Mount("shm", at("dev/shm"), "tmpfs", unix.MS_NOSUID|unix.MS_NODEV, "mode=1777"))
	for _, device := range []string{"null", "zero", "full", "random", "urandom"} {
		bind("/dev/"+device, "dev/"+device)
	}
	bind(root+".work", "work")
	bind(root+".files", "files")
	bind(root+".cgroup", "sys/fs/cgroup")
	bind(at(".corral/termination-log"), ".corral/termination-log")
	must("read-only", unix.Mount("", root, "", unix.MS_REMOUNT|unix.MS_BIND|unix.MS_RDONLY, ""))
	must("chroot", unix.Chroot(root))
	must("chdir", os.Chdir("/"))
	must("groups", syscall.Setgroups(nil))
	must("gid", syscall.Setresgid(jailUID, jailUID, jailUID))
	must("uid", syscall.Setresuid(jailUID, jailUID, jailUID))
	must("no_new_privs", unix.Prctl(unix.PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
	must("execute", syscall.Exec("/.corral/bin/corral", []string{"corral", "launch"}, os.Environ()))
}

// jail is one pod.
type jail struct {
	t        *testing.T
	root     string
	gateway  *gatewaytest.Gateway
	sentinel string
	process  *exec.Cmd
	output   bytes.Buffer
	sandbox  string // CORRAL_SANDBOX
}

func newJail(t *testing.T) *jail {
	t.Helper()
	if os.Getuid() != 0 {
		t.Skip("NOT PROVEN HERE: a jail needs root for its PID and mount namespaces")
	}
	j := &jail{t: t, root: filepath.Join(t.TempDir(), "root"), gateway: gatewaytest.New(), sentinel: closedPort(t)}
	t.Cleanup(j.gateway.Close)
	for _, dir := range []string{".corral/bin", ".corral/token", "app", "etc", "usr", "tmp", "proc", "dev/shm", "work", "files", "secrets/db", "sys/fs/cgroup"} {
		j.must(os.MkdirAll(filepath.Join(j.root, dir), 0o755))
	}
	for _, device := range []string{"null", "zero", "full", "random", "urandom"} {
		j.file("dev/"+device, "")
	}
	j.file("etc/passwd", "root:x:0:0::/:/bin/sh\n")
	j.file("secrets/db/password", "hunter2")
	j.file(".corral/token/token", gatewaytest.Token+"\n")
	j.file(".corral/termination-log", "")
	j.must(os.Symlink("/.corral", filepath.Join(j.root, "leak"))) // an image may contain this
	for name, to := range map[string]string{"corral": ".corral/bin/corral", "probe": "app/probe"} {
		j.must(os.Link(filepath.Join(programs, name), filepath.Join(j.root, to)))
	}
	// Deliberately as open as a pod never would be: only the sandbox may keep the handler out.
	for _, path := range []string{".corral", ".corral/bin", ".corral/token", ".corral/token/token", ".corral/termination-log", "app", "etc", "tmp"} {
		j.must(os.Chown(filepath.Join(j.root, path), jailUID, jailUID))
	}
	for _, dir := range []string{".work", ".files"} {
		j.must(os.Mkdir(j.root+dir, 0o700))
		j.must(os.Chown(j.root+dir, jailUID, jailUID))
	}
	j.must(os.MkdirAll(j.root+".cgroup/memory", 0o755))
	j.cgroup("memory/memory.usage_in_bytes", "10485760")
	j.cgroup("memory/memory.max_usage_in_bytes", "24117248")
	j.cgroup("memory/memory.stat", "cache 1\ntotal_inactive_file 4096\n")
	return j
}

func (j *jail) must(err error) {
	j.t.Helper()
	if err != nil {
		j.t.Fatal(err)
	}
}

func (j *jail) file(path, text string) {
	j.must(os.MkdirAll(filepath.Dir(filepath.Join(j.root, path)), 0o755))
	j.must(os.WriteFile(filepath.Join(j.root, path), []byte(text), 0o644))
}

// cgroup sets a number the launcher will read; it is exchanged whole, as the kernel would.
func (j *jail) cgroup(path, text string) {
	target := filepath.Join(j.root+".cgroup", path)
	j.must(os.WriteFile(target+".new", []byte(text+"\n"), 0o644))
	j.must(os.Rename(target+".new", target))
}

func closedPort(t *testing.T) string {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	return listener.Addr().String()
}

// assignment is a good one to start from.
func assignment(command ...string) protocol.Assignment {
	return protocol.Assignment{
		Namespace: "team-a", Execution: "check-x7k2p", ExecutionUID: "u", Attempt: 1, Command: command,
		Env:   []protocol.Variable{{Name: "CHECK_DEPTH", Value: "2"}},
		Input: json.RawMessage(`{"url":"https://docs.example.org/"}`),
		Limits: protocol.Limits{TimeoutMillis: 30000, GraceMillis: 5000, MemoryBytes: 256 << 20, DiskBytes: 64 << 20,
			Processes: 64, OutputBytes: 16 << 20, Events: 100},
		Produce: []string{"check.*@v1"},
	}
}

func (j *jail) start(a protocol.Assignment) {
	j.t.Helper()
	body, err := json.Marshal(a)
	j.must(err)
	j.gateway.Assignment = body
	j.startUnassigned()
}

func (j *jail) startUnassigned() {
	j.t.Helper()
	j.process = exec.Command("/proc/self/exe", "jail", j.root)
	j.process.Env = []string{"CORRAL_GATEWAY=" + j.gateway.URL, "CORRAL_SENTINEL=" + j.sentinel, "CORRAL_CA=" + j.gateway.CA, "OURS=private"}
	if j.sandbox != "" {
		j.process.Env = append(j.process.Env, "CORRAL_SANDBOX="+j.sandbox)
	}
	j.process.Stdout, j.process.Stderr = &j.output, &j.output
	j.process.SysProcAttr = &syscall.SysProcAttr{Cloneflags: unix.CLONE_NEWPID | unix.CLONE_NEWNS}
	j.must(j.process.Start())
}

// wait returns the exit code and what the gateway saw.
func (j *jail) wait() (int, gatewaytest.Seen) {
	j.t.Helper()
	timer := time.AfterFunc(runWithin, func() { j.process.Process.Kill() })
	defer timer.Stop()
	err := j.process.Wait()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		j.t.Fatal(err)
	}
	seen := j.gateway.Seen()
	if len(seen.Problems) > 0 {
		j.t.Errorf("the gateway complained: %v", seen.Problems)
	}
	return j.process.ProcessState.ExitCode(), seen
}

// run is the usual case: a launcher that ends well, with a report and the same report sealed.
func (j *jail) run(a protocol.Assignment) (*protocol.Report, gatewaytest.Seen) {
	j.t.Helper()
	j.start(a)
	return j.finish()
}

func (j *jail) finish() (*protocol.Report, gatewaytest.Seen) {
	j.t.Helper()
	code, seen := j.wait()
	if code != 0 || seen.Report == nil {
		j.t.Fatalf("exit code %d, report %v, output:\n%s", code, seen.Report, j.output.String())
	}
	j.checkSealed(seen.Report)
	return seen.Report, seen
}

func (j *jail) termination() string {
	text, err := os.ReadFile(filepath.Join(j.root, ".corral/termination-log"))
	j.must(err)
	return string(text)
}

func (j *jail) checkSealed(report *protocol.Report) {
	j.t.Helper()
	expected := *report
	expected.LogTail = ""
	sealed, err := protocol.Seal(gatewaytest.Key(), gatewaytest.Session, "u", expected)
	j.must(err)
	if got := j.termination(); got != sealed {
		j.t.Errorf("termination message\n%s\ndiffers from the sealed report\n%s", got, sealed)
	}
}

// result decodes the probe's answer.
func result[T any](t *testing.T, report *protocol.Report) T {
	t.Helper()
	var value T
	if report.Reason != protocol.HandlerReturned {
		t.Fatalf("%s %d %s: %s", report.Reason, report.ExitCode, report.Message, report.LogTail)
	}
	if err := json.Unmarshal(report.Result, &value); err != nil {
		t.Fatalf("result %q (%s): %v", report.Result, report.ResultProblem, err)
	}
	return value
}

func (j *jail) work(path string) string { return filepath.Join(j.root+".work", path) }

func contains(list []string, item string) bool {
	for _, one := range list {
		if one == item {
			return true
		}
	}
	return false
}

func joined(list []string) string { return strings.Join(list, " ") }
