package main

import (
	"crypto/sha256"
	"encoding/hex"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"dev.corral/launcher/gatewaytest"
	"dev.corral/launcher/protocol"
)

func staged(name, bytes string) protocol.File {
	sum := sha256.Sum256([]byte(bytes))
	return protocol.File{Name: name, SHA256: hex.EncodeToString(sum[:]), Size: int64(len(bytes))}
}

func TestStagedFilesCanBeReadAndNotChanged(t *testing.T) {
	j := newJail(t)
	j.gateway.Files = map[string][]byte{"rules.yaml": []byte("depth: 2\n"), "empty": {}}
	a := assignment("/app/probe", "staged", "/files")
	a.Files = []protocol.File{staged("rules.yaml", "depth: 2\n"), staged("empty", "")}
	report, _ := j.run(a)
	got := result[struct{ Contents, Answers map[string]string }](t, report)
	if len(got.Contents) != 2 || got.Contents["rules.yaml"] != "depth: 2\n" {
		t.Errorf("contents %v", got.Contents)
	}
	for _, way := range []string{"write", "truncate", "rename", "hardlink", "unlink", "create", "mkdir", "symlink"} {
		if got.Answers[way] == "" {
			t.Errorf("%s worked: %v", way, got.Answers)
		}
	}
}

// Whatever is lost on the way, the handler finds whole files.
func TestStagedFilesSurviveALostMessage(t *testing.T) {
	for word, fault := range map[string]gatewaytest.Fault{"unheard": gatewaytest.Unheard, "unanswered": gatewaytest.Unanswered, "busy": gatewaytest.Busy} {
		t.Run(word, func(t *testing.T) {
			j := newJail(t)
			j.gateway.Files = map[string][]byte{"big": []byte(strings.Repeat("x", 3<<20))}
			j.gateway.Fault = func(name string, count int) gatewaytest.Fault {
				if name == "GET /v1/files/big" && count <= 2 {
					return fault
				}
				return gatewaytest.None
			}
			a := assignment("/app/probe", "echo")
			a.Files = []protocol.File{staged("big", strings.Repeat("x", 3<<20))}
			report, seen := j.run(a)
			if report.Reason != protocol.HandlerReturned || seen.Counts["GET /v1/files/big"] != 3 {
				t.Errorf("report %+v, counts %v", report, seen.Counts)
			}
			bytes, err := os.ReadFile(filepath.Join(j.root+".files", "big"))
			if err != nil || len(bytes) != 3<<20 {
				t.Errorf("%d bytes, %v", len(bytes), err)
			}
		})
	}
}

// A file that is not what was announced is worse than none: the handler is not started.
func TestAFileThatIsNotAsAnnouncedStartsNothing(t *testing.T) {
	for word, bytes := range map[string]string{"changed": "depth: 3\n", "longer": "depth: 2\n\n", "shorter": "depth", "gone": ""} {
		t.Run(word, func(t *testing.T) {
			j := newJail(t)
			if bytes != "" {
				j.gateway.Files = map[string][]byte{"rules.yaml": []byte(bytes)}
			}
			a := assignment("/app/probe", "echo")
			a.Files = []protocol.File{staged("rules.yaml", "depth: 2\n")}
			report, seen := j.run(a)
			if report.Reason != protocol.InputUnavailable || !strings.Contains(report.Message, "rules.yaml") ||
				seen.Counts["POST /v1/started"] != 0 || len(report.Result) != 0 {
				t.Errorf("report %+v, counts %v", report, seen.Counts)
			}
		})
	}
}

func TestStagedFilesCountAgainstTheDisk(t *testing.T) {
	j := newJail(t)
	j.gateway.Files = map[string][]byte{"big": []byte(strings.Repeat("x", 3<<20))}
	a := assignment("/app/probe", "disk", "3", "--hold")
	a.Files = []protocol.File{staged("big", strings.Repeat("x", 3<<20))}
	a.Limits.DiskBytes = 5 << 20
	if report, _ := j.run(a); report.Reason != protocol.DiskExceeded && report.Reason != protocol.HandlerFailed {
		t.Errorf("3 MiB beside 3 MiB of files in 5 MiB: %+v", report)
	}

	j = newJail(t)
	j.gateway.Files = map[string][]byte{"big": []byte(strings.Repeat("x", 3<<20))}
	a.Limits.DiskBytes = 2 << 20
	if report, seen := j.run(a); report.Reason != protocol.InputUnavailable || seen.Counts["GET /v1/files/big"] != 0 {
		t.Errorf("files larger than the disk: %+v, counts %v", report, seen.Counts)
	}
}

func TestAFileNameStaysInItsDirectory(t *testing.T) {
	for _, name := range []string{"", ".", "..", "../work/x", "a/b", "/etc/passwd", "a\x00b"} {
		a := assignment("/app/probe")
		a.Files = []protocol.File{{Name: name}}
		if a.Check() == nil {
			t.Errorf("%q passes", name)
		}
	}
}

// Who was told to stop while its files were brought does not start.
func TestAnOrderWhileFilesAreStagedStartsNothing(t *testing.T) {
	j := newJail(t)
	j.gateway.Files = map[string][]byte{"rules.yaml": []byte("depth: 2\n")}
	j.gateway.Stop <- "PolicyRevoked"
	ordered := 0
	j.gateway.Fault = func(name string, _ int) gatewaytest.Fault {
		if name != "GET /v1/files/rules.yaml" || ordered > 1 {
			return gatewaytest.None
		}
		if j.gateway.Seen().Counts["GET /v1/control"] > 0 {
			ordered++ // it is asked again after a pause, in which the order arrives
		}
		return gatewaytest.Busy
	}
	a := assignment("/app/probe", "echo")
	a.Files = []protocol.File{staged("rules.yaml", "depth: 2\n")}
	report, _ := j.run(a)
	if report.Reason != "PolicyRevoked" || !strings.Contains(report.Message, "before the handler started") || len(report.Result) != 0 {
		t.Errorf("report %+v", report)
	}
}
