package handlerapi

import (
	"context"
	"sync"

	"dev.corral/launcher/protocol"
)

// queueBytes bounds what an unreachable gateway may cost us in memory; a handler that goes on is told 429.
const queueBytes = 2 << 20

// Queue holds accepted events until the gateway has them. Sequence numbers are given at acceptance, without gaps.
type Queue struct {
	mu       sync.Mutex
	patterns []string
	budget   int
	pending  []protocol.Event
	bytes    int
	next     int
	totals   protocol.EventTotals
	changed  chan struct{} // has room for one: "look again"
	closed   bool
	tried    func(topic string) // told of every topic, granted or not; nil outside of mode Learn
}

// NewQueue grants nothing yet.
func NewQueue() *Queue { return &Queue{next: 1, changed: make(chan struct{}, 1)} }

// Grant says which topics the assignment allows, and how many events altogether.
func (q *Queue) Grant(patterns []string, budget int) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.patterns, q.budget = patterns, budget
}

// Tell wants to hear of every topic a handler tries. It is called before there is a handler.
func (q *Queue) Tell(tried func(topic string)) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.tried = tried
}

type verdict int

const (
	accepted verdict = iota
	denied
	spent
	full
)

func (q *Queue) offer(event protocol.Event) verdict {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.totals.Emitted++
	if q.tried != nil {
		q.tried(event.Topic)
	}
	if !protocol.TopicGranted(q.patterns, event.Topic) {
		q.totals.Denied++
		return denied
	}
	size := sizeOf(event)
	spentAll := q.next > q.budget
	if spentAll || q.bytes+size > queueBytes || q.closed {
		q.totals.Dropped++
		if spentAll {
			return spent
		}
		return full
	}
	event.Seq = q.next
	q.next++
	q.bytes += size
	q.pending = append(q.pending, event)
	q.wake()
	return accepted
}

// sizeOf is not less than it takes as JSON: the gateway counts what it is sent.
func sizeOf(event protocol.Event) int {
	return protocol.Written(event.Topic) + protocol.Written(event.Message) + protocol.Written(event.Key) + len(event.Data) + 64
}

func (q *Queue) wake() {
	select {
	case q.changed <- struct{}{}:
	default:
	}
}

// Next waits for events and returns up to count of them and about size bytes, without removing them. It returns none
// when the queue is closed and empty, or the context has ended.
func (q *Queue) Next(ctx context.Context, count, size int) []protocol.Event {
	for {
		q.mu.Lock()
		batch, closed := q.batch(count, size), q.closed
		q.mu.Unlock()
		if len(batch) > 0 || closed {
			return batch
		}
		select {
		case <-q.changed:
		case <-ctx.Done():
			return nil
		}
	}
}

func (q *Queue) batch(count, size int) []protocol.Event {
	var batch []protocol.Event
	for _, event := range q.pending {
		size -= sizeOf(event)
		if len(batch) == count || (size < 0 && len(batch) > 0) {
			break
		}
		batch = append(batch, event)
	}
	return batch
}

// Done removes a batch the gateway has answered for.
func (q *Queue) Done(batch []protocol.Event, answer protocol.EventsAnswer) {
	q.mu.Lock()
	defer q.mu.Unlock()
	for _, event := range batch {
		q.bytes -= sizeOf(event)
	}
	q.pending = append([]protocol.Event(nil), q.pending[len(batch):]...)
	q.totals.Denied += answer.Denied
	q.totals.Dropped += answer.Dropped
}

// Close: no process is left that could emit.
func (q *Queue) Close() {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.closed = true
	q.wake()
}

// Totals: emitted is all that was tried, also what was denied or dropped. What is still pending counts as dropped; it is asked when nothing more will be sent.
func (q *Queue) Totals() protocol.EventTotals {
	q.mu.Lock()
	defer q.mu.Unlock()
	totals := q.totals
	totals.Dropped += len(q.pending)
	return totals
}
