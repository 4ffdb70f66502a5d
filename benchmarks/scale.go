package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"math"
	"os"
	"os/exec"
	"sort"
	"strconv"
	"strings"
	"time"
)

// scaling is one cluster with its launchers, and what the command line asks of it.
type scaling struct {
	*crowd
	pending, namespaces int
	serial, stored      int
	csv                 string
	patience            time.Duration
	detail              bool
}

// wave is what one row of the table is made of.
type wave struct {
	live                                int
	making, end, converged, firstEnd    time.Duration
	queue                               []time.Duration
	writesMade, writesAll               float64
	cpuController, cpuGateway, cpuAgain float64
	controller, gateway                 [3]memory // before, with all alive, after
	stored                              int
	database                            float64
	succeeded, otherwise, lost, twice   int
	spent                               map[string]float64 // seconds of CPU while they were made, by program
	machine                             float64            // and of everything on this machine
}

func scale(arguments []string) {
	flags := flag.NewFlagSet("scale", flag.ExitOnError)
	state := flags.String("state", "", "folder for everything that is written, but for --csv")
	live := flags.String("live", "100,1000", "executions alive at once, one row each, in this order on one cluster; 0: none")
	nodes := flags.Int("nodes", 1000, "nodes")
	pending := flags.Int("pending", 16, "executions that are created and not claimed, at most")
	ending := flags.Int("ending", 16, "launchers that report at once, at most")
	namespaces := flags.Int("namespaces", 20, "namespaces the executions are spread over")
	heap := flags.String("heap", "3g", "-Xmx of controller and gateway each; the chart's default is about 192m")
	growth := flags.Bool("growth", true, "also: create to claim with 10 stored executions and 1 policy, with --stored and --policies, and again")
	runs := flags.Int("runs", 200, "of the growth, runs per row")
	stored := flags.Int("stored", 10000, "of the growth, finished executions")
	policies := flags.Int("policies", 1000, "of the growth, policies; all but one select other namespaces")
	ended := flags.Duration("ended", time.Hour, "of the growth, how long ago those have ended; a controller that starts tells again of less than ten minutes ago")
	csv := flags.String("csv", "", "file the tables are added to as CSV")
	patience := flags.Duration("patience", 30*time.Minute, "how long one wave may take to be alive, or to end")
	detail := flags.Bool("detail", false, "to standard error: requests per run by verb, resource and code, and what fills the heaps")
	check(flags.Parse(arguments))

	c, err := build(*state, *heap, *nodes)
	check(err)
	s := &scaling{crowd: gather(c, *ending), pending: *pending, namespaces: *namespaces, csv: *csv, patience: *patience,
		detail: *detail}
	s.prepare()
	for i := range s.namespaces {
		check(within(5*time.Minute, "the plugin is looked at", func() error {
			if c.admin.must("GET", corral+s.namespace(i)+"/plugins/check", nil).condition("Ready") {
				return nil
			}
			return fmt.Errorf("it is not Ready")
		}))
	}
	check(within(3*time.Minute, "the nodes are probed", func() error {
		if c.admin.must("GET", "/apis/corral.dev/v1alpha1/corralclusters/cluster", nil).condition("Ready") {
			return nil
		}
		return fmt.Errorf("CorralCluster is not Ready")
	}))
	if *growth {
		s.growth(*runs, *stored, *policies, *ended)
	}
	s.holding()
	s.release()
	s.remove(s.alone(50, 0)) // compiles what is used
	waves := []wave{}
	for text := range strings.SplitSeq(*live, ",") {
		count, err := strconv.Atoi(text)
		check(err)
		if count > 0 {
			fmt.Fprintf(os.Stderr, "%s  %d alive\n", time.Now().Format(time.TimeOnly), count)
			waves = append(waves, s.wave(count))
		}
	}
	if len(waves) > 0 {
		s.tell(waves)
	}
	if len(s.wrong) > 0 {
		fmt.Printf("%d complaints, the first: %s\n", len(s.wrong), s.wrong[0])
	}
}

func (s *scaling) namespace(i int) string { return fmt.Sprintf("team-%02d", i%s.namespaces) }

func (s *scaling) prepare() {
	a := s.cluster.admin
	a.must("POST", "/apis/corral.dev/v1alpha1/clusterpluginpolicies", policy("teams", object{"corral.dev/enabled": "true"}))
	for i := range s.namespaces {
		name := s.namespace(i)
		a.must("POST", "/api/v1/namespaces", object{"metadata": object{"name": name, "labels": object{"corral.dev/enabled": "true"}}})
		a.must("POST", corral+name+"/plugins", object{"apiVersion": "corral.dev/v1alpha1", "kind": "Plugin",
			"metadata": object{"name": "check"}, "spec": object{"version": "1.0.0", "image": fmt.Sprintf(unpulled, "check", 3),
				"permissions": object{"limits": object{"timeout": "6h", "memory": "32Mi"}},
				"handlers":    []any{object{"name": "check", "command": []any{"/app/check"}}}}})
	}
}

func policy(name string, labels object) object {
	return object{"apiVersion": "corral.dev/v1alpha1", "kind": "ClusterPluginPolicy", "metadata": object{"name": name},
		"spec": object{"owner": "benchmarks", "namespaces": object{"matchLabels": labels},
			"grants": object{"limits": object{"timeout": "6h", "memory": "64Mi"}}}}
}

// make creates executions as fast as they are claimed, so that never more than pending wait.
func (s *scaling) make(count int) []*run {
	all := make([]*run, count)
	room := make(chan struct{}, s.pending)
	end := time.Now().Add(s.patience)
	each(count, s.pending, func(i int) {
		room <- struct{}{}
		defer func() { <-room }()
		if time.Now().After(end) {
			return
		}
		s.mutex.Lock()
		s.serial++
		name := fmt.Sprintf("run-%06d", s.serial)
		s.mutex.Unlock()
		r := s.create(s.namespace(i), name)
		all[i] = r
		if !s.crowd.await(2*time.Minute, func() bool { return !r.claimed.IsZero() || !r.ended.IsZero() }) {
			s.complain(name + " is not claimed after two minutes")
		}
	})
	made := all[:0]
	for _, r := range all {
		if r != nil {
			made = append(made, r)
		}
	}
	return made
}

func (s *scaling) memory(w *wave, at int) {
	w.controller[at], w.gateway[at] = s.cluster.controller.memory(8080), s.cluster.gateway.memory(8081)
}

// wave makes so many live at once, kills the controller, lets all handlers end, starts the controller again, and waits for all ends.
func (s *scaling) wave(count int) wave {
	c, w := s.cluster, wave{}
	s.holding()
	s.memory(&w, 0)
	requestsBefore := c.admin.requests()
	writesBefore := writes(requestsBefore)
	cpuController, cpuGateway := c.controller.cpu(), c.gateway.cpu()
	machine, spent, start := busy(), c.spent(), time.Now()
	runs := s.make(count)
	s.await(time.Minute, func() bool { return s.live >= len(runs) })
	w.making = time.Since(start)
	w.machine, w.spent = busy()-machine, c.spent()
	for program, before := range spent {
		w.spent[program] -= before
	}
	w.live = s.live
	for _, r := range runs {
		if !r.claimed.IsZero() {
			w.queue = append(w.queue, r.claimed.Sub(r.created))
		}
	}
	time.Sleep(3 * time.Second) // their started is written
	w.writesMade = (writes(c.admin.requests()) - writesBefore) / float64(len(runs))
	s.memory(&w, 1)
	s.explain("to claim", requestsBefore, len(runs))

	fmt.Fprintf(os.Stderr, "%s  %d are alive; the controller is killed\n", time.Now().Format(time.TimeOnly), w.live)
	before := s.ends
	c.kill()
	s.release()
	killed := time.Now()
	c.restart()
	starting := c.controller
	done := func() bool {
		if s.ends > before && w.firstEnd == 0 {
			w.firstEnd, w.cpuAgain = time.Since(killed), starting.cpu()-starting.spent
		}
		return s.ends >= before+len(runs)
	}
	s.await(s.patience, done)
	w.converged = time.Since(killed)
	s.mutex.Lock()
	for _, r := range runs {
		switch {
		case r.state == "Succeeded":
			w.succeeded++
		case r.ended.IsZero():
			w.lost++
		default:
			w.otherwise++
			fmt.Fprintf(os.Stderr, "scale: %s/%s ended as %s\n", r.namespace, r.name, r.state)
		}
		if s.starts[r.uid] > 1 {
			w.twice++
		}
	}
	s.mutex.Unlock()
	s.stored += len(runs)
	w.stored = s.stored
	check(within(s.patience, "the pods are gone", s.podless))
	w.end = time.Since(killed)
	w.writesAll = (writes(c.admin.requests()) - writesBefore) / float64(len(runs))
	w.cpuController = (c.controller.cpu() - cpuController - w.cpuAgain) * 100 / float64(len(runs))
	w.cpuGateway = (c.gateway.cpu() - cpuGateway) * 100 / float64(len(runs))
	s.memory(&w, 2)
	s.explain("in all", requestsBefore, len(runs))
	w.database = database()
	return w
}

// explain says what was asked of the API server since then, and what the two heaps are full of.
func (s *scaling) explain(when string, before map[string]float64, runs int) {
	if !s.detail {
		return
	}
	asked := perRun(before, s.cluster.admin.requests(), runs)
	most := mostFirst(asked)
	for _, request := range most[:min(24, len(most))] {
		fmt.Fprintf(os.Stderr, "    %s %8.2f  %s\n", when, asked[request], request)
	}
	for name, p := range map[string]*role{"controller": s.cluster.controller, "gateway": s.cluster.gateway} {
		words, err := exec.Command("jcmd", fmt.Sprint(p.Process.Pid), "GC.class_histogram").Output()
		if err != nil {
			fmt.Fprintln(os.Stderr, "jcmd:", err)
		}
		lines := strings.Split(string(words), "\n")
		fmt.Fprintf(os.Stderr, "    %s %s\n%s\n", when, name, strings.Join(lines[:min(24, len(lines))], "\n"))
	}
}

func (s *scaling) podless() error {
	list := s.cluster.admin.must("GET", "/api/v1/pods?fieldSelector=metadata.namespace%21%3D"+system+"&labelSelector=corral.dev%2Fplugin-pod%3Dtrue&limit=1", nil)
	if left, _ := list.at("items").([]any); len(left) > 0 {
		time.Sleep(time.Second)
		return fmt.Errorf("some are left")
	}
	return nil
}

func (s *scaling) tell(waves []wave) {
	made := [][]string{{"alive", "made in s", "per s", "queue p50 ms", "p95 ms", "writes to claim", "in all", "controller CPU s/100", "gateway CPU s/100"}}
	work := [][]string{{"CPU s/100 to claim"}}
	programs := []string{}
	for program := range waves[0].spent {
		programs = append(programs, program)
	}
	sort.Strings(programs)
	work[0] = append(append(work[0], programs...), "cores used", "by others")
	kept := [][]string{{"alive", "controller MiB: before", "alive", "after", "resident", "gateway MiB: before", "alive", "after", "resident", "stored", "etcd MiB"}}
	ended := [][]string{{"alive at kill -9", "first end s", "start CPU s", "all ended s", "pods gone s", "right", "otherwise", "never", "started twice"}}
	var live, finished [2][]point
	for _, w := range waves {
		row := func(values ...string) []string { return append([]string{strconv.Itoa(w.live)}, values...) }
		made = append(made, row(figure(w.making.Seconds(), 1), figure(float64(len(w.queue))/w.making.Seconds(), 1), quantile(w.queue, 0.5), quantile(w.queue, 0.95),
			figure(w.writesMade, 1), figure(w.writesAll, 1), figure(w.cpuController, 1), figure(w.cpuGateway, 1)))
		own, each := 0.0, []string{}
		for _, program := range programs {
			own += w.spent[program]
			each = append(each, figure(w.spent[program]*100/float64(w.live), 1))
		}
		work = append(work, row(append(each, figure(own/w.making.Seconds(), 2), figure((w.machine-own)/w.making.Seconds(), 2))...))
		memories := []string{}
		for i, kept := range [][3]memory{w.controller, w.gateway} {
			memories = append(memories, figure(kept[0].heap, 1), figure(kept[1].heap, 1), figure(kept[2].heap, 1),
				figure(math.Max(kept[1].resident, kept[2].resident), 0))
			live[i] = append(live[i], point{0, 0}, point{float64(w.live), (kept[1].heap - kept[0].heap) * 1024})
			finished[i] = append(finished[i], point{float64(w.stored), kept[2].heap * 1024})
		}
		kept = append(kept, row(append(memories, strconv.Itoa(w.stored), figure(w.database, 0))...))
		ended = append(ended, row(figure(w.firstEnd.Seconds(), 1), figure(w.cpuAgain, 1), figure(w.converged.Seconds(), 1), figure(w.end.Seconds(), 1),
			strconv.Itoa(w.succeeded), strconv.Itoa(w.otherwise), strconv.Itoa(w.lost), strconv.Itoa(w.twice)))
	}
	slopes := [][]string{{"KiB of heap", "controller", "gateway"},
		{"per live execution", figure(slope(live[0]), 1), figure(slope(live[1]), 1)},
		{"per finished execution", figure(slope(finished[0]), 2), figure(slope(finished[1]), 2)},
		{"an execution as JSON", figure(s.size(), 1), ""}}
	for _, rows := range [][][]string{made, work, kept, ended, slopes} {
		check(table(s.csv, rows))
		fmt.Println()
	}
}

// size is what finished executions take in etcd on average, in KiB: it keeps their JSON.
func (s *scaling) size() float64 {
	list := s.cluster.admin.must("GET", corral+s.namespace(0)+"/pluginexecutions?limit=200", nil)
	items, _ := list.at("items").([]any)
	if len(items) == 0 {
		return math.NaN()
	}
	text, err := json.Marshal(items)
	check(err)
	return float64(len(text)) / float64(len(items)) / 1024
}
