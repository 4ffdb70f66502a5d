package main

import (
	"fmt"
	"maps"
	"slices"
	"sort"
	"strings"
	"sync"
	"time"
)

// row measures one after the other. The first run warms up and does not count.
func (b *bench) row(name string, runs int, measure func() sample) {
	b.record(name, func() { measure() }, func() (samples []sample) {
		for range runs {
			samples = append(samples, measure())
		}
		return samples
	})
}

// rounds is how many bursts make a row.
const rounds = 3

// bursts measures some at once, several times. The first burst warms up and does not count; each finds the pool at rest.
func (b *bench) bursts(name string, runs, pool int, measure func(name string) sample) {
	b.record(name, func() { b.together(runs, 0, measure) }, func() (samples []sample) {
		for range rounds {
			if pool > 0 {
				b.settle(pool)
			}
			samples = append(samples, b.together(runs, 0, measure)...)
		}
		return samples
	})
}

// warmUp has executions run, so many at once, each from a full pool, and leaves no pool behind.
func (b *bench) warmUp(runs, atOnce int) {
	for done := 0; done < runs; done += atOnce {
		b.pool(atOnce)
		b.together(atOnce, 0, b.runAndDelete) // their ends are not to come in a row that is measured
	}
	if runs > 0 {
		b.api.must("DELETE", corral+b.namespace+"/pluginpools/instant", nil)
		b.settle(0)
	}
}

// together is an open loop: the next one starts when it is due, whatever became of the last.
func (b *bench) together(runs int, every time.Duration, measure func(name string) sample) []sample {
	samples := make([]sample, runs)
	var all sync.WaitGroup
	for i := range runs {
		one := b.name("burst")
		all.Go(func() { samples[i] = measure(one) })
		time.Sleep(every)
	}
	all.Wait()
	return samples
}

// sustain is a closed loop: so many are under way at any time. It says how many ended per second.
func (b *bench) sustain(name string, long time.Duration, atOnce int, measure func(name string) sample) {
	var samples []sample
	var mutex sync.Mutex
	b.record(fmt.Sprintf("%s, %d at once for %s", name, atOnce, long), func() {}, func() []sample {
		start := time.Now()
		var all sync.WaitGroup
		for range atOnce {
			all.Go(func() {
				for time.Since(start) < long {
					took := measure(b.name("sustained"))
					mutex.Lock()
					samples = append(samples, took)
					mutex.Unlock()
				}
			})
		}
		all.Wait()
		fmt.Printf("    %.2f per second\n", float64(len(samples))/time.Since(start).Seconds())
		return samples
	})
}

// record prints a row of what is measured. What follows a run, up to the pod that takes its pod's place, of the last one comes too late to
// be counted; that of the one that warmed up is counted instead.
func (b *bench) record(name string, warmUp func(), measure func() []sample) {
	idle := b.idle()
	warmUp()
	before, used, start := b.api.requests(), processes(), time.Now()
	samples := measure()
	time.Sleep(2 * time.Second)
	after := b.api.requests()
	b.print(name, samples, (writes(after)-writes(before)-idle*time.Since(start).Seconds())/float64(len(samples)))
	b.tell(samples, before, after, used)
}

// idle is how much is written per second while nothing is measured.
func (b *bench) idle() float64 {
	time.Sleep(2 * time.Second)
	before := writes(b.api.requests())
	time.Sleep(5 * time.Second)
	return (writes(b.api.requests()) - before) / 5
}

// tell prints how far runs were when, what was used of this machine, and what was asked of the API server meanwhile, by whomever, most first.
func (b *bench) tell(samples []sample, before, after map[string]float64, used map[string]process) {
	if !b.detail {
		return
	}
	tellStages(samples)
	tellTenths(samples)
	tellCPU(used, processes(), len(samples))
	each := perRun(before, after, len(samples))
	for _, request := range mostFirst(each) {
		if each[request] > 0 && !strings.HasPrefix(request, "WATCH") && !strings.Contains(request, "leases") {
			fmt.Printf("    %6.2f  %s\n", each[request], request)
		}
	}
}

// tellStages prints medians, of runs of Corral only.
func tellStages(samples []sample) {
	var created, claimed, first, reported, end []time.Duration
	for _, s := range samples {
		if s.claimed > 0 {
			created, claimed, first = append(created, s.created), append(claimed, s.claimed), append(first, s.first)
			reported, end = append(reported, s.reported), append(end, s.end)
		}
	}
	if len(created) > 0 {
		fmt.Printf("    ms, p50: %s created, %s claim seen, %s first instruction, %s report seen, %s end seen\n",
			quantile(created, 0.5), quantile(claimed, 0.5), quantile(first, 0.5), quantile(reported, 0.5), quantile(end, 0.5))
	}
}

// tellTenths prints how the row went on: runs are in the order in which they began, those of a closed loop in that of their ends.
func tellTenths(samples []sample) {
	if len(samples) < 100 {
		return
	}
	fmt.Print("    ms, p50/max of each tenth:")
	for tenth := range slices.Chunk(samples, (len(samples)+9)/10) {
		var first []time.Duration
		for _, s := range tenth {
			first = append(first, s.first)
		}
		fmt.Printf(" %.0f/%.0f", milliseconds(at(first, 0.5)), milliseconds(at(first, 1)))
	}
	fmt.Println()
}

// perRun is what was asked of the API server between two counts.
func perRun(before, after map[string]float64, runs int) map[string]float64 {
	each := map[string]float64{}
	for request := range after {
		each[request] = (after[request] - before[request]) / float64(runs)
	}
	return each
}

func mostFirst(figures map[string]float64) []string {
	names := slices.Collect(maps.Keys(figures))
	sort.Slice(names, func(i, j int) bool { return figures[names[i]] > figures[names[j]] })
	return names
}

func (b *bench) print(name string, samples []sample, writes float64) {
	var first, end []time.Duration
	failed := 0
	for _, s := range samples {
		if s.first == 0 && s.end == 0 {
			failed++
			continue
		}
		first = append(first, s.first)
		if s.end > 0 {
			end = append(end, s.end)
		}
	}
	b.lines = append(b.lines, line{name, first, end})
	fmt.Printf("%-34s %9s %9s %9s %9s %9s %7.1f %6d\n", name,
		quantile(first, 0.5), quantile(first, 0.95), quantile(first, 1), quantile(end, 0.5), quantile(end, 0.95), writes, failed)
}

func quantile(all []time.Duration, q float64) string {
	if len(all) == 0 {
		return "–"
	}
	return fmt.Sprintf("%.1f", milliseconds(at(all, q)))
}

// at is the quantile of some, which it sorts; of none there is no such thing.
func at(all []time.Duration, q float64) time.Duration {
	sort.Slice(all, func(i, j int) bool { return all[i] < all[j] })
	return all[int(q*float64(len(all)-1)+0.5)]
}
