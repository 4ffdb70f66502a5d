// Package cgroup reads the container's own control group, as it is mounted inside the container, in both versions.
// Every answer may be missing: a sandboxed kernel (gVisor) shows little of it, and a run must not fail for a number.
package cgroup

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// Root is where a container finds its control group.
const Root = "/sys/fs/cgroup"

// Group is one container's control group.
type Group struct {
	Version string // "v1", "v2" or "" when none is visible
	root    string
}

// Find looks at what is mounted below root.
func Find(root string) Group {
	if exists(filepath.Join(root, "memory", "memory.usage_in_bytes")) {
		return Group{Version: "v1", root: root}
	}
	if exists(filepath.Join(root, "cgroup.controllers")) || exists(filepath.Join(root, "memory.current")) {
		return Group{Version: "v2", root: root}
	}
	return Group{root: root}
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

// WorkingSet is the memory that cannot simply be reclaimed: usage without inactive page cache, as the kubelet counts it.
func (g Group) WorkingSet() (int64, bool) {
	usage, key := "memory.current", "inactive_file"
	dir := g.root
	if g.Version == "v1" {
		usage, key, dir = "memory.usage_in_bytes", "total_inactive_file", filepath.Join(g.root, "memory")
	}
	used, ok := number(filepath.Join(dir, usage))
	if !ok {
		return 0, false
	}
	return max(0, used-keyed(filepath.Join(dir, "memory.stat"), key)), true
}

// Peak is the highest memory usage so far, 0 if unknown.
func (g Group) Peak() int64 {
	path := filepath.Join(g.root, "memory.peak")
	if g.Version == "v1" {
		path = filepath.Join(g.root, "memory", "memory.max_usage_in_bytes")
	}
	peak, _ := number(path)
	return peak
}

// CPU is the processor time used so far.
func (g Group) CPU() (time.Duration, bool) {
	switch g.Version {
	case "v1":
		for _, dir := range []string{"cpuacct", "cpu,cpuacct"} {
			if nanos, ok := number(filepath.Join(g.root, dir, "cpuacct.usage")); ok {
				return time.Duration(nanos), true
			}
		}
	case "v2":
		if micros := keyed(filepath.Join(g.root, "cpu.stat"), "usage_usec"); micros > 0 {
			return time.Duration(micros) * time.Microsecond, true
		}
	}
	return 0, false
}

// OOMKills counts processes the kernel killed for want of memory.
func (g Group) OOMKills() int64 {
	if g.Version == "v1" {
		return keyed(filepath.Join(g.root, "memory", "memory.oom_control"), "oom_kill")
	}
	return keyed(filepath.Join(g.root, "memory.events"), "oom_kill")
}

// Processes is how many processes and threads there are now.
func (g Group) Processes() (int64, bool) {
	if g.Version == "v1" {
		return number(filepath.Join(g.root, "pids", "pids.current"))
	}
	return number(filepath.Join(g.root, "pids.current"))
}

// PidsMax is the limit as the kernel prints it ("max" for none), "" if unknown.
func (g Group) PidsMax() string {
	path := filepath.Join(g.root, "pids.max")
	if g.Version == "v1" {
		path = filepath.Join(g.root, "pids", "pids.max")
	}
	text, _ := os.ReadFile(path)
	return strings.TrimSpace(string(text))
}

func number(path string) (int64, bool) {
	text, err := os.ReadFile(path)
	if err != nil {
		return 0, false
	}
	value, err := strconv.ParseInt(strings.TrimSpace(string(text)), 10, 64)
	return value, err == nil
}

func keyed(path, key string) int64 {
	text, err := os.ReadFile(path)
	if err != nil {
		return 0
	}
	for line := range strings.Lines(string(text)) {
		if fields := strings.Fields(line); len(fields) == 2 && fields[0] == key {
			value, _ := strconv.ParseInt(fields[1], 10, 64)
			return value
		}
	}
	return 0
}
