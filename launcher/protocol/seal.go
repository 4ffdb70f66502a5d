package protocol

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"strings"
	"unicode/utf8"
)

// MaxSealed is what the kubelet keeps of a termination message.
const MaxSealed = 4096

// maxSealedMessage keeps a talkative error from pushing the verdict out of the termination message.
const maxSealedMessage = 512

// resultUnsealed is read where the report itself never arrived.
const resultUnsealed = "the report did not reach the gateway, and the pod's termination message has no room for the result"

// Seal renders the report for the termination message. Anyone may write that file, so the line carries a MAC
// under the session key, which no handler ever sees. It names the execution, too: it is nobody else's report, should somebody
// else claim the pod later, and proves to that one that nothing of it ran here. What does not fit is left out, least needed first.
func Seal(key []byte, session, execution string, r Report) (string, error) {
	r.LogTail = ""
	r.Learned = nil // a termination message has no room for it
	trims := []func(){
		func() {},
		func() {
			if len(r.Result) > 0 {
				r.Result, r.ResultProblem = nil, resultUnsealed
			}
		},
		func() { r.Artifacts = nil },
		func() {
			r.Message = Cut(r.Message, maxSealedMessage)
			r.ResultProblem = Cut(r.ResultProblem, maxSealedMessage)
		},
	}
	var line string
	for _, trim := range trims {
		trim()
		body, err := Encode(r)
		if err != nil {
			return "", err
		}
		if line = sealBytes(key, session, execution, body); len(line) <= MaxSealed {
			break
		}
	}
	return line, nil
}

func sealBytes(key []byte, session, execution string, body []byte) string {
	signed := "corral1 " + session + " " + execution + " " + base64.RawURLEncoding.EncodeToString(body)
	mac := hmac.New(sha256.New, key)
	mac.Write([]byte(signed))
	return signed + " " + hex.EncodeToString(mac.Sum(nil))
}

// Encode is JSON without the HTML escapes of Go's default, which would inflate results for no reader.
func Encode(v any) ([]byte, error) {
	var out bytes.Buffer
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(v); err != nil {
		return nil, err
	}
	return bytes.TrimRight(out.Bytes(), "\n"), nil
}

// Cut shortens text to at most max bytes without splitting a character.
func Cut(text string, max int) string {
	if len(text) <= max {
		return text
	}
	for max > 0 && !utf8.RuneStart(text[max]) {
		max--
	}
	return text[:max]
}

// Printable keeps text a person may see in a terminal: no control characters but newline and tab, no escape sequences,
// no characters that turn or hide their neighbours.
func Printable(raw []byte) string {
	var out strings.Builder
	for len(raw) > 0 {
		r, size := utf8.DecodeRune(raw)
		if r == 0x1b {
			raw = raw[escapeLength(raw):]
			continue
		}
		raw = raw[size:]
		if (r == utf8.RuneError && size == 1) || hidden(r) {
			continue
		}
		out.WriteRune(r)
	}
	return out.String()
}

// escapeLength measures a CSI sequence (ESC [ parameters final) so that "ESC[31m" does not leave "[31m" behind.
func escapeLength(raw []byte) int {
	if len(raw) < 2 || raw[1] != '[' {
		return 1
	}
	for i := 2; i < len(raw); i++ {
		if raw[i] >= 0x40 && raw[i] <= 0x7e {
			return i + 1
		}
		if raw[i] < 0x20 || raw[i] > 0x7e {
			return i
		}
	}
	return len(raw)
}

func hidden(r rune) bool {
	switch {
	case r == '\n' || r == '\t':
		return false
	case r < 0x20, r >= 0x7f && r < 0xa0: // C0, DEL, C1
		return true
	case r >= 0x200b && r <= 0x200f, r >= 0x2028 && r <= 0x202e, r >= 0x2060 && r <= 0x206f, r == 0xfeff, r == 0x61c:
		return true // zero width, line separators, bidirectional overrides
	}
	return false
}
