package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestInstallLeavesAWholeExecutableCopyOfItself(t *testing.T) {
	to := filepath.Join(t.TempDir(), "corral")
	var complaints strings.Builder
	if code := install([]string{to}, &complaints); code != 0 {
		t.Fatalf("install ended with %d: %s", code, complaints.String())
	}
	self, err := os.ReadFile("/proc/self/exe")
	if err != nil {
		t.Fatal(err)
	}
	copied, err := os.ReadFile(to)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(self, copied) {
		t.Errorf("the copy has %d bytes, the program %d", len(copied), len(self))
	}
	about, err := os.Stat(to)
	if err != nil {
		t.Fatal(err)
	}
	if about.Mode().Perm() != 0o555 {
		t.Errorf("mode %v", about.Mode())
	}
}

func TestInstallSaysWhatIsWrong(t *testing.T) {
	var complaints strings.Builder
	if code := install(nil, &complaints); code != 2 || !strings.Contains(complaints.String(), "usage") {
		t.Errorf("%d %q", code, complaints.String())
	}
	complaints.Reset()
	if code := install([]string{"/nowhere/corral"}, &complaints); code != 1 || !strings.Contains(complaints.String(), "/nowhere") {
		t.Errorf("%d %q", code, complaints.String())
	}
}
