package sandbox

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

func TestSettingsAreReadWholeOrNotAtAll(t *testing.T) {
	for _, text := range []string{"", "{}", `{"files":{"read":[]}}`, `{"files":{"write":["/work/**"],"deny":["/**/*.key"]},"commands":{"allow":["/app/*"]},"learn":true}`, `{"proxy":{"port":3128,"tunnel":8445}}`,
		`{"proxy":{"port":3128,"tunnel":8445,"connect":["443","8000-8100"],"direct":["203.0.113.0/24"]}}`,
		`{"proxy":{"port":3128,"tunnel":1,"connect":["1-1024"]}}`, aliases("127.64.0.1 a.example 8000-8063", "127.64.0.2 b.example 8000-8063")} {
		if _, err := ReadSettings(text); err != nil {
			t.Errorf("%q: %v", text, err)
		}
	}
	for _, text := range []string{`{"file":{}}`, `{"lern":true}`, `{"learn":"true"}`, `{}{}`, `[]`, `{"files":{"read":"x"}}`, `{`, `{} x`, `{"files":{"read":["x"]}}`, `{"commands":{"allow":["/a/../b"]}}`,
		`{"proxy":{}}`, `{"proxy":{"port":3128}}`, `{"proxy":{"port":3128,"tunnel":1,"connect":["0"]}}`, `{"proxy":{"port":3128,"tunnel":1,"connect":["5-4"]}}`,
		`{"proxy":{"port":3128,"tunnel":1,"connect":["1-1025"]}}`, `{"proxy":{"port":3128,"tunnel":1,"connect":["1-1024","2000"]}}`, `{"proxy":{"port":70000,"tunnel":1}}`, `{"proxy":{"port":1,"tunnel":1,"direct":["x"]}}`,
		aliases("10.0.0.1 a.example 8000"), aliases("127.64.0.1  8000"), aliases("127.64.0.1 a.example 8000-8063", "127.64.0.2 b.example 8000-8064")} {
		if got, err := ReadSettings(text); err == nil {
			t.Errorf("%q was taken as %+v", text, got)
		}
	}
}

// aliases are settings with these: an address, a name and ports.
func aliases(lines ...string) string {
	var all []string
	for _, line := range lines {
		words := strings.Split(line, " ")
		all = append(all, fmt.Sprintf(`{"address":%q,"name":%q,"ports":[%q]}`, words[0], words[1], words[2]))
	}
	return `{"proxy":{"port":3128,"tunnel":1,"aliases":[` + strings.Join(all, ",") + `]}}`
}

func TestProgramsThatRunOthersCodeAreKnown(t *testing.T) {
	dir := t.TempDir()
	static := filepath.Join(dir, "static")
	source := filepath.Join(dir, "main.go")
	if err := os.WriteFile(source, []byte("package main\nfunc main() {}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	build := exec.Command("go", "build", "-o", static, source)
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if output, err := build.CombinedOutput(); err != nil {
		t.Fatal(string(output))
	}
	script := filepath.Join(dir, "script")
	if err := os.WriteFile(script, []byte("#!/bin/true\n"), 0o700); err != nil {
		t.Fatal(err)
	}
	torn := filepath.Join(dir, "torn") // an image may hold anything
	if err := os.WriteFile(torn, []byte("\x7fELF\x02\x01"), 0o700); err != nil {
		t.Fatal(err)
	}
	busybox := filepath.Join(dir, "busybox")
	if err := os.Link(static, busybox); err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]string{static: "", script: "is a script", busybox: "is an interpreter", "/bin/ls": "is dynamically linked",
		source: "no 64-bit ELF", torn: "no 64-bit ELF", "/usr/bin/python3.12": "is an interpreter"} {
		if got := openEnded(path); want == "" && got != "" || !strings.Contains(got, want) {
			t.Errorf("%s: %q, expected %q", path, got, want)
		}
	}
	loader, err := filepath.EvalSymlinks("/lib64/ld-linux-x86-64.so.2")
	if err == nil {
		if got := openEnded(loader); !strings.Contains(got, "loader") {
			t.Errorf("%s: %q", loader, got)
		}
	}
}

// What the handler's own input left in /work must not become its command.
func TestCommandsAreFoundInAbsoluteDirectoriesOnly(t *testing.T) {
	dir := t.TempDir()
	tool := filepath.Join(dir, "out", "tool")
	if err := os.MkdirAll(filepath.Dir(tool), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(tool, []byte("#!/bin/true\n"), 0o700); err != nil {
		t.Fatal(err)
	}
	t.Chdir(dir)
	if found, err := findCommand("tool", []string{"PATH=:.:out:./out:/nowhere"}); err == nil {
		t.Errorf("found %s", found)
	}
	if found, err := findCommand("tool", []string{"PATH=out:" + filepath.Dir(tool)}); err != nil || found != tool {
		t.Errorf("found %s, %v", found, err)
	}
}

func TestPortsAreConfinedFromTheKernelOnThatCan(t *testing.T) {
	proxy := Proxy{Port: 3128, Tunnel: 8445, Connect: &[]string{"443"}}
	for abi, rules := range map[int]int{0: 0, tcpABI - 1: 0, tcpABI: 2} {
		got, evidence, err := proxy.confine(abi)
		if err != nil || len(got) != rules || evidence.Rules != rules || (len(evidence.Partial) == 0) != (rules > 0) {
			t.Errorf("ABI %d: %d rules, %+v, %v", abi, len(got), evidence, err)
		}
	}
}

// More than this is refused, before anything is started: see docs/policies.md.
func TestWhatAClassNeedsIsBounded(t *testing.T) {
	rules := expansion{rules: maxRules - 1}
	if err := rules.rule(); err != nil {
		t.Error(err)
	}
	if err := rules.rule(); err != errTooMuch {
		t.Error(err)
	}
	dir := t.TempDir()
	if err := os.Mkdir(filepath.Join(dir, "one"), 0o700); err != nil {
		t.Fatal(err)
	}
	seen := expansion{seen: maxEntries - 1}
	if found, err := seen.entries(dir); err != nil || len(found) != 1 {
		t.Errorf("%v, %v", found, err)
	}
	if _, err := seen.entries(dir); err != errTooMuch {
		t.Error(err)
	}
}

func FuzzReadSettings(f *testing.F) {
	for _, seed := range []string{"", "{}", `{"files":{"read":["/app/**"],"write":[],"deny":["/**/*.key"],"denyWrite":["/work/x"]},"commands":{"allow":["/app/*"],"deny":["/bin/sh"]}}`,
		`{"files":{"read":["/../x"]}}`, `{"unknown":1}`, `{}{}`, "{\"files\":{\"read\":[\"/\x00\"]}}"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		settings, err := ReadSettings(text)
		if err != nil {
			return
		}
		if _, err := settings.Exports(); err != nil {
			t.Fatalf("%q was read but cannot be compiled: %v", text, err)
		}
	})
}
