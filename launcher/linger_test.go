package main

import (
	"context"
	"fmt"
	"os"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"dev.corral/launcher/gatewaytest"
)

// A pool's pod gets out of the way of its neighbours' starts: it stays a moment, and no longer than the kubelet wants it.
func TestAPodThatWaitedStaysAMomentAfterItsReportUntilItIsToldToGo(t *testing.T) {
	j := newJail(t)
	reported := make(chan struct{})
	j.gateway.Fault = func(name string, count int) gatewaytest.Fault {
		switch name {
		case "GET /v1/assignment":
			time.Sleep(longWait + 200*time.Millisecond)
		case "POST /v1/report":
			close(reported)
		}
		return gatewaytest.None
	}
	j.start(assignment("/app/probe", "exit", "0"))
	select {
	case <-reported:
	case <-time.After(runWithin):
		t.Fatal("no report")
	}
	time.Sleep(makeWay / 4)
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", j.process.Process.Pid))
	if err != nil || strings.Contains(string(stat), ") Z ") {
		t.Errorf("it has not stayed: %v", err)
	}
	j.must(j.process.Process.Signal(syscall.SIGTERM))
	told := time.Now()
	if report, _ := j.finish(); report.Reason != "HandlerReturned" {
		t.Errorf("report %+v", report)
	}
	if went := time.Since(told); went > makeWay/2 {
		t.Errorf("it went %v after it was told to", went)
	}
}

func TestAPodThatWasMadeForItsRunDoesNotStay(t *testing.T) {
	if stayed := lingers(t, longWait-1, func() (time.Duration, bool) { return time.Since(time.Time{}), true }); stayed != 0 {
		t.Errorf("it stayed %v", stayed)
	}
}

func TestAPodGoesWhenItsNodeHasTime(t *testing.T) {
	for name, node := range map[string]struct {
		busyFor     time.Duration
		known       bool
		least, most time.Duration
	}{
		"idle":               {0, true, makeWay, makeWay},
		"busy for a while":   {2 * makeWay, true, 2 * makeWay, 3 * makeWay},
		"always busy":        {time.Hour, true, makeWayWhileBusy, makeWayWhileBusy},
		"says nothing of it": {time.Hour, false, makeWay, makeWay},
	} {
		t.Run(name, func(t *testing.T) {
			var began time.Time
			stayed := lingers(t, longWait, func() (time.Duration, bool) {
				if began.IsZero() {
					began = time.Now()
				}
				return min(time.Since(began), node.busyFor), node.known
			})
			if stayed < node.least || stayed > node.most {
				t.Errorf("it stayed %v, not %v to %v", stayed, node.least, node.most)
			}
		})
	}
}

// Were it all at once, the next stall of the node would be of their own making.
func TestOfManyPodsOnANodeThatIsHalfBusySomeGoAtEachLook(t *testing.T) {
	atOnce, all := 0, 200
	for range all {
		looks := -1
		stayed := lingers(t, longWait, func() (time.Duration, bool) {
			looks++
			return time.Duration(looks) * time.Duration(busy/2*float64(makeWay)), true // what a first look finds
		})
		if stayed == makeWay {
			atOnce++
		}
	}
	if atOnce == 0 || atOnce > all/2 {
		t.Errorf("%d of %d went as soon as they might", atOnce, all)
	}
}

// lingers says for how long, by a clock that jumps.
func lingers(t *testing.T, waited time.Duration, stalled func() (time.Duration, bool)) (stayed time.Duration) {
	synctest.Test(t, func(*testing.T) {
		began := time.Now()
		linger(context.Background(), waited, stalled)
		stayed = time.Since(began)
	})
	return stayed
}

func TestTheKernelTellsWhatPressureThereIs(t *testing.T) {
	if _, err := os.ReadFile("/proc/pressure/cpu"); err != nil {
		t.Skip("this kernel does not count it:", err)
	}
	if stalled, known := cpuPressure(); !known || stalled <= 0 {
		t.Errorf("%v %v", stalled, known)
	}
}
