// Package protocol holds what travels between launcher and gateway, as written down in docs/protocol.md.
// It has no behaviour that touches the system: values, their JSON, and the seal.
package protocol

import (
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"strings"
)

// Version is the launcher's own; a release sets it with -ldflags -X.
var Version = "0.1.0"

// Evidence is what PID 1 measured of its own sandbox before it asked for work.
// Everything but LandlockABI is read before the launcher adds its own measures, so it proves what the runtime did.
type Evidence struct {
	Launcher     string `json:"launcher"`
	UID          int    `json:"uid"`
	UIDMap       string `json:"uidMap"`
	CapEff       string `json:"capEff"`
	NoNewPrivs   bool   `json:"noNewPrivs"`
	Seccomp      int    `json:"seccomp"`
	RootReadOnly bool   `json:"rootReadOnly"`
	LandlockABI  int    `json:"landlockAbi"`
	PidsMax      string `json:"pidsMax"`
	Cgroup       string `json:"cgroup"`
	Kernel       string `json:"kernel"`

	// What became of the class's files and commands; absent where the class restricts nothing, or has no Landlock.
	Files    *Restriction `json:"files,omitempty"`
	Commands *Restriction `json:"commands,omitempty"`
	// Proxy: it listens, and the handler may open TCP connections to so many ports; 0 rules: Landlock does not confine it.
	Proxy *Restriction `json:"proxy,omitempty"`

	Sentinel Sentinel `json:"sentinel"`
}

// Restriction is what the launcher's sandbox made of a list of globs. Partial says why the kernel does not hold all of it.
type Restriction struct {
	Rules   int      `json:"rules"`
	Partial []string `json:"partial,omitempty"`
}

// Sentinel is the outcome of connecting to a port that listens and must be unreachable.
type Sentinel struct {
	Reachable bool   `json:"reachable"`
	Answer    string `json:"answer"`
	Millis    int64  `json:"millis"`
	Attempts  int    `json:"attempts"`
}

// Assignment is the one piece of work a session ever gets.
type Assignment struct {
	Namespace    string          `json:"namespace"`
	Execution    string          `json:"execution"`
	ExecutionUID string          `json:"executionUID"`
	Attempt      int             `json:"attempt"`
	Command      []string        `json:"command"`
	Env          []Variable      `json:"env"`
	Input        json.RawMessage `json:"input"`
	Limits       Limits          `json:"limits"`
	Artifacts    []Declaration   `json:"artifacts"`
	Produce      []string        `json:"produce"`
	Files        []File          `json:"files"`
}

// File is one that is staged before the handler starts: the gateway has its bytes, and these are the only good ones.
type File struct {
	Name   string `json:"name"`
	SHA256 string `json:"sha256"`
	Size   int64  `json:"size"`
}

// Variable is one granted environment variable.
type Variable struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

// Limits are absolute; there is no "unlimited".
type Limits struct {
	TimeoutMillis int64 `json:"timeoutMillis"`
	GraceMillis   int64 `json:"graceMillis"`
	MemoryBytes   int64 `json:"memoryBytes"`
	DiskBytes     int64 `json:"diskBytes"`
	Processes     int64 `json:"processes"`
	OutputBytes   int64 `json:"outputBytes"`
	Events        int   `json:"events"`
	CPUTimeMillis int64 `json:"cpuTimeMillis,omitempty"` // 0: nobody bounds it
}

// Declaration is an artifact the plugin said it would leave behind.
type Declaration struct {
	Name string `json:"name"`
	Path string `json:"path"`
	Type string `json:"type"`
}

// Check refuses an assignment that would run without a bound: a missing limit must never mean "no limit".
func (a *Assignment) Check() error {
	switch {
	case len(a.Command) == 0 || a.Command[0] == "":
		return errors.New("the assignment has no command")
	case a.Limits.TimeoutMillis <= 0:
		return errors.New("the assignment has no limits.timeoutMillis")
	case a.Limits.MemoryBytes <= 0:
		return errors.New("the assignment has no limits.memoryBytes")
	case a.Limits.DiskBytes <= 0:
		return errors.New("the assignment has no limits.diskBytes")
	case a.Limits.Processes <= 0:
		return errors.New("the assignment has no limits.processes")
	case a.Limits.GraceMillis < 0 || a.Limits.CPUTimeMillis < 0 || a.Limits.OutputBytes < 0 || a.Limits.Events < 0:
		return errors.New("the assignment has a negative limit")
	}
	for _, v := range a.Env {
		if !validVariable(v) {
			return fmt.Errorf("the assignment has an impossible environment variable %q", v.Name)
		}
	}
	for _, f := range a.Files {
		if f.Name == "" || f.Name == "." || f.Name == ".." || strings.ContainsAny(f.Name, "/\x00") || f.Size < 0 {
			return fmt.Errorf("the assignment has an impossible file %q", f.Name)
		}
	}
	return nil
}

// validVariable: a '=' in the name or a NUL anywhere would let one variable become another one.
func validVariable(v Variable) bool {
	if v.Name == "" {
		return false
	}
	for i := 0; i < len(v.Name); i++ {
		if v.Name[i] == '=' || v.Name[i] == 0 {
			return false
		}
	}
	for i := 0; i < len(v.Value); i++ {
		if v.Value[i] == 0 {
			return false
		}
	}
	return true
}

// Reasons a run ends for; the words are API.
const (
	HandlerReturned   = "HandlerReturned"
	HandlerFailed     = "HandlerFailed"
	HandlerNotStarted = "HandlerNotStarted"
	TimedOut          = "TimedOut"
	MemoryExceeded    = "MemoryExceeded"
	DiskExceeded      = "DiskExceeded"
	OutputExceeded    = "OutputExceeded"
	CPUTimeExceeded   = "CpuTimeExceeded"
	Cancelled         = "Cancelled"
	InputUnavailable  = "InputUnavailable"
	LauncherFailed    = "LauncherFailed"
)

var reason = regexp.MustCompile(`^[A-Z][A-Za-z]{1,62}$`)

// IsReason says whether a word can be the reason of an order to stop, such as PolicyRevoked.
func IsReason(word string) bool { return reason.MatchString(word) }

// Released is a stop order without a reason of its own: the execution is gone, nobody will read the report.
const Released = "Released"

// States of an artifact.
const (
	ArtifactReady   = "Ready"
	ArtifactSkipped = "Skipped"
	ArtifactFailed  = "Failed"
)

// Report is everything that is left of a run.
type Report struct {
	Attempt       int             `json:"attempt"`
	Reason        string          `json:"reason"`
	ExitCode      int             `json:"exitCode"`
	Signal        int             `json:"signal"`
	Message       string          `json:"message"`
	Result        json.RawMessage `json:"result,omitempty"`
	ResultProblem string          `json:"resultProblem"`
	Artifacts     []Artifact      `json:"artifacts,omitzero"`
	Undeclared    int             `json:"undeclared"`
	Events        EventTotals     `json:"events"`
	Metrics       Metrics         `json:"metrics"`
	Timings       Timings         `json:"timings"`
	LogTail       string          `json:"logTail,omitempty"`
	Learned       *Learned        `json:"learned,omitempty"`
}

// Learned is what a handler tried in mode Learn: names and addresses, sorted; never what is in them. A path that ends in
// a slash is a directory that was listed, or whose entries were made, removed or renamed. Connect is address, port and protocol ("203.0.113.7:443/tcp"), Names are hosts
// and ports asked for at the proxy. Unreadable calls could not be looked at, Overflow did not fit.
type Learned struct {
	Read        []string `json:"read"`
	Write       []string `json:"write"`
	Execute     []string `json:"execute"`
	Connect     []string `json:"connect"`
	Names       []string `json:"names"`
	Topics      []string `json:"topics"`
	Unreadable  int      `json:"unreadable"`
	Overflow    int      `json:"overflow"`
	MemoryBytes int64    `json:"memoryBytes"`
	DiskBytes   int64    `json:"diskBytes"`
	Processes   int64    `json:"processes"`
	OutputBytes int64    `json:"outputBytes"`
}

// Artifact is the fate of one declaration.
type Artifact struct {
	Name    string `json:"name"`
	SHA256  string `json:"sha256"`
	Size    int64  `json:"size"`
	Type    string `json:"type"`
	State   string `json:"state"`
	Problem string `json:"problem"`
}

// EventTotals: Emitted were accepted from the handler; Denied and Dropped count both our refusals and the gateway's.
type EventTotals struct {
	Emitted int `json:"emitted"`
	Denied  int `json:"denied"`
	Dropped int `json:"dropped"`
}

// Metrics of the whole container, measured by its cgroup.
type Metrics struct {
	WallMillis      int64 `json:"wallMillis"`
	CPUMillis       int64 `json:"cpuMillis"`
	MemoryPeakBytes int64 `json:"memoryPeakBytes"`
}

// Timings are monotonic milliseconds since the assignment arrived.
type Timings struct {
	StartedMillis   int64 `json:"startedMillis"`
	FinishedMillis  int64 `json:"finishedMillis"`
	CollectedMillis int64 `json:"collectedMillis"`
}

// Event is one message of the handler on its way to the gateway.
type Event struct {
	Seq     int             `json:"seq"`
	Topic   string          `json:"topic"`
	Message string          `json:"message"`
	Key     string          `json:"key"`
	Data    json.RawMessage `json:"data,omitempty"`
}

// EventsAnswer is the gateway's account of one batch.
type EventsAnswer struct {
	Published int `json:"published"`
	Dropped   int `json:"dropped"`
	Denied    int `json:"denied"`
	Duplicate int `json:"duplicate"`
}
