package supervise

import (
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"dev.corral/launcher/protocol"
)

func TestAHandlersOwnEndHasItsReason(t *testing.T) {
	for exit, reason := range map[Exit]string{
		{}:        protocol.HandlerReturned,
		{Code: 3}: protocol.HandlerFailed,
		{Code: 128 + int(unix.SIGKILL), Signal: int(unix.SIGKILL)}: protocol.HandlerFailed,
		{Code: 128 + int(unix.SIGXFSZ), Signal: int(unix.SIGXFSZ)}: protocol.DiskExceeded, // a file of the size of the disk
	} {
		child := &Child{Done: make(chan struct{}), Exit: exit}
		close(child.Done)
		if got := Await(child, Stop{}, nil, nil).Reason; got != reason {
			t.Errorf("%+v: %s, expected %s", exit, got, reason)
		}
	}
}

// Where both have come, which one is seen first is chance.
func TestAnOrderComesTooLateForARunThatIsOver(t *testing.T) {
	for range 100 {
		child := &Child{Done: make(chan struct{})}
		close(child.Done)
		stops := make(chan Stop, 1)
		stops <- Stop{Reason: "PolicyRevoked"}
		if got := Await(child, Stop{}, nil, stops).Reason; got != protocol.HandlerReturned {
			t.Fatal(got)
		}
	}
}

func TestAnOrderWithoutGraceEndsTheGraceOfTheFirst(t *testing.T) {
	stops := make(chan Stop, 2)
	stops <- Stop{Reason: "PolicyRevoked", Grace: time.Hour}
	stops <- Stop{Reason: protocol.MemoryExceeded}
	ended := make(chan Ending, 1)
	go func() { ended <- Await(&Child{Done: make(chan struct{})}, Stop{}, nil, stops) }()
	select {
	case ending := <-ended:
		if ending.Reason != "PolicyRevoked" {
			t.Error(ending)
		}
	case <-time.After(time.Minute):
		t.Error("the grace is waited out")
	}
}
