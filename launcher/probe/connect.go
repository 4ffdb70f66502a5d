package main

import (
	"encoding/json"
	"errors"
	"net"
	"os"
	"strings"
	"sync"
	"time"

	"golang.org/x/sys/unix"
)

// A pod of a second ago may not answer its neighbours yet under its IPv6 address (RFC 4862, 5.4); the second SYN is answered.
const connectWait = 2500 * time.Millisecond

type connected struct {
	Addr   string `json:"addr"`
	Result string `json:"result"`
	Millis int64  `json:"millis"`
}

// connectAll tries HOST:PORT (TCP) and udp:HOST:PORT (a DNS question) all at once.
func connectAll(targets []string) []connected {
	results := make([]connected, len(targets))
	var all sync.WaitGroup
	for i, target := range targets {
		all.Go(func() {
			began := time.Now()
			var err error
			if address, udp := strings.CutPrefix(target, "udp:"); udp {
				err = askDNS(address)
			} else {
				err = connectTCP(target)
			}
			results[i] = connected{target, describe(err), millisSince(began)}
		})
	}
	all.Wait()
	return results
}

func connectTCP(address string) error {
	conn, err := net.DialTimeout("tcp", address, connectWait)
	if err != nil {
		return err
	}
	return conn.Close()
}

// askDNS sends one question for the root's name servers; any answer at all means that the port is open.
func askDNS(address string) error {
	conn, err := net.DialTimeout("udp", address, connectWait)
	if err != nil {
		return err
	}
	defer conn.Close()
	conn.SetDeadline(time.Now().Add(connectWait))
	question := []byte{0x43, 0x52, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 2, 0, 1}
	if _, err := conn.Write(question); err != nil {
		return err
	}
	_, err = conn.Read(make([]byte, 512))
	return err
}

func describe(err error) string {
	var timeout net.Error
	switch {
	case err == nil:
		return "open"
	case errors.Is(err, unix.ECONNREFUSED):
		return "refused"
	case errors.Is(err, unix.EHOSTUNREACH), errors.Is(err, unix.ENETUNREACH):
		return "unreachable"
	case errors.As(err, &timeout) && timeout.Timeout():
		return "timeout"
	}
	return err.Error()
}

// rawConnect is for a container without a launcher: the connects are the first thing the process does, and the answer
// goes to stdout and to wherever the pod keeps its termination message.
func rawConnect(targets []string) {
	text, _ := json.Marshal(map[string]any{"connects": connectAll(targets)})
	os.Stdout.Write(append(text, '\n'))
	for _, path := range []string{"/.corral/termination-log", "/dev/termination-log"} {
		if file, err := os.OpenFile(path, os.O_WRONLY|os.O_TRUNC, 0); err == nil {
			file.Write(text)
			file.Close()
		}
	}
}
