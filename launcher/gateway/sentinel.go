package gateway

import (
	"context"
	"errors"
	"net"
	"time"

	"golang.org/x/sys/unix"

	"dev.corral/launcher/protocol"
)

// Prober connects to a port that is known to listen and must be unreachable from here. A connection that opens may only
// mean that the policy is still being programmed, so it tries again for a while.
type Prober struct {
	Wait  time.Duration // no connection within it: unreachable
	Pause time.Duration
	Tries int
}

// Sentinel is how the contract wants it.
var Sentinel = Prober{Wait: 300 * time.Millisecond, Pause: 250 * time.Millisecond, Tries: 20}

// Probe returns the last attempt's outcome.
func (p Prober) Probe(ctx context.Context, address string) protocol.Sentinel {
	for attempt := 1; ; attempt++ {
		began := time.Now()
		dialer := net.Dialer{Timeout: p.Wait}
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
		if attempt == p.Tries {
			return seen
		}
		select {
		case <-ctx.Done():
			return seen
		case <-time.After(p.Pause):
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
