package protocol

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"flag"
	"os"
	"strings"
	"testing"
	"unicode/utf8"
)

// The examples are read by the Java side's tests as well; `go test ./protocol -update` rewrites the sealed ones.
const examples = "../../docs/protocol/"

var update = flag.Bool("update", false, "rewrite the sealed examples")

const exampleSession = "s0123456789abcdef"
const exampleExecution = "5a0e3c1e-7d1f-4a56-9d0e-0c5b8f7a2b11" // that of assignment.json

func exampleKey() []byte {
	key := make([]byte, 32)
	for i := range key {
		key[i] = byte(i)
	}
	return key
}

func read(t *testing.T, name string) []byte {
	t.Helper()
	text, err := os.ReadFile(examples + name)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func strict(t *testing.T, text []byte, into any) {
	t.Helper()
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(into); err != nil {
		t.Fatal(err)
	}
}

// sameThere and back: every field of the example has a place in our type, and we write every one of them.
func sameThereAndBack(t *testing.T, name string, value any) {
	t.Helper()
	text := read(t, name)
	strict(t, text, value)
	var compact bytes.Buffer
	if err := json.Compact(&compact, text); err != nil {
		t.Fatal(err)
	}
	written, err := Encode(value)
	if err != nil {
		t.Fatal(err)
	}
	if string(written) != compact.String() {
		t.Errorf("%s\n is %s\nnot %s", name, written, compact.String())
	}
}

func TestExamplesAreWhatWeSpeak(t *testing.T) {
	sameThereAndBack(t, "evidence.json", &Evidence{})
	sameThereAndBack(t, "assignment.json", &Assignment{})
	sameThereAndBack(t, "report.json", &Report{})
	sameThereAndBack(t, "report-failed.json", &Report{})
}

func TestTheExampleAssignmentIsComplete(t *testing.T) {
	var a Assignment
	strict(t, read(t, "assignment.json"), &a)
	if err := a.Check(); err != nil {
		t.Error(err)
	}
	for _, spoil := range []func(*Assignment){
		func(a *Assignment) { a.Command = nil },
		func(a *Assignment) { a.Command = []string{""} },
		func(a *Assignment) { a.Limits.TimeoutMillis = 0 },
		func(a *Assignment) { a.Limits.MemoryBytes = 0 },
		func(a *Assignment) { a.Limits.DiskBytes = -1 },
		func(a *Assignment) { a.Limits.Processes = 0 },
		func(a *Assignment) { a.Limits.OutputBytes = -1 },
		func(a *Assignment) { a.Env = []Variable{{Name: "A=B"}} },
		func(a *Assignment) { a.Env = []Variable{{Name: "A", Value: "x\x00B=y"}} },
		func(a *Assignment) { a.Files = []File{{Name: "a", Size: -1}} },
	} {
		broken := a
		spoil(&broken)
		if broken.Check() == nil {
			t.Errorf("accepted: %+v", broken)
		}
	}
}

func TestSealedExamples(t *testing.T) {
	for source, target := range map[string]string{"report.json": "sealed-report.txt", "report-failed.json": "sealed-report-failed.txt"} {
		var report Report
		strict(t, read(t, source), &report)
		line, err := Seal(exampleKey(), exampleSession, exampleExecution, report)
		if err != nil {
			t.Fatal(err)
		}
		if *update {
			if err := os.WriteFile(examples+target, []byte(line), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		if want := string(read(t, target)); line != want {
			t.Errorf("sealed %s\n is %s\nnot %s", source, line, want)
		}
	}
}

// open is what a reader of a termination message does.
func open(t *testing.T, key []byte, line string) (Report, bool) {
	t.Helper()
	fields := strings.Split(line, " ")
	if len(fields) != 5 || fields[0] != "corral1" || fields[2] != exampleExecution {
		return Report{}, false
	}
	mac := hmac.New(sha256.New, key)
	mac.Write([]byte(strings.Join(fields[:4], " ")))
	if got, err := hex.DecodeString(fields[4]); err != nil || !hmac.Equal(got, mac.Sum(nil)) {
		return Report{}, false
	}
	body, err := base64.RawURLEncoding.DecodeString(fields[3])
	if err != nil {
		t.Fatal(err)
	}
	var report Report
	strict(t, body, &report)
	return report, true
}

func TestASealedReportFitsAndLosesTheLeastNeededFirst(t *testing.T) {
	report := Report{Attempt: 1, Reason: HandlerReturned, LogTail: strings.Repeat("l", 4096), Learned: &Learned{Read: []string{strings.Repeat("/p", 4096)}}}
	seal := func() (Report, int) {
		line, err := Seal(exampleKey(), exampleSession, exampleExecution, report)
		if err != nil {
			t.Fatal(err)
		}
		opened, ok := open(t, exampleKey(), line)
		if !ok || opened.LogTail != "" || opened.Learned != nil || opened.Reason != HandlerReturned {
			t.Errorf("opened %+v", opened)
		}
		return opened, len(line)
	}
	report.Result = json.RawMessage(`"` + strings.Repeat("r", 1000) + `"`)
	report.Artifacts = []Artifact{{Name: "a", Type: "text/plain", State: ArtifactReady}}
	if opened, size := seal(); size > MaxSealed || opened.Result == nil || opened.ResultProblem != "" || opened.Artifacts == nil {
		t.Errorf("everything fits, but %d bytes %+v", size, opened)
	}
	report.Result = json.RawMessage(`"` + strings.Repeat("r", 4000) + `"`)
	if opened, size := seal(); size > MaxSealed || opened.Result != nil || opened.ResultProblem != resultUnsealed || opened.Artifacts == nil {
		t.Errorf("without the result: %d bytes %+v", size, opened)
	}
	for range 50 {
		report.Artifacts = append(report.Artifacts, Artifact{Name: strings.Repeat("n", 60), SHA256: strings.Repeat("0", 64)})
	}
	if opened, size := seal(); size > MaxSealed || opened.Artifacts != nil {
		t.Errorf("without artifacts: %d bytes %+v", size, opened)
	}
	report.Message = "x" + strings.Repeat("ä", 3000) // the limit falls into the middle of a character
	if opened, size := seal(); size > MaxSealed || len(opened.Message) > maxSealedMessage || strings.ContainsRune(opened.Message, utf8.RuneError) {
		t.Errorf("with a short message: %d bytes", size)
	}
}

func TestAForgedSealDoesNotOpen(t *testing.T) {
	line := string(read(t, "sealed-report.txt"))
	if _, ok := open(t, exampleKey(), line); !ok {
		t.Error("the honest one does not open")
	}
	other, _ := Seal(make([]byte, 32), exampleSession, exampleExecution, Report{Reason: HandlerReturned})
	for _, forged := range []string{other, strings.Replace(line, exampleSession, "s0123456789abcdee", 1), line[:len(line)-1] + "0", "corral1 a b"} {
		if _, ok := open(t, exampleKey(), forged); ok && forged != line {
			t.Errorf("opens: %s", forged)
		}
	}
}

func TestTopics(t *testing.T) {
	for topic, valid := range map[string]bool{
		"check.done@v1": true, "a@v1": true, "a1-b.2@v9999": true, "": false, "a": false, "A@v1": false, "1@v1": false, ".a@v1": false, "a.@v1": false,
		"a..b@v1": false, "a.-b@v1": false, "a@v": false, "a@1": false, "a@v0": false, "a@v10000": false, "a@v1@v1": false, "a b@v1": false, "a@v1\n": false,
		"ä@v1": false, "*@v1": false, strings.Repeat("a", 125) + "@v1": true, strings.Repeat("a", 126) + "@v1": false,
	} {
		if ValidTopic(topic) != valid {
			t.Errorf("%q valid: %v", topic, !valid)
		}
	}
	for _, c := range []struct {
		pattern, topic string
		granted        bool
	}{
		{"check.*@v1", "check.done@v1", true}, {"check.*@v1", "check.done@v2", false}, {"check.*@v1", "check.done", false},
		{"check.*", "check.done", true}, {"check.*", "check.done@v1", false}, {"check.*", "checked.x", false}, {"*@v1", "x@v1", true},
		{"check.done@v1", "check.done@v1", true}, {"check.done", "check.done.x", false}, {"c*k", "check", false}, {"", "a", false},
	} {
		if TopicGranted([]string{c.pattern}, c.topic) != c.granted {
			t.Errorf("%q grants %q: %v", c.pattern, c.topic, !c.granted)
		}
	}
}

func TestJSONThatOthersCouldNotReadIsRefused(t *testing.T) {
	for text, good := range map[string]bool{
		`{"a":[1,2.5e3,"}]"]}`: true, `null`: true, "": false, "{": false, "\"\xff\"": false,
		strings.Repeat("[", 64) + strings.Repeat("]", 64): true, strings.Repeat("[", 65) + strings.Repeat("]", 65): false,
		strings.Repeat("9", 101): false, `"` + strings.Repeat("9", 101) + `"`: true, `{"a":1} {"b":2}`: false,
		`"\"` + strings.Repeat("[", 65) + `"`: true,
	} {
		if err := CheckJSON([]byte(text)); (err == nil) != good {
			t.Errorf("%.20q: %v", text, err)
		}
	}
}

func TestOneListOfDocumentsSaysWhatIsTaken(t *testing.T) {
	for line := range strings.Lines(string(read(t, "documents.txt"))) {
		mark, document, found := strings.Cut(strings.TrimSuffix(line, "\n"), " ")
		if mark == "#" {
			continue
		}
		if err := CheckJSON([]byte(document)); !found || (err == nil) != (mark == "+") {
			t.Errorf("%s: %v", line, err)
		}
	}
	for length, good := range map[int]bool{500: true, 501: false} { // ProtocolTest reads the longest
		if err := CheckJSON([]byte(`{"` + strings.Repeat("a", length) + `":1}`)); (err == nil) != good {
			t.Errorf("a name of %d bytes: %v", length, err)
		}
	}
}

func TestPrintableKeepsTerminalsSafe(t *testing.T) {
	for raw, want := range map[string]string{
		"plain\n\ttext": "plain\n\ttext", "\x1b[31mred\x1b[0m": "red", "a\r\nb": "a\nb", "a\x00b\x07": "ab", "\u202egnp.exe": "gnp.exe",
		"zero\u200bwidth": "zerowidth", "bad\xffbyte": "badbyte", "\x1b]0;title\x07x": "]0;titlex", "\x1b[": "", "c1\u009b31m": "c131m",
	} {
		if got := Printable([]byte(raw)); got != want {
			t.Errorf("%q became %q, not %q", raw, got, want)
		}
	}
}
