package main

import (
	"encoding/json"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"dev.corral/launcher/protocol"
)

// learning is a jail whose launcher learns.
func learning(t *testing.T) *jail {
	j := newJail(t)
	j.sandbox = `{"learn":true}`
	j.file("app/data/names.txt", "ada")
	j.file("app/data/canary-in-a-file.txt", canary)
	j.must(os.MkdirAll(filepath.Join(j.root, "app/bin"), 0o755))
	j.must(os.Link(filepath.Join(programs, "probe"), filepath.Join(j.root, "app/bin/helper")))
	j.must(os.Symlink("/app/data", filepath.Join(j.root, "app/link")))
	return j
}

const canary = "canary-5f2b"

func learned(t *testing.T, report *protocol.Report) *protocol.Learned {
	t.Helper()
	if report.Reason != protocol.HandlerReturned {
		t.Fatalf("%s %d %s: %s", report.Reason, report.ExitCode, report.Message, report.LogTail)
	}
	if report.Learned == nil {
		t.Fatal("nothing was learned")
	}
	return report.Learned
}

func TestLearnRecordsWhatAHandlerOpensRunsWritesAndReaches(t *testing.T) {
	j := learning(t)
	server, err := net.Listen("tcp", "127.0.0.1:0")
	j.must(err)
	defer server.Close()
	a := assignment("/app/probe", "steps", "read:/app/link/names.txt", "list:/app/data", "write:/work/out/report.txt", "mkdir:/work/tmp/made",
		"run:/app/bin/helper", "connect:"+server.Addr().String(), "udp:203.0.113.9:53")
	a.Artifacts = []protocol.Declaration{{Name: "report", Path: "report.txt", Type: "text/plain"}}
	report, _ := j.run(a)
	l := learned(t, report)

	if !contains(l.Read, "/app/data/names.txt") || contains(l.Read, "/app/link/names.txt") {
		t.Errorf("read, with links resolved: %v", l.Read)
	}
	if !contains(l.Read, "/app/data/") {
		t.Errorf("a listed directory ends in a slash: %v", l.Read)
	}
	if want := []string{"/work/out/report.txt", "/work/result.json", "/work/tmp/"}; !slices.Equal(l.Write, want) {
		t.Errorf("write: %v, want %v", l.Write, want)
	}
	if want := []string{"/app/bin/helper", "/app/probe"}; !slices.Equal(l.Execute, want) {
		t.Errorf("execute: %v, want %v", l.Execute, want)
	}
	// Loopback is the pod itself.
	if want := []string{"203.0.113.9:53/udp"}; !slices.Equal(l.Connect, want) {
		t.Errorf("connect: %v, want %v", l.Connect, want)
	}
	if l.Unreadable != 0 || l.Overflow != 0 {
		t.Errorf("%d unreadable, %d too many", l.Unreadable, l.Overflow)
	}
	if l.OutputBytes != int64(len("written")) || l.DiskBytes == 0 || l.MemoryBytes == 0 {
		t.Errorf("peaks: %+v", l)
	}
}

func TestLearnRecordsNoValues(t *testing.T) {
	j := learning(t)
	a := assignment("/app/probe", "steps", "read:/app/data/canary-in-a-file.txt", "read:/secrets/db/password",
		"write:/work/out/x")
	a.Env = []protocol.Variable{{Name: "TOKEN", Value: canary}}
	a.Input = json.RawMessage(`{"url":"https://docs.example.org/?q=` + canary + `"}`)
	report, _ := j.run(a)
	l := learned(t, report)

	text, _ := json.Marshal(l)
	for _, value := range []string{canary + `"`, "q=" + canary, "hunter2", "steps", "written"} {
		if strings.Contains(string(text), value) {
			t.Errorf("%q was recorded: %s", value, text)
		}
	}
	if !contains(l.Read, "/secrets/db/password") {
		t.Errorf("the name of the key is no value: %v", l.Read)
	}
}

func TestLearnOpensNothing(t *testing.T) {
	j := learning(t)
	report, _ := j.run(assignment("/app/probe", "attack"))
	l := learned(t, report)
	answers := result[struct{ Answers map[string]string }](t, report).Answers

	plain := newJail(t)
	report, _ = plain.run(assignment("/app/probe", "attack"))
	for attack, answer := range result[struct{ Answers map[string]string }](t, report).Answers {
		if answers[attack] != answer {
			t.Errorf("%s: %q when learning, %q otherwise", attack, answers[attack], answer)
		}
	}
	for _, path := range slices.Concat(l.Read, l.Write, l.Execute) {
		if strings.HasPrefix(path, "/.corral/") {
			t.Errorf("%s is ours and nobody's to ask for", path)
		}
	}
}

func TestLearnIsBoundedAndSaysWhatDidNotFit(t *testing.T) {
	j := learning(t)
	steps := []string{"/app/probe", "steps"}
	for i := range 1100 {
		steps = append(steps, "write:/work/tmp/"+strings.Repeat("x", i%7)+string(rune('a'+i%26))+time.Duration(i).String())
	}
	report, _ := j.run(assignment(steps...))
	l := learned(t, report)
	if len(l.Write) != 1024 || l.Overflow < 70 {
		t.Errorf("%d kept, %d too many", len(l.Write), l.Overflow)
	}
}

// A handler that is being watched when its time is over is ended like any other.
func TestLearnEndsWithItsTimeout(t *testing.T) {
	j := learning(t)
	a := assignment("/app/probe", "steps", "opens:100000000:/etc/passwd")
	a.Limits.TimeoutMillis, a.Limits.GraceMillis = 1000, 200
	report, _ := j.run(a)
	if report.Reason != protocol.TimedOut || report.Learned == nil || !contains(report.Learned.Read, "/etc/passwd") {
		t.Errorf("%s, %+v", report.Reason, report.Learned)
	}
}

func TestLearnKnowsTheInterpreterOfAScript(t *testing.T) {
	j := learning(t)
	j.file("app/script", "#!/app/bin/helper exit 0\n")
	j.must(os.Chmod(filepath.Join(j.root, "app/script"), 0o755))
	report, _ := j.run(assignment("/app/probe", "steps", "run:/app/script"))
	_ = report
	if l := report.Learned; l == nil || !contains(l.Execute, "/app/script") || !contains(l.Execute, "/app/bin/helper") {
		t.Errorf("%+v", l)
	}
}

func TestUnknownSettingsAreRefused(t *testing.T) {
	j := newJail(t)
	j.sandbox = `{"learn":true,"somethingNew":true}`
	j.startUnassigned()
	if code, _ := j.wait(); code == 0 || !strings.Contains(j.output.String(), "CORRAL_SANDBOX") {
		t.Errorf("exit code %d: %s", code, j.output.String())
	}
}
