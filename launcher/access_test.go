package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"dev.corral/launcher/gatewaytest"
	"dev.corral/launcher/protocol"
)

// tried runs the probe's attempts in a jail and compares the answers.
func (j *jail) tried(expected map[string]string, order ...string) (*protocol.Report, gatewaytest.Seen) {
	j.t.Helper()
	report, seen := j.run(assignment(append([]string{"/app/probe", "access"}, order...)...))
	answers := result[struct{ Answers map[string]string }](j.t, report).Answers
	for _, attempt := range order {
		if want := expected[attempt]; answers[attempt] != want {
			j.t.Errorf("%s: %s, expected %s", attempt, answers[attempt], want)
		}
	}
	return report, seen
}

// attempts pairs every attempt with its answer, in order.
func attempts(lines ...string) (map[string]string, []string) {
	expected, order := map[string]string{}, []string{}
	for _, line := range lines {
		attempt, answer, _ := strings.Cut(line, " ")
		expected[attempt] = answer
		order = append(order, attempt)
	}
	return expected, order
}

func (j *jail) imageFiles() {
	j.file("data/open.txt", "open")
	j.file("data/private.key", "key")
	j.file("data/sub/deep.txt", "deep")
	j.file("data/sub/deep.key", "key")
	j.file("opt/target", "behind a link")
	j.must(os.Symlink("/opt/target", filepath.Join(j.root, "data/link.key")))
	j.must(os.Symlink("/etc/passwd", filepath.Join(j.root, "data/outward")))
	j.must(os.Symlink("/opt/target", filepath.Join(j.root, "data/link.txt")))
	j.must(os.Symlink("data", filepath.Join(j.root, "alias")))
	j.must(os.Symlink("/.corral/token/token", filepath.Join(j.root, "data/ours")))
}

func TestWhatIsNotListedCannotBeRead(t *testing.T) {
	j := newJail(t)
	j.imageFiles()
	j.sandbox = `{"files":{"read":["/app/**","/data/*.txt","/alias/sub/deep.txt"]}}`
	expected, order := attempts(
		"read:/data/open.txt ok", "read:/alias/open.txt ok", "read:/proc/self/root/data/open.txt ok",
		"read:/data/private.key EACCES", "read:/proc/self/root/data/private.key EACCES",
		"read:/data/sub/deep.txt ok", "read:/data/sub/deep.key EACCES",
		"read:/data/outward EACCES", "read:/data/ours EACCES", "read:/etc/passwd EACCES",
		"read:/data/link.txt EACCES", "read:/opt/target EACCES", // only a star matches the link
		"list:/data EACCES", "list:/ EACCES",
		"read:/secrets/db/password ok", "read:/work/input.json ok", "read:/proc/self/status ok", "read:/dev/null EOF",
		"write:/work/x ok", "read:/work/x ok", "stat:/data/private.key ok",
		"symlink:/etc/passwd:/work/s ok", "read:/work/s EACCES", "link:/data/open.txt:/work/l EXDEV",
	)
	_, seen := j.tried(expected, order...)
	if seen.Evidence.Files == nil || seen.Evidence.Files.Rules == 0 || len(seen.Evidence.Files.Partial) > 0 {
		t.Errorf("evidence %+v", seen.Evidence.Files)
	}
	if seen.Evidence.Commands != nil {
		t.Errorf("commands are not restricted: %+v", seen.Evidence.Commands)
	}
}

func TestADeniedFileIsClosedInsideWhatIsGrantedAndBehindLinks(t *testing.T) {
	j := newJail(t)
	j.imageFiles()
	j.file("data/sub/linked.txt", "denied by another way to it")
	j.sandbox = `{"files":{"deny":["/**/*.key","/etc/**","/alias/sub/linked.txt","/secrets/**","/dev/shm/**"]}}`
	expected, order := attempts(
		"read:/data/open.txt ok", "read:/data/private.key EACCES", "read:/data/sub/deep.key EACCES", "read:/data/sub/deep.txt ok",
		"read:/data/link.key EACCES", "read:/opt/target EACCES", "read:/etc/passwd EACCES", "read:/data/outward EACCES",
		"read:/data/sub/linked.txt EACCES", "read:/secrets/db/password EACCES", "list:/dev/shm EACCES", "write:/dev/shm/x EACCES",
		"read:/app/probe ok", "execute:/app/probe:exit:0 ok", "read:/work/input.json ok",
	)
	_, seen := j.tried(expected, order...)
	if !strings.Contains(joined(seen.Evidence.Files.Partial), "below /work that do not exist yet") {
		t.Errorf("evidence %+v", seen.Evidence.Files)
	}
}

func TestAHardLinkOfADeniedFileIsSaidInTheEvidence(t *testing.T) {
	j := newJail(t)
	j.imageFiles()
	j.must(os.Link(filepath.Join(j.root, "data/private.key"), filepath.Join(j.root, "data/copy.txt")))
	j.sandbox = `{"files":{"deny":["/data/*.key"]}}`
	// A rule is about the object: granted under its other name, it opens under the denied one too.
	if _, seen := j.run(assignment("/app/probe", "exit", "0")); !strings.Contains(joined(seen.Evidence.Files.Partial), "/data/private.key is denied but has hard links") {
		t.Errorf("evidence %+v", seen.Evidence.Files)
	}
}

func TestOnlyWhatIsListedIsWrittenAndBroughtOut(t *testing.T) {
	j := newJail(t)
	j.sandbox = `{"files":{"write":["/work/out/keep/**","/work/result.json","/work/out/single.txt","/work/out/unused.txt","/work/out/denied.txt"],"denyWrite":["/work/out/denied.txt"]}}`
	expected, order := attempts(
		"write:/work/out/keep/a ok", "write:/work/out/keep/b ok", "write:/work/out/single.txt ok", "truncate:/work/out/single.txt ok",
		"write:/work/out/single.txt ok", "write:/work/out/other EACCES", "write:/work/out/denied.txt EACCES", "write:/work/x EACCES", "write:/work/tmp/x EACCES", "write:/dev/shm/x EACCES",
		"mkdir:/work/out/new EACCES", "rename:/work/out/keep/a:/work/tmp/a EACCES", "rename:/work/out/keep/b:/work/out/b EACCES",
		"link:/work/out/keep/a:/work/out/l EACCES", "truncate:/work/input.json EACCES",
		"symlink:/work/tmp:/work/out/keep/s ok", "write:/work/out/keep/s/x EACCES", "write:/proc/self/root/work/x EACCES",
	)
	a := assignment(append([]string{"/app/probe", "access"}, order...)...)
	a.Artifacts = []protocol.Declaration{{Name: "a", Path: "keep/a"}, {Name: "single", Path: "single.txt"}, {Name: "unused", Path: "unused.txt"}}
	report, seen := j.run(a)
	answers := result[struct{ Answers map[string]string }](t, report).Answers
	for _, attempt := range order {
		if answers[attempt] != expected[attempt] {
			t.Errorf("%s: %s, expected %s", attempt, answers[attempt], expected[attempt])
		}
	}
	states := map[string]string{}
	for _, artifact := range report.Artifacts {
		states[artifact.Name] = artifact.State
	}
	if states["a"] != protocol.ArtifactReady || states["single"] != protocol.ArtifactReady || states["unused"] != protocol.ArtifactSkipped {
		t.Errorf("artifacts %+v", report.Artifacts)
	}
	if len(seen.Evidence.Files.Partial) > 0 {
		t.Errorf("evidence %+v", seen.Evidence.Files)
	}
}

func TestWhatTheKernelCannotKeepFromBeingWrittenIsNotBroughtOut(t *testing.T) {
	j := newJail(t)
	j.sandbox = `{"files":{"write":["/work/out/*.json","/work/out/*.key"],"deny":["/work/out/*.key"]}}`
	_, order := attempts("write:/work/out/a.json", "write:/work/out/a.txt", "write:/work/out/a.key", "write:/work/out/x\ny.json", "write:/work/x")
	a := assignment(append([]string{"/app/probe", "access"}, order...)...)
	a.Artifacts = []protocol.Declaration{{Name: "json", Path: "a.json"}, {Name: "txt", Path: "a.txt"}, {Name: "key", Path: "a.key"}, {Name: "line", Path: "x\ny.json"}}
	report, seen := j.run(a)
	if report.Reason != protocol.HandlerFailed { // the result itself is not among what it may write
		t.Errorf("%s %s", report.Reason, report.Message)
	}
	for name, state := range map[string]string{"json": protocol.ArtifactReady, "txt": protocol.ArtifactFailed, "key": protocol.ArtifactFailed, "line": protocol.ArtifactReady} {
		for _, artifact := range report.Artifacts {
			if artifact.Name == name && (artifact.State != state || state == protocol.ArtifactFailed && artifact.Problem != errNotGranted.Error()) {
				t.Errorf("%+v, expected %s", artifact, state)
			}
		}
	}
	for _, reason := range []string{"every name below /work/out can be written", "denied names below /work/out can be written"} {
		if !strings.Contains(joined(seen.Evidence.Files.Partial), reason) {
			t.Errorf("%q is not in %+v", reason, seen.Evidence.Files)
		}
	}
}

func TestOnlyListedProgramsAreExecuted(t *testing.T) {
	j := newJail(t)
	j.must(os.Link(filepath.Join(programs, "probe"), filepath.Join(j.root, "app/other")))
	copyProgram(t, filepath.Join(programs, "probe"), filepath.Join(j.root, "app/second"))
	j.sandbox = `{"commands":{"allow":["/app/probe"]}}`
	expected, order := attempts(
		"execute:/app/probe:exit:0 ok", "execute:/proc/self/exe:exit:0 ok", "execute:/app/second:exit:0 EACCES", "read:/app/second ok",
		"copy:/app/second:/work/second ok", "execute:/work/second:exit:0 EACCES",
		"copy:/app/probe:/dev/shm/probe ok", "execute:/dev/shm/probe:exit:0 EACCES",
		"memfd:/app/probe EPERM", "execveat:/app/second EPERM", "execveat:/app/probe EPERM",
		"symlink:/app/second:/work/link ok", "execute:/work/link:exit:0 EACCES", "execute:/.corral/bin/corral:version ok",
	)
	_, seen := j.tried(expected, order...)
	if seen.Evidence.Commands == nil || seen.Evidence.Commands.Rules != 1 || len(seen.Evidence.Commands.Partial) > 0 {
		t.Errorf("evidence %+v", seen.Evidence.Commands)
	}
}

func TestADeniedProgramIsNotExecutedThoughNothingElseIsRestricted(t *testing.T) {
	j := newJail(t)
	copyProgram(t, filepath.Join(programs, "probe"), filepath.Join(j.root, "app/second"))
	j.sandbox = `{"commands":{"deny":["/app/second"]}}`
	expected, order := attempts("execute:/app/probe:exit:0 ok", "execute:/app/second:exit:0 EACCES", "memfd:/app/probe EPERM")
	_, seen := j.tried(expected, order...)
	if !strings.Contains(joined(seen.Evidence.Commands.Partial), "every program of the image but the denied ones") {
		t.Errorf("evidence %+v", seen.Evidence.Commands)
	}
}

// Executing takes reading: of what is listed as programs, denied ones must not become readable, nor what is none.
func TestADirectoryOfProgramsOpensProgramsOnly(t *testing.T) {
	j := newJail(t)
	copyProgram(t, filepath.Join(programs, "probe"), filepath.Join(j.root, "app/second"))
	j.file("app/settings", "no program")
	j.sandbox = `{"files":{"read":["/etc/**"],"deny":["/app/second"]},"commands":{"allow":["/app/*"]}}`
	expected, order := attempts("execute:/app/probe:exit:0 ok", "read:/app/probe ok", "execute:/app/second:exit:0 EACCES", "read:/app/second EACCES",
		"read:/app/settings EACCES")
	j.tried(expected, order...)
}

func TestTheHandlersOwnCommandMustBeGranted(t *testing.T) {
	j := newJail(t)
	j.sandbox = `{"commands":{"allow":["/app/else"]}}`
	report, _ := j.run(assignment("/app/probe", "exit", "0"))
	if report.Reason != protocol.HandlerNotStarted || !strings.Contains(report.Message, "not among the granted commands") {
		t.Errorf("%s: %s", report.Reason, report.Message)
	}
}

func TestAProgramThatCannotBeReadDoesNotStartAndTheEndSaysWhy(t *testing.T) {
	j := newJail(t)
	j.sandbox = `{"files":{"read":["/etc/**"]}}`
	report, _ := j.run(assignment("/app/probe", "exit", "0"))
	if report.Reason != protocol.HandlerNotStarted || !strings.Contains(report.Message, "files.read does not list it") {
		t.Errorf("%s: %s", report.Reason, report.Message)
	}
}

func TestSettingsTheLauncherDoesNotKnowKeepItFromStarting(t *testing.T) {
	for _, settings := range []string{`{"unknown":true}`, `{"files":{"read":["../x"]}}`, `{"files":{"rad":[]}}`, `not json`} {
		j := newJail(t)
		j.sandbox = settings
		j.startUnassigned()
		if code, _ := j.wait(); code != 1 || !strings.Contains(j.termination(), "CORRAL_SANDBOX") {
			t.Errorf("%s: exit code %d, %s", settings, code, j.termination())
		}
	}
}

func TestADenyThatReachesIntoAClaimIsSaidToBeUnheld(t *testing.T) {
	for deny, reason := range map[string]string{
		"/files/corpus/private/**": "what is mounted at /files/corpus can be read",
		"/files/corpus":            "what is mounted at /files/corpus can be read",
		"/**/*.pem":                "what is mounted at /files/corpus, /files/other can be read",
		"/etc/**":                  "",
		"/files/absent/**":         "",
	} {
		j := newJail(t)
		for _, file := range []string{"corpus/private/key.pem", "other/x"} { // mounted before the launcher starts, as claims are
			path := filepath.Join(j.root+".files", file)
			j.must(os.MkdirAll(filepath.Dir(path), 0o755))
			j.must(os.WriteFile(path, []byte("claimed"), 0o644))
		}
		j.sandbox = `{"files":{"deny":["` + deny + `"]}}`
		expected, order := attempts("read:/files/corpus/private/key.pem ok")
		_, seen := j.tried(expected, order...)
		if said := joined(seen.Evidence.Files.Partial); !strings.Contains(said, reason) || strings.Contains(said, "claims") != (reason != "") {
			t.Errorf("%s: %s", deny, said)
		}
	}
}

func copyProgram(t *testing.T, from, to string) {
	t.Helper()
	bytes, err := os.ReadFile(from)
	if err == nil {
		err = os.WriteFile(to, bytes, 0o755)
	}
	if err != nil {
		t.Fatal(err)
	}
}

func TestStagedFilesAreReadableUnlessTheyAreDenied(t *testing.T) {
	run := func(name string, probe ...string) *protocol.Report {
		j := newJail(t)
		j.sandbox = `{"files":{"read":["/app/**"],"deny":["/files/*.key"]}}`
		j.gateway.Files = map[string][]byte{name: []byte("bytes")}
		a := assignment(append([]string{"/app/probe", "access"}, probe...)...)
		a.Files = []protocol.File{staged(name, "bytes")}
		report, _ := j.run(a)
		return report
	}
	answers := result[struct{ Answers map[string]string }](t, run("plain.txt", "read:/files/plain.txt", "write:/files/plain.txt")).Answers
	if answers["read:/files/plain.txt"] != "ok" || answers["write:/files/plain.txt"] == "ok" {
		t.Errorf("answers %v", answers)
	}
	if report := run("secret.key"); report.Reason != protocol.InputUnavailable || !strings.Contains(report.Message, "files.deny covers /files/secret.key") {
		t.Errorf("report %+v", report)
	}
}
