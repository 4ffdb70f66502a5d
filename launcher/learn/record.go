package learn

import (
	"slices"
	"strings"
	"sync"

	"dev.corral/launcher/protocol"
)

const (
	mostEntries = 1024     // of each kind
	mostBytes   = 96 << 10 // of all of them together, written as JSON: the gateway takes reports of 256 KiB
)

// Record is what was learned so far: names and addresses, never what is in a file, a variable or a message. It is
// bounded; what does not fit is counted.
type Record struct {
	mu                                           sync.Mutex
	read, write, execute, connect, names, topics set
	room                                         int
	unreadable, overflow                         int
}

type set map[string]struct{}

// NewRecord is empty.
func NewRecord() *Record {
	return &Record{read: set{}, write: set{}, execute: set{}, connect: set{}, names: set{}, topics: set{}, room: mostBytes}
}

func (r *Record) put(into set, value string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if _, known := into[value]; known {
		return
	}
	size := protocol.Written(value)
	if len(into) >= mostEntries || size > r.room {
		r.overflow++
		return
	}
	r.room -= size
	into[value] = struct{}{}
}

func (r *Record) has(in set, value string) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	_, known := in[value]
	return known
}

// Name of a host and its port that was asked for at the proxy.
func (r *Record) Name(hostPort string) {
	r.put(r.names, protocol.Printable([]byte(protocol.Cut(hostPort, 300))))
}

// Topic of an event that was emitted or tried.
func (r *Record) Topic(topic string) {
	r.put(r.topics, protocol.Printable([]byte(protocol.Cut(topic, 200))))
}

func (r *Record) failed() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.unreadable++
}

// Learned so far, sorted.
func (r *Record) Learned() protocol.Learned {
	r.mu.Lock()
	defer r.mu.Unlock()
	return protocol.Learned{
		Read: sorted(r.read), Write: sorted(r.write), Execute: sorted(r.execute), Connect: sorted(r.connect),
		Names: sorted(r.names), Topics: sorted(r.topics), Unreadable: r.unreadable, Overflow: r.overflow,
	}
}

func sorted(of set) []string {
	all := make([]string, 0, len(of))
	for value := range of {
		all = append(all, strings.ToValidUTF8(value, "\uFFFD"))
	}
	slices.Sort(all)
	return slices.Compact(all)
}
