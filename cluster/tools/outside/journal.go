package main

import (
	"encoding/json"
	"net"
	"os"
	"sync"
	"time"
)

// entry is one line of the journal. Event is packet (the first of a TCP connection, any UDP or ICMP one, whatever the port),
// connection (accepted), request (HTTP) or query (DNS).
type entry struct {
	Time   string `json:"time"`
	Event  string `json:"event"`
	Proto  string `json:"proto,omitempty"`
	Local  string `json:"local"`
	Remote string `json:"remote"`
	Method string `json:"method,omitempty"`
	Name   string `json:"name,omitempty"`
	Path   string `json:"path,omitempty"`
}

type journal struct {
	mutex sync.Mutex
	file  *os.File
}

func openJournal(path string) (*journal, error) {
	file, err := os.OpenFile(path, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o644)
	return &journal{file: file}, err
}

func (j *journal) write(e entry) {
	e.Time = time.Now().UTC().Format(time.RFC3339Nano)
	line, err := json.Marshal(e)
	check(err)
	j.mutex.Lock()
	defer j.mutex.Unlock()
	_, err = j.file.Write(append(line, '\n'))
	check(err) // a journal with holes would prove nothing
}

// listen notes every connection before anything is read from it.
func (j *journal) listen(inner net.Listener) net.Listener { return noting{inner, j} }

type noting struct {
	net.Listener
	journal *journal
}

func (n noting) Accept() (net.Conn, error) {
	connection, err := n.Listener.Accept()
	if err == nil {
		n.journal.write(entry{Event: "connection", Proto: "tcp", Local: connection.LocalAddr().String(), Remote: connection.RemoteAddr().String()})
	}
	return connection, err
}
