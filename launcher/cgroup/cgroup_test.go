package cgroup

import (
	"os"
	"path/filepath"
	"testing"
	"time"
)

func tree(t *testing.T, files map[string]string) Group {
	t.Helper()
	root := t.TempDir()
	for path, text := range files {
		target := filepath.Join(root, path)
		if err := os.MkdirAll(filepath.Dir(target), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(target, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return Find(root)
}

func TestBothVersionsTellTheSame(t *testing.T) {
	for version, files := range map[string]map[string]string{
		"v1": {
			"memory/memory.usage_in_bytes": "1000\n", "memory/memory.stat": "inactive_file 1\ntotal_inactive_file 300\n",
			"memory/memory.max_usage_in_bytes": "2000\n", "cpu,cpuacct/cpuacct.usage": "5000000\n", "pids/pids.max": "512\n",
			"memory/memory.oom_control": "oom_kill_disable 0\nunder_oom 0\noom_kill 3\n",
		},
		"v2": {
			"cgroup.controllers": "cpu memory pids\n", "memory.current": "1000\n", "memory.stat": "anon 5\ninactive_file 300\n",
			"memory.peak": "2000\n", "cpu.stat": "usage_usec 5000\nuser_usec 1\n", "pids.max": "512\n", "memory.events": "oom 4\noom_kill 3\n",
		},
	} {
		g := tree(t, files)
		used, known := g.WorkingSet()
		cpu, cpuKnown := g.CPU()
		if g.Version != version || used != 700 || !known || g.Peak() != 2000 || cpu != 5*time.Millisecond || !cpuKnown ||
			g.PidsMax() != "512" || g.OOMKills() != 3 {
			t.Errorf("%s: %+v %d %v %d %v %s %d", version, g, used, known, g.Peak(), cpu, g.PidsMax(), g.OOMKills())
		}
	}
}

func TestAMissingGroupIsNoAnswerAndNoFailure(t *testing.T) {
	g := tree(t, nil)
	_, known := g.WorkingSet()
	_, cpuKnown := g.CPU()
	if g.Version != "" || known || cpuKnown || g.Peak() != 0 || g.PidsMax() != "" || g.OOMKills() != 0 {
		t.Errorf("%+v", g)
	}
}
