package gateway

import (
	"context"
	"errors"
	"net"
	"time"

	"golang.org/x/sys/unix"

	"dev.corral/launcher/protocol"
)

const (
	sentinelWait  = 300 * time.Millisecond
	sentinelTries = 20
	sentinelPause = 250 * time.Millisecond
)

// Probe connects to a port that is known to listen and must be unreachable from here. A connection that opens may only
// mean that the policy is still being programmed, so it tries again for a while.
func Probe(ctx context.Context, address string) protocol.Sentinel {
	for attempt := 1; ; attempt++ {
		began := time.Now()
		dialer := net.Dialer{Timeout: sentinelWait}
		conn, err := dialer.DialContext(ctx, "tcp", address)
		seen := protocol.Sentinel{Answer: word(err), Millis: time.Since(began).Milliseconds(), Attempts: attempt}
		if conn != nil {
			conn.Close()
		}
		if seen.Answer != "open" && seen.Answer != "error" {
			return seen
		}
		// An error that says nothing about the network proves nothing, and what is not proven counts as reachable.
		seen.Reachable = true
		if attempt == sentinelTries {
			return seen
		}
		select {
		case <-ctx.Done():
			return seen
		case <-time.After(sentinelPause):
		}
	}
}

func word(err error) string {
	var timeout interface{ Timeout() bool }
	switch {
	case err == nil:
		return "open"
	case errors.Is(err, unix.ECONNREFUSED):
		return "refused"
	case errors.Is(err, unix.EHOSTUNREACH), errors.Is(err, unix.ENETUNREACH):
		return "unreachable"
	case errors.Is(err, unix.EPERM), errors.Is(err, unix.EACCES):
		return "denied"
	case errors.As(err, &timeout) && timeout.Timeout():
		return "timeout"
	}
	return "error"
}
