package main

import (
	"context"
	"fmt"
	"os"
	"strings"
	"syscall"
	"testing"
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
	gone := make(chan struct{})
	go func() {
		linger(context.Background(), longWait-1)
		close(gone)
	}()
	select {
	case <-gone:
	case <-time.After(makeWay / 2):
		t.Error("it stays")
	}
}
