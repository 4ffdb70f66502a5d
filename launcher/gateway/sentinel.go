package gateway

import (
	"context"
	"errors"
	"net"
	"os"
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

	// Silence is as good as Wait once a handshake with the open port at the same address, begun after ours, was
	// Slower times faster than that.
	Silence time.Duration
	Slower  int

	dial func(ctx context.Context, network, address string) (net.Conn, error) // nil: the kernel's
}

// Sentinel is how the contract wants it.
var Sentinel = Prober{Wait: 300 * time.Millisecond, Pause: 250 * time.Millisecond, Tries: 20, Silence: 50 * time.Millisecond, Slower: 20}

// Handshake is a TCP connection that came about: when it was asked for, and how long that took.
type Handshake struct {
	Began time.Time
	Took  time.Duration
}

// Probe returns the last attempt's outcome.
func (p Prober) Probe(ctx context.Context, address string, control <-chan Handshake) protocol.Sentinel {
	for attempt := 1; ; attempt++ {
		began := time.Now()
		err := p.connect(ctx, address, began, control)
		seen := protocol.Sentinel{Answer: word(err), Millis: time.Since(began).Milliseconds(), Attempts: attempt}
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

func (p Prober) connect(ctx context.Context, address string, began time.Time, control <-chan Handshake) error {
	ctx, cancel := context.WithTimeout(ctx, p.Wait)
	defer cancel()
	dial := p.dial
	if dial == nil {
		dial = new(net.Dialer).DialContext
	}
	outcome := make(chan error, 1)
	go func() {
		conn, err := dial(ctx, "tcp", address)
		if err == nil {
			conn.Close()
		}
		outcome <- err
	}()
	var silent <-chan time.Time
	for {
		select {
		case err := <-outcome:
			return err
		case other := <-control:
			if enough := max(p.Silence, time.Duration(p.Slower)*other.Took); silent == nil && other.Began.After(began) {
				silent = time.After(enough - time.Since(began))
			}
		case <-silent:
			select {
			case err := <-outcome: // just now
				return err
			default:
				return os.ErrDeadlineExceeded
			}
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
