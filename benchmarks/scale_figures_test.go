package main

import (
	"math"
	"testing"
	"time"
)

func TestSlopeIsWhatOneMoreAdds(t *testing.T) {
	if got := slope([]point{{100, 30}, {1000, 210}, {5000, 1010}}); math.Abs(got-0.2) > 1e-9 {
		t.Errorf("%g, not 0.2", got)
	}
	if got := slope([]point{{0, 1}, {1, 3}, {2, 3}}); math.Abs(got-1) > 1e-9 {
		t.Errorf("not the least squares: %g, not 1", got)
	}
	for name, few := range map[string][]point{"none": nil, "one": {{1, 2}}, "the same twice": {{1, 2}, {1, 3}}} {
		if got := slope(few); !math.IsNaN(got) {
			t.Errorf("%s: %g", name, got)
		}
	}
}

func TestProcessFiguresAreReadFromProc(t *testing.T) {
	stat := "42 (a ) name) S 1 42 42 0 -1 4194560 1 0 0 0 150 25 7 8 20 0 1 0 100 0 0"
	if got := cpu(stat); got != 1.75 {
		t.Errorf("cpu %g, not 1.75 s", got)
	}
	if got := cpuWithChildren(stat); got != 1.9 || cpuWithChildren("") != 0 {
		t.Errorf("with children %g, not 1.9 s", got)
	}
	if got := program(stat); got != "a ) name" || program("") != "" {
		t.Errorf("program %q", got)
	}
	if got := resident("Name:\tjava\nVmHWM:\t  999 kB\nVmRSS:\t  2048 kB\nThreads:\t3\n"); got != 2 {
		t.Errorf("resident %g, not 2 MiB", got)
	}
}

func TestMetricsAreAddedUpByNameAndLabel(t *testing.T) {
	text := "# HELP m x\nm{area=\"heap\",id=\"a\"} 1.5E2\nm{area=\"heap\",id=\"b\"} 50\nm{area=\"nonheap\"} 7\nmore{area=\"heap\"} 9\nplain 3\n"
	if got := sum(text, "m", `area="heap"`); got != 200 {
		t.Errorf("%g, not 200", got)
	}
	if got := sum(text, "plain", ""); got != 3 {
		t.Errorf("%g, not 3", got)
	}
}

func TestQuantilesAreOfTheSorted(t *testing.T) {
	all := []time.Duration{}
	for i := 100; i >= 0; i-- {
		all = append(all, time.Duration(i)*time.Millisecond)
	}
	if p50, p95 := quantile(all, 0.5), quantile(all, 0.95); p50 != "50.0" || p95 != "95.0" {
		t.Errorf("p50 %s, p95 %s", p50, p95)
	}
	if got := quantile(nil, 0.5); got != "–" {
		t.Errorf("of nothing: %s", got)
	}
}
