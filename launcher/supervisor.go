package main

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"os"
	"os/signal"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"strings"
	"sync"

	"golang.org/x/sys/unix"

	"dev.corral/launcher/collect"
	"dev.corral/launcher/gateway"
	"dev.corral/launcher/handlerapi"
	"dev.corral/launcher/protocol"
	"dev.corral/launcher/proxy"
	"dev.corral/launcher/sandbox"
)

const (
	tokenSize = 64 << 10

	ownMemory  = 24 << 20
	ownThreads = 16
)

// becomeSupervisor: nothing the handler does may end or read this process.
func becomeSupervisor() error {
	if os.Getpid() != 1 {
		return errors.New("corral launch must be PID 1: it kills everybody else in its PID namespace")
	}
	// Everything we read in the environment stays out of reach too: /proc/1/environ, /proc/1/mem, ptrace.
	if err := unix.Prctl(unix.PR_SET_DUMPABLE, 0, 0, 0, 0); err != nil {
		return fmt.Errorf("non-dumpable: %w", err)
	}
	debug.SetMemoryLimit(ownMemory)
	debug.SetGCPercent(50)
	runtime.GOMAXPROCS(2)
	startThreads(ownThreads)
	return nil
}

// startThreads makes the runtime create its threads now. Under a fork bomb, or at the pod's pids limit, clone fails, and
// a Go program that cannot make a thread dies; one that has idle threads never needs to.
func startThreads(count int) {
	var ready, done sync.WaitGroup
	ready.Add(count)
	done.Add(1)
	for range count {
		go func() {
			runtime.LockOSThread()
			defer runtime.UnlockOSThread()
			ready.Done()
			done.Wait()
		}()
	}
	ready.Wait()
	done.Done()
}

// catchEverySignal: PID 1 dies of a signal only if it does not catch it. The two that mean something arrive here.
// The context ends with the first of them.
func catchEverySignal() context.Context {
	signal.Notify(make(chan os.Signal, 1))
	ctx, terminated := context.WithCancel(context.Background())
	asked := make(chan os.Signal, 1)
	signal.Notify(asked, unix.SIGTERM, unix.SIGINT)
	go func() {
		<-asked
		terminated()
	}()
	return ctx
}

// configure reads our environment and the token, each once.
func configure() (*gateway.Client, string, error) {
	client, err := gateway.New(os.Getenv("CORRAL_GATEWAY"), []byte(os.Getenv("CORRAL_CA")))
	if err != nil {
		return nil, "", err
	}
	// Checked here because a name that does not resolve would look like a port that cannot be reached.
	if _, err := netip.ParseAddrPort(os.Getenv("CORRAL_SENTINEL")); err != nil {
		return nil, "", fmt.Errorf("CORRAL_SENTINEL: %w", err)
	}
	token, err := os.ReadFile(sandbox.Token)
	if err != nil {
		return nil, "", err
	}
	if len(token) > tokenSize {
		return nil, "", errors.New("the token is too large")
	}
	return client, strings.TrimSpace(string(token)), nil
}

func proveInBackground(ctx context.Context, client *gateway.Client) <-chan protocol.Sentinel {
	proof := make(chan protocol.Sentinel, 1)
	go func() { proof <- gateway.Sentinel.Probe(ctx, os.Getenv("CORRAL_SENTINEL"), client.Handshakes()) }()
	return proof
}

// place is where the handler will work.
type place struct {
	root   *collect.Root
	queue  *handlerapi.Queue
	server *handlerapi.Server
	proxy  *proxy.Server // nil where no host names are granted
}

func preparePlace(hosts *sandbox.Proxy) (*place, error) {
	for _, name := range []string{"home", "tmp", "out"} {
		if err := os.MkdirAll(filepath.Join(sandbox.Work, name), 0o700); err != nil {
			return nil, err
		}
	}
	root, err := collect.OpenRoot(sandbox.Work)
	if err != nil {
		return nil, err
	}
	queue := handlerapi.NewQueue()
	server, err := handlerapi.Listen(filepath.Join(sandbox.Work, "corral.sock"), queue)
	if err != nil {
		return nil, err
	}
	here := &place{root: root, queue: queue, server: server}
	if hosts != nil {
		doors, err := hosts.Doors()
		if err != nil {
			return nil, err
		}
		if here.proxy, err = proxy.Listen(hosts.Port, doors); err != nil {
			return nil, err
		}
	}
	return here, nil
}

// awaitAssignment also notices when the second stage dies, so that a pod that cannot run anything does not look ready.
func awaitAssignment(ctx context.Context, client *gateway.Client, stage *sandbox.Stage) (*protocol.Assignment, error) {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	go func() {
		select {
		case <-stage.Child.Done:
			cancel(errors.New("the second stage died"))
		case <-ctx.Done():
		}
	}()
	assignment, err := client.Assignment(ctx)
	if err != nil && ctx.Err() != nil {
		return nil, context.Cause(ctx)
	}
	return assignment, err
}
