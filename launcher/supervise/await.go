package supervise

import (
	"time"

	"golang.org/x/sys/unix"

	"dev.corral/launcher/protocol"
)

// Stop is an order to end a run. Without grace it is carried out at once: memory does not wait.
type Stop struct {
	Reason  string
	Message string
	Grace   time.Duration
}

// Ending is why a run ended. The handler itself may still have to be killed.
type Ending struct {
	Reason  string
	Message string
}

// Await waits for whichever comes first: the handler's own end, the timeout, or an order to stop. After the latter two
// it asks everybody to go (TERM) and waits out the grace. What is left then is for KillEveryone.
func Await(child *Child, timeout Stop, deadline <-chan time.Time, stops <-chan Stop) Ending {
	var stop Stop
	select {
	case <-child.Done:
		return endedByItself(child.Exit)
	case stop = <-stops:
	case <-deadline:
		stop = timeout
	}
	select {
	case <-child.Done: // it was over before the order could count
		return endedByItself(child.Exit)
	default:
	}
	ending := Ending{Reason: stop.Reason, Message: stop.Message}
	if stop.Grace <= 0 {
		return ending
	}
	SignalEveryone(unix.SIGTERM)
	grace := time.NewTimer(stop.Grace)
	defer grace.Stop()
	for {
		select {
		case <-child.Done:
			return ending
		case <-grace.C:
			return ending
		case another := <-stops:
			if another.Grace <= 0 { // memory or disk ran out meanwhile: the first reason stands, its grace does not
				return ending
			}
		}
	}
}

func endedByItself(exit Exit) Ending {
	ending := Ending{Reason: protocol.HandlerReturned}
	switch {
	case exit.Signal == int(unix.SIGXFSZ):
		ending.Reason, ending.Message = protocol.DiskExceeded, "a file grew beyond the disk limit"
	case exit.Code != 0:
		ending.Reason = protocol.HandlerFailed
	}
	return ending
}
