package main

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"syscall"
	"testing"

	"dev.corral/launcher/gateway"
	"dev.corral/launcher/gatewaytest"
	"dev.corral/launcher/protocol"
)

func TestAHandlerSeesExactlyWhatIsDocumented(t *testing.T) {
	j := newJail(t)
	report, seen := j.run(assignment("/app/probe", "echo", "one"))
	got := result[struct {
		Env   []string
		Args  []string
		Input json.RawMessage
	}](t, report)
	expected := []string{
		"CHECK_DEPTH=2",
		"PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin:/.corral/bin",
		"HOME=/work/home", "TMPDIR=/work/tmp", "LANG=C.UTF-8", "CORRAL_INPUT=/work/input.json", "CORRAL_RESULT=/work/result.json",
		"CORRAL_OUTPUT=/work/out", "CORRAL_SOCKET=/work/corral.sock", "CORRAL_SECRETS=/secrets", "CORRAL_FILES=/files", "CORRAL_NAMESPACE=team-a",
		"CORRAL_EXECUTION=check-x7k2p", "CORRAL_ATTEMPT=1",
	}
	if joined(got.Env) != joined(expected) {
		t.Errorf("environment\n%v\nexpected\n%v", got.Env, expected)
	}
	if string(got.Input) != `{"url":"https://docs.example.org/"}` || joined(got.Args) != "/app/probe echo one" {
		t.Errorf("input %s, arguments %v", got.Input, got.Args)
	}
	if seen.Counts["POST /v1/started"] != 0 {
		t.Error("a short run told of its start: a write more for nothing")
	}
	if e := seen.Evidence; e.UID != jailUID || e.CapEff != "0000000000000000" || !e.NoNewPrivs || !e.RootReadOnly || e.Cgroup != "v1" ||
		e.Sentinel.Reachable || e.Sentinel.Answer != "refused" || e.Launcher != protocol.Version {
		t.Errorf("evidence %+v", e)
	}
	if report.Metrics.MemoryPeakBytes != 24117248 || report.Timings.FinishedMillis < report.Timings.StartedMillis ||
		report.Timings.CollectedMillis < report.Timings.FinishedMillis || report.LogTail != "" {
		t.Errorf("report %+v", report)
	}
}

func TestTheHandlersEnvironmentHasEachNameOnceAndOursAreOurs(t *testing.T) {
	a := assignment("/app/probe")
	a.Env = []protocol.Variable{{Name: "LANG", Value: "de_DE"}, {Name: "CHECK", Value: "1"}, {Name: "CHECK", Value: "2"}, {Name: "CORRAL_SOCKET", Value: "/tmp/other"}}
	values := map[string][]string{}
	for _, variable := range environment(&a, nil) {
		name, value, _ := strings.Cut(variable, "=")
		values[name] = append(values[name], value)
	}
	for name, value := range map[string]string{"LANG": "de_DE", "CHECK": "1", "CORRAL_SOCKET": "/work/corral.sock", "HOME": "/work/home"} {
		if joined(values[name]) != value {
			t.Errorf("%s: %v, expected %s", name, values[name], value)
		}
	}
}

// Whatever request or answer is lost, once or twice, the run ends the same.
func TestEveryRequestSurvivesALostMessage(t *testing.T) {
	requests := []string{"POST /v1/session", "POST /v1/ready", "GET /v1/assignment", "POST /v1/events",
		"PUT /v1/artifacts/regular", "POST /v1/report"}
	faults := map[string]gatewaytest.Fault{"unheard": gatewaytest.Unheard, "unanswered": gatewaytest.Unanswered, "busy": gatewaytest.Busy}
	for _, request := range requests {
		for word, fault := range faults {
			t.Run(word+" "+strings.ReplaceAll(request, "/", "_"), func(t *testing.T) {
				j := newJail(t)
				j.gateway.Fault = func(name string, count int) gatewaytest.Fault {
					if name == request && count <= 2 {
						return fault
					}
					return gatewaytest.None
				}
				report, seen := j.run(busyAssignment())
				sameEnd(t, report, seen)
				if got := seen.Counts[request]; got < 3 {
					t.Errorf("%s was asked %d times: the fault did not happen", request, got)
				}
			})
		}
	}
}

func TestAGatewayThatForgetsEveryFirstRequestIsAskedAgain(t *testing.T) {
	j := newJail(t)
	j.gateway.Fault = func(name string, count int) gatewaytest.Fault {
		if count == 1 {
			return gatewaytest.Unanswered
		}
		return gatewaytest.None
	}
	report, seen := j.run(busyAssignment())
	sameEnd(t, report, seen)
}

// A handler that leaves artifacts and then emits, as a real one does.
func busyAssignment() protocol.Assignment {
	a := assignment("/app/probe", "artifacts", "--emit", "check.done@v1")
	a.Artifacts = []protocol.Declaration{{Name: "regular", Path: "regular", Type: "text/plain"}}
	return a
}

func sameEnd(t *testing.T, report *protocol.Report, seen gatewaytest.Seen) {
	t.Helper()
	if report.Reason != protocol.HandlerReturned || seen.Artifacts["regular"] != "regular bytes\n" ||
		len(report.Artifacts) != 1 || report.Artifacts[0].State != protocol.ArtifactReady || report.Artifacts[0].Size != 14 {
		t.Errorf("report %+v, artifacts %v", report, seen.Artifacts)
	}
	if len(seen.Events) != 1 || seen.Events[0].Topic != "check.done@v1" || report.Events != (protocol.EventTotals{Emitted: 1}) {
		t.Errorf("events %v, totals %+v", seen.Events, report.Events)
	}
}

// Somebody who got at the token was faster: the launcher must end at once, say why, start nothing, and leave nothing that
// could pass for a verdict.
func TestATokenThatWasSpentByAnotherEndsThePodBeforeAnyPluginCode(t *testing.T) {
	j := newJail(t)
	thief, err := gateway.New(j.gateway.URL, []byte(j.gateway.CA))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := thief.OpenSession(context.Background(), gatewaytest.Token); err != nil {
		t.Fatal(err)
	}
	j.start(assignment("/app/probe", "echo"))
	code, seen := j.wait()
	if code != 1 || seen.Report != nil || seen.Counts["GET /v1/assignment"] != 0 || !strings.Contains(j.termination(), "SessionExists") {
		t.Errorf("exit code %d, counts %v, termination %q", code, seen.Counts, j.termination())
	}
}

func TestASessionThatWillNeverBeAssignedEndsWell(t *testing.T) {
	j := newJail(t)
	j.gateway.Refuse = func(name string) int {
		if name == "GET /v1/assignment" {
			return 410
		}
		return 0
	}
	j.startUnassigned()
	if code, seen := j.wait(); code != 0 || seen.Report != nil || seen.Evidence == nil {
		t.Errorf("exit code %d, %+v", code, seen)
	}
}

// Such a pod could run nothing, and must not look as if it could.
func TestALauncherWhoseSecondStageDiedDoesNotWaitForWork(t *testing.T) {
	j := newJail(t)
	j.gateway.Fault = func(name string, _ int) gatewaytest.Fault {
		if name == "GET /v1/assignment" {
			for _, child := range handlers(j.process.Process.Pid) {
				syscall.Kill(child, syscall.SIGKILL)
			}
		}
		return gatewaytest.None
	}
	j.startUnassigned()
	if code, seen := j.wait(); code != 1 || seen.Report != nil || !strings.Contains(j.termination(), "the second stage died") {
		t.Errorf("exit code %d, termination %q", code, j.termination())
	}
}

func TestAReportNobodyWantsIsNotRepeated(t *testing.T) {
	j := newJail(t)
	j.gateway.Refuse = func(name string) int {
		if name == "POST /v1/report" {
			return 409
		}
		return 0
	}
	j.start(assignment("/app/probe", "exit", "0"))
	code, seen := j.wait()
	if code != 0 || seen.Counts["POST /v1/report"] != 1 || !strings.HasPrefix(j.termination(), "corral1 "+gatewaytest.Session+" ") {
		t.Errorf("exit code %d, counts %v, termination %q", code, seen.Counts, j.termination())
	}
}

func TestAReportTheGatewayCannotReadIsSaidAgainWithoutItsResult(t *testing.T) {
	j := newJail(t)
	j.gateway.Unreadable = func(report protocol.Report) bool { return report.Result != nil }
	report, seen := j.run(assignment("/app/probe", "echo")) // compares the sealed report, too
	if report.Reason != protocol.HandlerReturned || report.ResultProblem != "the gateway could not read it" || seen.Counts["POST /v1/report"] != 2 {
		t.Errorf("%+v, said %d times", report, seen.Counts["POST /v1/report"])
	}
}

func TestAReportThatIsRefusedWithoutAResultIsNotRepeated(t *testing.T) {
	j := newJail(t)
	j.gateway.Unreadable = func(protocol.Report) bool { return true }
	j.start(assignment("/app/probe", "echo"))
	if code, seen := j.wait(); code != 0 || seen.Report != nil || seen.Counts["POST /v1/report"] != 2 {
		t.Errorf("exit code %d, %+v, said %d times", code, seen.Report, seen.Counts["POST /v1/report"])
	}
}

func TestAWrongTokenOrCertificateEndsThePod(t *testing.T) {
	j := newJail(t)
	j.file(".corral/token/token", "stolen")
	j.startUnassigned()
	if code, _ := j.wait(); code != 1 || !strings.Contains(j.termination(), "BadToken") {
		t.Errorf("exit code %d, termination %q", code, j.termination())
	}
}

func TestAnUnreadableSentinelAddressIsNotTakenForProof(t *testing.T) {
	j := newJail(t)
	j.sentinel = "gateway.corral-system:9"
	j.startUnassigned()
	if code, seen := j.wait(); code != 1 || seen.Evidence != nil {
		t.Errorf("exit code %d, evidence %+v", code, seen.Evidence)
	}
}

func TestAnAssignmentWithoutALimitDoesNotStart(t *testing.T) {
	j := newJail(t)
	a := assignment("/app/probe", "echo")
	a.Limits.Processes = 0
	if report, seen := j.run(a); report.Reason != protocol.LauncherFailed || report.Result != nil || seen.Started != 0 {
		t.Errorf("report %+v", report)
	}
}

func TestAHandlerThatCannotBeExecutedSaysWhy(t *testing.T) {
	for command, code := range map[string]int{"/app/missing": 127, "missing": 127, "/etc/passwd": 126, "/.corral/termination-log": 126} {
		t.Run(strings.ReplaceAll(command, "/", "_"), func(t *testing.T) {
			a := assignment(command)
			a.Artifacts = []protocol.Declaration{{Name: "r", Path: "r", Type: "text/plain"}}
			report, _ := newJail(t).run(a)
			if report.Reason != protocol.HandlerNotStarted || report.ExitCode != code || !strings.Contains(report.Message, command) ||
				report.Artifacts[0].State != protocol.ArtifactSkipped {
				t.Errorf("report %+v", report)
			}
		})
	}
}

// Each connection is a handshake, which is most of what a short run costs the gateway.
func TestAShortRunReportsOnTheConnectionItsAssignmentCameBy(t *testing.T) {
	_, seen := newJail(t).run(assignment("/app/probe", "exit", "0"))
	if seen.Dialled != 1 {
		t.Errorf("%d connections", seen.Dialled)
	}
}

func TestAFailingHandlerBringsItsLastWords(t *testing.T) {
	report, _ := newJail(t).run(assignment("/app/probe", "exit", "3"))
	if report.Reason != protocol.HandlerFailed || report.ExitCode != 3 || report.LogTail != "leaving\n" {
		t.Errorf("report %+v", report)
	}
}

func TestAResultThatCannotBeTakenIsToldOfAndCostsNothingElse(t *testing.T) {
	for name, test := range map[string]struct {
		sandbox, problem string
		probe            []string
	}{
		"no JSON":             {"", "not valid JSON", []string{"steps", "write:/work/result.json", "read:/nowhere"}},
		"not granted":         {`{"files":{"write":["/work/**"],"denyWrite":["/work/result.json"]}}`, errNotGranted.Error(), []string{"steps", "write:/work/result.json", "read:/nowhere"}},
		"as we left it":       {`{"files":{"write":["/work/result.json"]}}`, "", []string{"steps", "read:/nowhere"}},
		"larger than allowed": {"", "larger than 16384 bytes", []string{"echo", strings.Repeat("x", maxResult)}},
	} {
		j := newJail(t)
		j.sandbox = test.sandbox
		report, _ := j.run(assignment(append([]string{"/app/probe"}, test.probe...)...))
		if report.ResultProblem != test.problem || report.Result != nil || report.Reason == protocol.LauncherFailed {
			t.Errorf("%s: report %+v", name, report)
		}
	}
}

func TestTheLogIsCutAndTheRunIsNot(t *testing.T) {
	j := newJail(t)
	report, _ := j.run(assignment("/app/probe", "print", fmt.Sprint(12<<20)))
	got := j.output.Len()
	if report.Reason != protocol.HandlerReturned || report.LogTail != "" || got < 10<<20 || got > 10<<20+100 || !strings.Contains(j.output.String(), "corral: output cut") {
		t.Errorf("report %+v, %d bytes of log", report, got)
	}
}

func TestEventsAreGrantedByTopicAndBounded(t *testing.T) {
	j := newJail(t)
	a := assignment("/app/probe", "emit", "12", "check.done@v1")
	a.Limits.Events = 5
	report, seen := j.run(a)
	statuses := result[struct{ Statuses map[string]int }](t, report).Statuses
	if statuses["202"] != 5 || statuses["429"] != 7 || len(seen.Events) != 5 || report.Events != (protocol.EventTotals{Emitted: 12, Dropped: 7}) {
		t.Errorf("statuses %v, events %d, totals %+v", statuses, len(seen.Events), report.Events)
	}
	report, seen = newJail(t).run(assignment("/app/probe", "emit", "3", "check.done@v2"))
	if statuses := result[struct{ Statuses map[string]int }](t, report).Statuses; statuses["403"] != 3 || len(seen.Events) != 0 || report.Events.Denied != 3 {
		t.Errorf("statuses %v, totals %+v", statuses, report.Events)
	}
}
