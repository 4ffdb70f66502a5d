package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"sync"
	"time"

	"golang.org/x/sys/unix"

	"dev.corral/launcher/cgroup"
	"dev.corral/launcher/gateway"
	"dev.corral/launcher/learn"
	"dev.corral/launcher/protocol"
	"dev.corral/launcher/sandbox"
	"dev.corral/launcher/supervise"
)

const (
	// killWithin: a process can hang in the kernel (a dead network file system). Then nothing is collected.
	killWithin = 10 * time.Second
	// outputWithin is what a stuck log reader may cost at the end.
	outputWithin = 2 * time.Second
)

// run is one assignment on its way from start to report. Its methods are called in the order of launch().
type run struct {
	assignment *protocol.Assignment
	client     *gateway.Client
	reaper     *supervise.Reaper
	stage      *sandbox.Stage
	group      cgroup.Group
	place      *place
	hosts      *sandbox.Proxy // nil where no host names are granted
	exports    sandbox.Exports

	arrived   time.Time
	startedAt time.Time
	output    *supervise.Output
	stops     chan supervise.Stop
	watching  context.Context // while the handler lives
	unwatch   context.CancelFunc
	events    sync.WaitGroup
	cpuBefore time.Duration
	oomBefore int64

	peaks *learn.Peaks // in mode Learn

	running   bool // the handler's process exists
	survivors bool // and somebody could not be killed
	report    protocol.Report
}

func newRun(a *protocol.Assignment, client *gateway.Client, reaper *supervise.Reaper, stage *sandbox.Stage,
	group cgroup.Group, place *place, settings sandbox.Settings, exports sandbox.Exports) *run {
	r := &run{
		assignment: a, client: client, reaper: reaper, stage: stage, group: group, place: place, hosts: settings.Proxy, exports: exports,
		arrived: time.Now(),
		output:  supervise.NewOutput(supervise.LogCap),
		stops:   make(chan supervise.Stop, 1),
		report:  protocol.Report{Attempt: a.Attempt, Artifacts: []protocol.Artifact{}},
	}
	r.watching, r.unwatch = context.WithCancel(context.Background())
	r.oomBefore = group.OOMKills()
	return r
}

// since the assignment arrived, on the monotonic clock.
func (r *run) since(t time.Time) int64 { return t.Sub(r.arrived).Milliseconds() }

// start makes the waiting second stage become the handler. Whatever goes wrong here ends in the report.
func (r *run) start(ctx context.Context) {
	if ctx.Err() != nil {
		r.ends(protocol.Cancelled, "the pod was stopped before the handler started")
		return
	}
	if err := r.assignment.Check(); err != nil {
		r.ends(protocol.LauncherFailed, err.Error())
		return
	}
	if err := writeInput(r.assignment.Input); err != nil {
		r.ends(protocol.LauncherFailed, err.Error())
		return
	}
	limits := r.assignment.Limits
	go r.obeyControl()
	staged, err := r.stageFiles(ctx)
	stop, ordered := r.ordered()
	switch {
	case ordered:
		r.ends(stop.Reason, stop.Message+" before the handler started")
		return
	case ctx.Err() != nil:
		r.ends(protocol.Cancelled, "the pod was stopped before the handler started")
		return
	case err != nil:
		r.ends(protocol.InputUnavailable, err.Error())
		return
	}
	limits.DiskBytes -= staged
	if r.stage.Watch != nil {
		r.place.queue.Tell(r.stage.Watch.Record.Topic)
	}
	r.place.queue.Grant(r.assignment.Produce, limits.Events)
	r.openProxy()
	r.output.Copy(r.stage.Stdout, os.Stdout)
	r.output.Copy(r.stage.Stderr, os.Stderr)

	// The kernel counts processes per user, and our own threads are the same user's.
	processes := limits.Processes + sandbox.Threads()
	r.cpuBefore = r.cpuUsed() // what starting up took is not the handler's
	err = r.stage.Execute(r.assignment.Command, environment(r.assignment, r.hosts), processes, limits.DiskBytes, limits.CPUTimeMillis)
	var notStarted *sandbox.NotStarted
	switch {
	case errors.As(err, &notStarted):
		r.ends(protocol.HandlerNotStarted, notStarted.Problem)
		r.report.ExitCode = 126 // as a shell would say: found but not executable,
		if notStarted.Missing {
			r.report.ExitCode = 127 // not found
		}
		return
	case err != nil:
		r.ends(protocol.LauncherFailed, err.Error())
		return
	}
	r.running = true
	if r.stage.Watch != nil {
		r.peaks = learn.MeasurePeaks(r.watching, r.group, r.place.root, limits.DiskBytes, sandbox.Threads())
	}
	r.startedAt = time.Now()
	r.report.Timings.StartedMillis = r.since(r.startedAt)
	r.events.Go(func() { r.client.ForwardEvents(context.Background(), r.place.queue) }) // outlives the handler
	go r.tellOfTheStart()
	go supervise.WatchMemory(r.watching, r.group, limits.MemoryBytes, r.stops)
	if limits.CPUTimeMillis > 0 {
		go supervise.WatchCPU(r.watching, func() time.Duration { return r.cpuUsed() - r.cpuBefore },
			time.Duration(limits.CPUTimeMillis)*time.Millisecond, r.stops)
	}
	go supervise.WatchDisk(r.watching, r.place.root, limits.DiskBytes, r.stops)
}

// openProxy lets the handler through to granted host names, for as long as it lives.
func (r *run) openProxy() {
	if r.place.proxy == nil {
		return
	}
	var note func(string)
	if r.stage.Watch != nil {
		note = r.stage.Watch.Record.Name
	}
	r.place.proxy.Open(func(ctx context.Context, target string) (net.Conn, error) {
		return r.client.Tunnel(ctx, r.hosts.Tunnel, target)
	}, note)
}

func (r *run) ends(reason, message string) {
	r.report.Reason = reason
	r.report.Message = protocol.Printable([]byte(protocol.Cut(message, 1024)))
}

func writeInput(input []byte) error {
	if len(input) == 0 {
		input = []byte("null")
	}
	file, err := os.OpenFile(sandbox.Input, os.O_CREATE|os.O_EXCL|os.O_WRONLY|unix.O_NOFOLLOW, 0o400)
	if err != nil {
		return err
	}
	defer file.Close()
	_, err = file.Write(input)
	return err
}

// tellAfter: a run that is over by then says that it started in its report; word of it in between costs the cluster a write.
const tellAfter = 2 * time.Second

func (r *run) tellOfTheStart() {
	select {
	case <-time.After(tellAfter):
		r.client.Started(r.watching)
	case <-r.watching.Done():
	}
}

// listenAfter the assignment: a run that is over by then reports on the connection its assignment came by; one that asks for orders holds that,
// and makes another for its report.
const listenAfter = 500 * time.Millisecond

// obeyControl turns orders of the gateway into stops. A conversation that fails for good leaves the run to its limits.
func (r *run) obeyControl() {
	select {
	case <-time.After(listenAfter):
	case <-r.watching.Done():
		return
	}
	order, err := r.client.Control(r.watching)
	if err != nil {
		return
	}
	stop := supervise.Stop{Reason: order, Message: "stopped by the operator", Grace: r.grace()}
	switch order {
	case protocol.Released:
		stop.Reason, stop.Message = protocol.Cancelled, "the execution is gone"
	default: // Cancelled, or a reason of the controller, which knows what it ordered
		if !protocol.IsReason(order) {
			stop.Reason, stop.Message = protocol.Cancelled, "stopped by the operator for an unreadable reason"
		}
	}
	r.stop(stop)
}

func (r *run) stop(stop supervise.Stop) {
	select {
	case r.stops <- stop:
	case <-r.watching.Done():
	}
}

// ordered tells whether an order came before there was anybody to stop.
func (r *run) ordered() (supervise.Stop, bool) {
	select {
	case stop := <-r.stops:
		return stop, true
	default:
		return supervise.Stop{}, false
	}
}

func (r *run) grace() time.Duration {
	return time.Duration(r.assignment.Limits.GraceMillis) * time.Millisecond
}

// await ends when the handler has, or has to.
func (r *run) await(ctx context.Context) {
	if !r.running {
		return
	}
	go func() {
		select {
		case <-ctx.Done():
			r.stop(supervise.Stop{Reason: protocol.Cancelled, Message: "the pod was stopped", Grace: r.grace()})
		case <-r.watching.Done():
		}
	}()
	timeout := time.Duration(r.assignment.Limits.TimeoutMillis) * time.Millisecond
	deadline := time.NewTimer(timeout - time.Since(r.startedAt))
	defer deadline.Stop()
	ending := supervise.Await(r.stage.Child, supervise.Stop{
		Reason: protocol.TimedOut, Message: fmt.Sprintf("still running after %v", timeout), Grace: r.grace(),
	}, deadline.C, r.stops)
	r.ends(ending.Reason, ending.Message)
}

// killTheRest leaves nobody alive who could write, and with them ends everything that only concerned the living.
func (r *run) killTheRest() {
	within, cancel := context.WithTimeout(context.Background(), killWithin)
	defer cancel()
	if err := r.reaper.KillEveryone(within); err != nil {
		r.survivors = true
		r.ends(protocol.LauncherFailed, err.Error())
	}
	finished := time.Now()
	if r.running {
		select {
		case <-r.stage.Child.Done:
			exit := r.stage.Child.Exit
			r.report.ExitCode, r.report.Signal = exit.Code, exit.Signal
			finished = exit.At
		default: // among the survivors
		}
		r.blameTheKernel()
		r.report.Metrics.WallMillis = max(0, finished.Sub(r.startedAt).Milliseconds()) // the reaper may be quicker than we
		r.measure()
		r.blameTheBudget()
	}
	r.report.Timings.FinishedMillis = r.since(finished)
	r.unwatch()
	r.place.server.Close()
	if r.place.proxy != nil {
		r.place.proxy.Close()
	}
	r.place.queue.Close()
	tail, cut := r.output.Finish(outputWithin)
	if cut > 0 {
		r.adds(fmt.Sprintf("the log was cut at %d MiB, %d MiB were written", supervise.LogCap>>20, cut>>20))
	}
	if r.report.ExitCode != 0 || r.report.Reason != protocol.HandlerReturned {
		r.report.LogTail = protocol.Printable(tail)
	}
}

// blameTheKernel: it kills one process for want of memory, and whoever waited for that one then fails, or goes on without.
func (r *run) blameTheKernel() {
	if r.group.OOMKills() <= r.oomBefore {
		return
	}
	switch r.report.Reason {
	case protocol.HandlerFailed:
		r.ends(protocol.MemoryExceeded, "the kernel killed a process of the run for want of memory")
	case protocol.HandlerReturned:
		r.adds("the kernel killed a process of the run for want of memory, and the handler went on")
	}
}

// blameTheBudget: where the rlimit of a process was faster than the watch, or no control group could be watched.
func (r *run) blameTheBudget() {
	budget := r.assignment.Limits.CPUTimeMillis
	if budget > 0 && r.report.Reason == protocol.HandlerFailed && r.report.Metrics.CPUMillis >= budget {
		r.ends(protocol.CPUTimeExceeded, fmt.Sprintf("%.2f s of processor time used of %v",
			float64(r.report.Metrics.CPUMillis)/1000, time.Duration(budget)*time.Millisecond))
	}
}

// adds a sentence to the report without changing what it is about.
func (r *run) adds(sentence string) {
	if r.report.Message != "" {
		sentence = r.report.Message + "; " + sentence
	}
	r.ends(r.report.Reason, sentence)
}

// cpuUsed asks the control group first; where there is none, the sum over all reaped processes is nearly as good.
func (r *run) cpuUsed() time.Duration {
	if used, ok := r.group.CPU(); ok {
		return used
	}
	used, _ := r.reaper.Usage()
	return used
}

func (r *run) measure() {
	used, peak := r.cpuUsed()-r.cpuBefore, int64(0)
	if _, highest := r.reaper.Usage(); highest > 0 {
		peak = highest
	}
	if highest := r.group.Peak(); highest > 0 {
		peak = highest
	}
	r.report.Metrics.CPUMillis = used.Milliseconds()
	r.report.Metrics.MemoryPeakBytes = peak
}
