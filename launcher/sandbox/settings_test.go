package sandbox

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

func TestSettingsAreReadWholeOrNotAtAll(t *testing.T) {
	for _, text := range []string{"", "{}", `{"files":{"read":[]}}`, `{"files":{"write":["/work/**"],"deny":["/**/*.key"]},"commands":{"allow":["/app/*"]},"learn":true}`, `{"proxy":{"port":3128,"tunnel":8445}}`,
		`{"proxy":{"port":3128,"tunnel":8445,"connect":["443","8000-8100"],"direct":["203.0.113.0/24"]}}`} {
		if _, err := ReadSettings(text); err != nil {
			t.Errorf("%q: %v", text, err)
		}
	}
	for _, text := range []string{`{"file":{}}`, `{"lern":true}`, `{"learn":"true"}`, `{}{}`, `[]`, `{"files":{"read":"x"}}`, `{`, `{} x`, `{"files":{"read":["x"]}}`, `{"commands":{"allow":["/a/../b"]}}`,
		`{"proxy":{}}`, `{"proxy":{"port":3128}}`, `{"proxy":{"port":3128,"tunnel":1,"connect":["0"]}}`, `{"proxy":{"port":3128,"tunnel":1,"connect":["5-4"]}}`,
		`{"proxy":{"port":3128,"tunnel":1,"connect":["1-65535"]}}`, `{"proxy":{"port":70000,"tunnel":1}}`, `{"proxy":{"port":1,"tunnel":1,"direct":["x"]}}`} {
		if got, err := ReadSettings(text); err == nil {
			t.Errorf("%q was taken as %+v", text, got)
		}
	}
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
	busybox := filepath.Join(dir, "busybox")
	if err := os.Link(static, busybox); err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]string{static: "", script: "is a script", busybox: "is an interpreter", "/bin/ls": "is dynamically linked",
		source: "no 64-bit ELF", "/usr/bin/python3.12": "is an interpreter"} {
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
