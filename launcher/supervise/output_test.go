package supervise

import (
	"bytes"
	"os"
	"strings"
	"sync"
	"testing"
	"time"
)

type sink struct {
	mu  sync.Mutex
	got bytes.Buffer
}

func (s *sink) Write(data []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.got.Write(data)
}

func pipeOf(t *testing.T, text string) *os.File {
	t.Helper()
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	go func() {
		w.WriteString(text)
		w.Close()
	}()
	return r
}

func TestOutputIsCopiedAndItsEndKept(t *testing.T) {
	text := strings.Repeat("0123456789abcdef", 4096)
	var to sink
	output := NewOutput(1 << 20)
	output.Copy(pipeOf(t, text), &to)
	tail, _ := output.Finish(time.Minute)
	if to.got.String() != text || string(tail) != text[len(text)-tailBytes:] {
		t.Errorf("%d bytes copied, %d kept", to.got.Len(), len(tail))
	}
}

func TestOutputIsCutOnceAndBothStreamsShareTheBudget(t *testing.T) {
	var out, errors sink
	output := NewOutput(1000)
	output.Copy(pipeOf(t, strings.Repeat("o", 5000)), &out)
	output.Copy(pipeOf(t, strings.Repeat("e", 5000)), &errors)
	_, written := output.Finish(time.Minute)
	all := out.got.String() + errors.got.String()
	if strings.Count(all, "o")+strings.Count(all, "e") > 1000+len("corral: output cut\n") || strings.Count(all, "output cut") != 1 || written != 10000 {
		t.Errorf("%d bytes: %q", len(all), all[len(all)-40:])
	}
}

type stuck struct{ release chan struct{} }

func (s stuck) Write(data []byte) (int, error) {
	<-s.release
	return len(data), nil
}

// Nobody reads our log: the handler still gets rid of everything it writes, and the end does not wait for ever.
func TestAStuckLogReaderHoldsNobodyUp(t *testing.T) {
	release := make(chan struct{})
	defer close(release)
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	output := NewOutput(1 << 30)
	output.Copy(r, stuck{release})
	written := make(chan error, 1)
	go func() {
		_, err := w.Write(make([]byte, 8<<20))
		w.Close()
		written <- err
	}()
	if err := <-written; err != nil { // a hang here is the failure
		t.Error(err)
	}
	if tail, _ := output.Finish(10 * time.Millisecond); len(tail) == 0 {
		t.Error("no tail")
	}
}
