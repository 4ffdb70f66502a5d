package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

type process struct {
	name    string
	seconds float64
}

// processes says what each process of this machine has used so far, with children it has waited for, by pid. On a cluster of
// several machines it knows of one of them only.
func processes() map[string]process {
	all := map[string]process{}
	paths, _ := filepath.Glob("/proc/[0-9]*/stat")
	for _, path := range paths {
		stat, err := os.ReadFile(path)
		if err != nil {
			continue // it ended meanwhile
		}
		folder, name := filepath.Dir(path), program(string(stat))
		if name == "java" {
			words := commandLine(filepath.Base(folder))
			name = "java " + words[len(words)-1] // controller or gateway
		}
		all[filepath.Base(folder)] = process{name, cpuWithChildren(string(stat))}
	}
	return all
}

func commandLine(pid string) []string {
	return strings.Split(strings.TrimRight(proc(pid, "cmdline"), "\x00"), "\x00")
}

// tellCPU prints who used the processors meanwhile, in milliseconds per run, most first, down to one.
func tellCPU(before, after map[string]process, runs int) {
	used := map[string]float64{}
	for pid, now := range after {
		used[now.name] += (now.seconds - before[pid].seconds) * 1000 / float64(runs)
	}
	for _, name := range mostFirst(used) {
		if used[name] >= 1 {
			fmt.Printf("    %6.1f ms of CPU  %s\n", used[name], name)
		}
	}
}
