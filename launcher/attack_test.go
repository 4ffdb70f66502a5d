package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	ll "github.com/landlock-lsm/go-landlock/landlock/syscall"

	"dev.corral/launcher/gatewaytest"
	"dev.corral/launcher/protocol"
)

type attackResult struct {
	Signals map[string]string
	Prlimit map[string]string
	Answers map[string]string
}

// needLandlock skips where the kernel has too little of it; a launcher that has not used what there is fails.
func needLandlock(t *testing.T, seen gatewaytest.Seen, least int) {
	t.Helper()
	abi, err := ll.LandlockGetABIVersion()
	if err != nil {
		abi = 0
	}
	if seen.Evidence.LandlockABI != abi {
		t.Errorf("the kernel has Landlock ABI %d, the evidence says %d", abi, seen.Evidence.LandlockABI)
	}
	if abi < least {
		t.Skipf("NOT PROVEN HERE: Landlock ABI %d is less than %d", abi, least)
	}
}

func TestAHandlerCannotTouchPID1(t *testing.T) {
	j := newJail(t)
	report, seen := j.run(assignment("/app/probe", "attack"))
	needLandlock(t, seen, 6) // the signal scope
	got := result[attackResult](t, report)
	if len(got.Signals) != 64 || len(got.Prlimit) != 16 {
		t.Fatalf("signals %d, limits %d", len(got.Signals), len(got.Prlimit))
	}
	for sig, answer := range got.Signals {
		if answer != "EPERM" {
			t.Errorf("kill(1, %s): %s", sig, answer)
		}
	}
	for resource, answer := range got.Prlimit {
		if answer != "EPERM" {
			t.Errorf("prlimit(1, %s): %s", resource, answer)
		}
	}
	refused := strings.Fields(`process_vm_readv process_vm_writev setpriority setpriority_user ioprio_set ptrace_seize unshare_user
		unshare_net mount clone_newuser io_uring_setup keyctl userfaultfd bpf perf_event_open kcmp sched_setaffinity sched_setscheduler
		prlimit_high_bits pidfd_send_signal pidfd_getfd`)
	for _, name := range refused {
		if got.Answers[name] != "EPERM" {
			t.Errorf("%s: %s", name, got.Answers[name])
		}
	}
	for _, name := range strings.Fields("clone3 prlimit_x32") {
		if answer := got.Answers[name]; answer != "ENOSYS" && answer != "" {
			t.Errorf("%s: %s", name, answer)
		}
	}
	for _, name := range strings.Fields(`read_token read_token_by_root read_token_by_own_root read_environ read_mem list_ours
		write_termination write_launcher write_secrets write_sysctl write_oom write_cgroup link_token rename_ours`) {
		if answer := got.Answers[name]; answer != "EACCES" && answer != "EPERM" && answer != "EROFS" && answer != "EXDEV" {
			t.Errorf("%s: %s", name, answer)
		}
	}
	for _, name := range strings.Fields(`socket_vsock socket_alg socket_packet socket_netfilter socket_mptcp socket_mptcp6 socket_sctp socket_icmp
		socket_raw`) {
		if answer := got.Answers[name]; answer != "EAFNOSUPPORT" && answer != "EPROTONOSUPPORT" && answer != "EPERM" {
			t.Errorf("%s: %s", name, answer)
		}
	}
	if got.Answers["stat_pid1"] != "ok" || got.Answers["owner_of_pid1"] == fmt.Sprint(jailUID) {
		t.Errorf("PID 1 is dumpable: %s %s", got.Answers["stat_pid1"], got.Answers["owner_of_pid1"])
	}
	if got.Answers["core_limit"] != "1" {
		t.Errorf("the limit of core dumps is %s", got.Answers["core_limit"])
	}
	for _, name := range strings.Fields("setpriority_self memfd_create pidfd_open kill_everyone setrlimit_core prlimit_core") {
		if answer := strings.TrimSpace(got.Answers[name]); answer != "ok" {
			t.Errorf("%s: %s", name, answer)
		}
	}
}

func TestAHandlerGetsNoSystemCallPastTheFilter(t *testing.T) {
	j := newJail(t)
	report, _ := j.run(assignment("/app/probe", "calls"))
	kinder := map[string]string{
		"SOCKET_FAMILY": "EAFNOSUPPORT", "SOCKET_PROTOCOL": "EPROTONOSUPPORT", "SOCKET_PROTOCOL6": "EPROTONOSUPPORT", "SOCKET_NETLINK": "EPROTONOSUPPORT",
		"SOCKETPAIR_FAMILY": "EAFNOSUPPORT", "SENDTO_FASTOPEN": "ENOTSUP", "SENDMSG_FASTOPEN": "ENOTSUP", "SENDMMSG_FASTOPEN": "ENOTSUP",
	}
	for name, answer := range result[map[string]string](t, report) {
		want := kinder[name]
		if want == "" {
			want = "EPERM"
		}
		if answer != want {
			t.Errorf("%s: %s", name, answer)
		}
	}
}

func TestAHandlerHasTheSocketsOfOrdinaryPrograms(t *testing.T) {
	j := newJail(t)
	report, _ := j.run(assignment("/app/probe", "sockets"))
	for name, answer := range result[map[string]string](t, report) {
		if answer != "ok" {
			t.Errorf("%s: %s", name, answer)
		}
	}
}

func TestAHandlerSeesNothingOfOurs(t *testing.T) {
	j := newJail(t)
	report, seen := j.run(assignment("/app/probe", "facts"))
	needLandlock(t, seen, 1)
	got := result[struct {
		UID, PID, PPID, SID         int
		Groups                      []int
		CapEff, NoNewPrivs, Seccomp string
		Cwd                         string
		Stdin                       string
		Env, Readable, Writable     []string
		FDs                         []string
		Limits                      map[string]uint64
	}](t, report)
	if joined(got.Readable) != "/.corral/bin/corral" {
		t.Errorf("readable: %v", got.Readable)
	}
	if joined(got.Writable) != "/work /dev/shm" {
		t.Errorf("writable: %v", got.Writable)
	}
	if got.UID != jailUID || len(got.Groups) != 0 || got.CapEff != "0000000000000000" || got.NoNewPrivs != "1" || got.Seccomp != "2" || got.Cwd != "/work" {
		t.Errorf("identity: %+v", got)
	}
	if got.PPID != 1 || got.SID != got.PID {
		t.Errorf("parent %d, session %d of process %d", got.PPID, got.SID, got.PID)
	}
	for _, fd := range got.FDs {
		if number, _, _ := strings.Cut(fd, " "); number != "0" && number != "1" && number != "2" {
			t.Errorf("an inherited descriptor: %s", fd)
		}
	}
	if got.Limits["nofile"] != 1024 || got.Limits["core"] != 1 || got.Limits["fsize"] != 64<<20 || got.Limits["nproc"] < 64+ownThreads || got.Limits["nproc"] > 128 {
		t.Errorf("limits: %v", got.Limits)
	}
	for _, variable := range got.Env {
		for _, ours := range []string{"CORRAL_GATEWAY", "CORRAL_CA", "CORRAL_SENTINEL", "OURS"} {
			if strings.HasPrefix(variable, ours+"=") {
				t.Errorf("our environment: %s", variable)
			}
		}
	}
}

func TestAHandlerOfAnImageThatMovesOurPlacesIsNotStarted(t *testing.T) {
	for _, place := range strings.Fields("/.corral /.corral/bin /.corral/token /.corral/termination-log /work /files /secrets") {
		j := newJail(t)
		path := filepath.Join(j.root, place) // the mounts of the jail follow the link, as a runtime's do
		j.must(os.Rename(path, path+".moved"))
		j.must(os.Symlink(filepath.Base(path)+".moved", path))
		j.start(assignment("/app/probe", "facts"))
		code, seen := j.wait()
		if code != 1 || seen.Evidence != nil || !strings.Contains(j.output.String(), "symbolic link at "+place+",") {
			t.Errorf("%s: exit code %d, evidence %+v, output %s", place, code, seen.Evidence, j.output.String())
		}
	}
}

func TestAForkBombEndsAtItsLimitAndWithItsRun(t *testing.T) {
	j := newJail(t)
	left := j.childrenAtReport()
	a := assignment("/app/probe", "forkbomb")
	a.Limits.Processes = 48
	report, _ := j.run(a)
	got := result[struct {
		Started int
		Stopped string
	}](t, report)
	if got.Stopped != "EAGAIN" || got.Started > 48 {
		t.Errorf("%+v", got)
	}
	if *left != 0 {
		t.Errorf("%d processes were alive when the report was sent", *left)
	}
	if report.Reason != protocol.HandlerReturned {
		t.Errorf("report %+v", report)
	}
}
