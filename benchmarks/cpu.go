package main

import (
	"fmt"
	"os"
	"path/filepath"
	"sort"
	"strconv"
	"strings"
)

// tick is a hundredth of a second: USER_HZ, which Linux has fixed for everything it tells in /proc.
const tick = 10.0

type process struct {
	name string
	ms   float64
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
		open, end := strings.IndexByte(string(stat), '('), strings.LastIndexByte(string(stat), ')')
		fields := strings.Fields(string(stat[end+1:]))
		name := string(stat[open+1 : end])
		if name == "java" {
			arguments, _ := os.ReadFile(filepath.Join(filepath.Dir(path), "cmdline"))
			words := strings.Split(strings.TrimRight(string(arguments), "\x00"), "\x00")
			name = "java " + words[len(words)-1] // controller or gateway
		}
		used := 0.0
		for _, field := range fields[11:15] { // utime, stime, cutime, cstime of proc(5)
			ticks, _ := strconv.ParseFloat(field, 64)
			used += ticks * tick
		}
		all[filepath.Base(filepath.Dir(path))] = process{name, used}
	}
	return all
}

// tellCPU prints who used the processors meanwhile, in milliseconds per run, most first, down to one.
func tellCPU(before, after map[string]process, runs int) {
	used := map[string]float64{}
	for pid, now := range after {
		used[now.name] += now.ms - before[pid].ms
	}
	names := []string{}
	for name, ms := range used {
		if ms/float64(runs) >= 1 {
			names = append(names, name)
		}
	}
	sort.Slice(names, func(i, j int) bool { return used[names[i]] > used[names[j]] })
	for _, name := range names {
		fmt.Printf("    %6.1f ms of CPU  %s\n", used[name]/float64(runs), name)
	}
}
