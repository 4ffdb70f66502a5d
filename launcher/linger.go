package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"time"
)

const (
	// longWait: whoever waited longer for its assignment is a pool's, and has neighbours.
	longWait = time.Second
	// makeWay is how long such a pod stays at least when its run is over and reported. To take a pod down costs its node more than
	// several starts, and many runs at once would have theirs held up by the ends of the first.
	makeWay = 2 * time.Second
	// makeWayWhileBusy is how long it stays at most while the node has no time to spare.
	makeWayWhileBusy = 15 * time.Second
	// busy is the share of time in which somebody on the node who could run had to wait for a CPU: nobody leaves then.
	busy = 0.2
)

// linger keeps the pod of a run that is over until its node has time to take it down. It ends early when the kubelet wants the pod gone.
func linger(ctx context.Context, waited time.Duration, stalled func() (time.Duration, bool)) {
	if waited < longWait {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, makeWayWhileBusy)
	defer cancel()
	before, known := stalled()
	since := time.Now()
	for pause := makeWay; ; pause = makeWay/4 + rand.N(makeWay/4) {
		select {
		case <-time.After(pause):
		case <-ctx.Done():
			return
		}
		after, stillKnown := stalled()
		// Each look draws how idle the node must be: were it the same for all, all would go at the first idle moment, and
		// their ends would be the next stall. Squared, because a node that is nearly busy has time for few of them.
		draw := rand.Float64()
		if !known || !stillKnown || float64(after-before) <= busy*draw*draw*float64(time.Since(since)) {
			return
		}
		before, since = after, time.Now()
	}
}

// cpuPressure is how long, since the node started, somebody had to wait for a CPU; false where the kernel does not count it.
// See Documentation/accounting/psi.rst of Linux.
func cpuPressure() (time.Duration, bool) {
	text, err := os.ReadFile("/proc/pressure/cpu")
	if err != nil {
		return 0, false
	}
	var avg10, avg60, avg300 float64
	var micros int64
	_, err = fmt.Sscanf(string(text), "some avg10=%g avg60=%g avg300=%g total=%d", &avg10, &avg60, &avg300, &micros)
	return time.Duration(micros) * time.Microsecond, err == nil
}
