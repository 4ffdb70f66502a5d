package supervise

import (
	"io"
	"os"
	"sync"
	"time"
)

const (
	tailBytes   = 4 << 10
	chunkBytes  = 16 << 10
	queueChunks = 16
	// A log reader that takes nothing for this long stops holding the handler up; what it misses is cut.
	patience = time.Second

	// LogCap is how much of a handler's output reaches the container's log.
	LogCap = 10 << 20
)

// Output copies the handler's stdout and stderr to ours and keeps the end of it. The copy is bounded in bytes and in
// time: neither a talkative handler nor a stuck log reader may hold up the run or its end.
type Output struct {
	budget  int64
	pumps   sync.WaitGroup
	writers sync.WaitGroup
	sources []*os.File

	mu   sync.Mutex
	tail []byte
	left int64
	cut  bool
	seen int64
}

// NewOutput copies at most budget bytes altogether.
func NewOutput(budget int64) *Output { return &Output{budget: budget, left: budget} }

// Copy begins to carry one stream.
func (o *Output) Copy(source *os.File, sink io.Writer) {
	o.sources = append(o.sources, source)
	queue := make(chan []byte, queueChunks)
	o.pumps.Go(func() { o.pump(source, queue) })
	o.writers.Go(func() {
		for chunk := range queue {
			sink.Write(chunk) // nobody could be told that this failed
		}
	})
}

func (o *Output) pump(source io.Reader, queue chan<- []byte) {
	defer close(queue)
	stalled := false
	buffer := make([]byte, chunkBytes)
	for {
		n, err := source.Read(buffer)
		if n > 0 {
			if chunk := o.take(buffer[:n]); len(chunk) > 0 {
				stalled = !offer(queue, chunk, stalled)
			}
		}
		if err != nil {
			return
		}
	}
}

// take keeps the tail and returns a copy of what still fits into the log.
func (o *Output) take(data []byte) []byte {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.seen += int64(len(data))
	o.tail = append(o.tail, data...)
	if excess := len(o.tail) - tailBytes; excess > 0 {
		o.tail = append(o.tail[:0], o.tail[excess:]...)
	}
	if o.cut {
		return nil
	}
	chunk := append([]byte(nil), data[:min(int64(len(data)), o.left)]...)
	if o.left -= int64(len(chunk)); len(chunk) < len(data) {
		o.cut = true
		chunk = append(chunk, "\ncorral: output cut\n"...)
	}
	return chunk
}

// offer hands the chunk on; a stream that has stalled once is only offered to while its queue has room.
func offer(queue chan<- []byte, chunk []byte, stalled bool) (taken bool) {
	select {
	case queue <- chunk:
		return true
	default:
	}
	if stalled {
		return false
	}
	timer := time.NewTimer(patience)
	defer timer.Stop()
	select {
	case queue <- chunk:
		return true
	case <-timer.C:
		return false
	}
}

// Finish is called when no process is left that could write. It waits for the rest, within reason, and returns the tail,
// and how much was written altogether if that was more than the log took, else 0.
func (o *Output) Finish(within time.Duration) (tail []byte, cut int64) {
	done := make(chan struct{})
	go func() {
		o.pumps.Wait()
		o.writers.Wait()
		close(done)
	}()
	timer := time.NewTimer(within)
	defer timer.Stop()
	select {
	case <-done:
	case <-timer.C:
	}
	for _, source := range o.sources {
		source.Close()
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.cut {
		cut = o.seen
	}
	return append([]byte(nil), o.tail...), cut
}
