// The launcher: PID 1 of a plugin pod. It proves its sandbox to the gateway, waits for one assignment, runs the handler
// inside a sandbox of its own making, and brings back what is left of it. See docs/protocol.md.
//
//	corral launch             PID 1 of the pod
//	corral emit TOPIC …       what a handler calls to send an event
//	corral install PATH       copies this program, for nodes that do not run programs from an image volume
//	corral stage2             internal: the locked-in process that becomes the handler
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"golang.org/x/sys/unix"

	"dev.corral/launcher/cgroup"
	"dev.corral/launcher/gateway"
	"dev.corral/launcher/protocol"
	"dev.corral/launcher/sandbox"
	"dev.corral/launcher/supervise"
)

func main() {
	command := ""
	if len(os.Args) > 1 {
		command = os.Args[1]
	}
	switch command {
	case "launch":
		os.Exit(launch())
	case "stage2":
		os.Exit(sandbox.Stage2())
	case "emit":
		os.Exit(emit(os.Args[2:], os.Stderr))
	case "install":
		os.Exit(install(os.Args[2:], os.Stderr))
	case "version":
		fmt.Println(protocol.Version)
	default:
		fmt.Fprintln(os.Stderr, "usage: corral launch | corral emit TOPIC [--message TEXT] [--key KEY] [JSON]")
		os.Exit(2)
	}
}

// launch is the order of one run.
func launch() int {
	if err := becomeSupervisor(); err != nil {
		return giveUp(err)
	}
	ctx := catchEverySignal() // ends when the kubelet wants the pod gone

	if err := sandbox.ProvePlaces(); err != nil {
		return giveUp(err)
	}
	settings, err := sandbox.ReadSettings(os.Getenv("CORRAL_SANDBOX"))
	if err != nil {
		return giveUp(err)
	}
	exports, err := settings.Exports()
	if err != nil {
		return giveUp(err)
	}
	group := cgroup.Find(cgroup.Root)
	evidence := sandbox.Measure(group) // before anything of ours is added
	reaper := supervise.NewReaper()
	place, err := preparePlace(settings.Proxy) // scratch directories and the handler's socket
	if err != nil {
		return giveUp(err)
	}
	client, token, err := configure()
	if err != nil {
		return giveUp(err)
	}
	proof := proveInBackground(ctx, client)      // takes 50 ms when it goes well,
	stage, err := sandbox.Fork(reaper, settings) // which is time enough to lock the second stage in
	if err != nil {
		return giveUp(err)
	}
	evidence.LandlockABI, evidence.Files, evidence.Commands, evidence.Proxy = stage.ABI, stage.Files, stage.Commands, stage.Proxy

	session, err := client.OpenSession(ctx, token)
	if err != nil {
		return giveUp(err)
	}
	evidence.Sentinel = <-proof
	if err := client.Ready(ctx, evidence); err != nil {
		return giveUp(err)
	}
	ready := time.Now()
	assignment, err := awaitAssignment(ctx, client, stage)
	waited := time.Since(ready)
	if errors.Is(err, gateway.ErrNeverAssigned) {
		return 0
	}
	if err != nil {
		return giveUp(err)
	}

	run := newRun(assignment, client, reaper, stage, group, place, settings, exports)
	run.start(ctx)    // the handler's process exists
	run.await(ctx)    // it returned, timed out, broke a limit or was stopped
	run.killTheRest() // nobody is left who could change what is collected
	deadline, cancel := context.WithTimeout(context.Background(), afterwards)
	defer cancel()
	run.collect(deadline)               // result, artifacts, events
	if run.deliver(deadline, session) { // sealed report, report
		linger(ctx, waited, cpuPressure)
	}
	return 0
}

// afterwards is how long a launcher goes on trying to bring its results home once the handler has ended.
const afterwards = 120 * time.Second

// giveUp ends a launcher that never started plugin code. The message is for a person at `kubectl describe`; it carries
// no seal, so nobody takes it for a verdict.
func giveUp(err error) int {
	text := "corral: " + protocol.Printable([]byte(protocol.Cut(err.Error(), 1024)))
	fmt.Fprintln(os.Stderr, text)
	writeTermination(text)
	if errors.Is(err, context.Canceled) {
		return 0 // told to stop before there was work: nothing has failed
	}
	return 1
}

func writeTermination(text string) {
	file, err := os.OpenFile(sandbox.Termination, os.O_WRONLY|os.O_TRUNC|unix.O_NOFOLLOW, 0)
	if err != nil {
		fmt.Fprintln(os.Stderr, "corral:", err)
		return
	}
	defer file.Close()
	file.WriteString(text)
}
