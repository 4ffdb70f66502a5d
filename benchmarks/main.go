// Measures starts on the cluster in use: the API server's own floor, a bare pod, a Job, Corral cold and warm, a burst, and
// a steady stream. Every row comes from the same run, by the same client, with the same program as handler. With the argument scale
// it measures something else: how far one installation carries, on a cluster of its own that is simulated in part.
package main

import (
	"flag"
	"fmt"
	"maps"
	"os"
	"slices"
	"sort"
	"strings"
	"sync"
	"time"
)

const (
	patience = 120 * time.Second
	corral   = "/apis/corral.dev/v1alpha1/namespaces/"
)

type bench struct {
	api              *api
	namespace, image string
	runs             int
	pods, executions *watch
	pools            *watch
	serial           int
	undo             []string // paths of what was made, the namespace first
	lines            []line   // of the plot
	detail           bool
	launcher         string
}

// sample is one run; a zero is what was not seen. Of a run of Corral also where it was in between: its create answered, and its claim
// and its report on the watch.
type sample struct{ created, claimed, first, reported, end time.Duration }

func main() {
	if len(os.Args) > 1 && os.Args[1] == "scale" {
		scale(os.Args[2:])
		return
	}
	kubectl := flag.String("kubectl", "cluster/kubectl", "the kubectl of the cluster to measure")
	image := flag.String("image", "", "image of the probe, as the cluster pulls it")
	launcher := flag.String("launcher", "", "image of the launcher; empty: no row of a pod that is made as Corral's are")
	detail := flag.Bool("detail", false, "after each row, per run: CPU time of this machine by process, and requests by verb, resource and code")
	runs := flag.Int("runs", 10, "runs per row")
	burst := flag.Int("burst", 20, "executions at once, from a pool of as many")
	rate := flag.Int("rate", 0, "executions per second of the steady stream; 0: none")
	seconds := flag.Int("seconds", 10, "length of the steady stream")
	poolSize := flag.Int("pool", 40, "pods that wait for the steady stream")
	images := flag.String("footprint", "", "also, on a cluster of this machine alone: restarts Corral and tells what it takes by itself; the `folder` holds its images")
	picture := flag.String("plot", "", "file for a plot of the table, e.g. starts.svg or starts.png")
	command := flag.String("command", "", "also: time `command` from start to its end, e.g. kubectl create of a TaskRun and wait")
	flag.Parse()
	a, err := connect(*kubectl)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	b := &bench{api: a, namespace: "bench-" + fmt.Sprint(time.Now().Unix()%100000), image: *image, runs: *runs,
		detail: *detail, launcher: *launcher}
	b.prepare()
	defer b.remove()

	fmt.Printf("%-34s %9s %9s %9s %9s %9s %7s %6s\n", "ms", "first p50", "p95", "max", "end p50", "p95", "writes", "failed")
	b.row("floor: create, seen, patch, seen", 10*b.runs, func() sample { return b.floor(b.name("floor")) })
	b.row("bare pod", b.runs, b.pod)
	if b.launcher != "" {
		b.row("bare pod, volumes, user namespace", b.runs, b.hardened)
	}
	b.row("Job", max(3, b.runs/2), b.job)
	b.row("Corral cold", b.runs, func() sample { b.settle(0); return b.execution() })
	b.pool(10)
	b.row("Corral warm, with input", 3*b.runs, func() sample { b.settle(10); return b.execution() })
	alone := b.castShadow()
	b.row("floor: a run's writes, nothing else", 3*b.runs, func() sample { return alone.run(b.name("floor")) })
	if *burst > 0 {
		b.together(fmt.Sprintf("floor: the same, burst of %d", *burst), *burst, 0, alone.run)
		b.pool(*burst)
		b.together(fmt.Sprintf("Corral warm, burst of %d", *burst), *burst, 0, b.run)
	}
	if *rate > 0 {
		b.pool(*poolSize)
		b.together(fmt.Sprintf("Corral warm, %d/s for %d s", *rate, *seconds), *rate**seconds,
			time.Second/time.Duration(*rate), b.run)
	}
	if *command != "" {
		b.row("command", b.runs, func() sample { return timed(*command) })
	}
	if *images != "" {
		b.footprint(*images, 10)
	}
	if *picture != "" {
		if err := draw(*picture, b.lines); err != nil {
			fmt.Fprintln(os.Stderr, err)
		}
	}
}

func (b *bench) prepare() {
	a := b.api
	b.undo = []string{"/api/v1/namespaces/" + b.namespace, "/apis/corral.dev/v1alpha1/clusterpluginpolicies/" + b.namespace}
	a.must("POST", "/api/v1/namespaces", object{"metadata": object{"name": b.namespace,
		"labels": object{"pod-security.kubernetes.io/enforce": "privileged"}}})
	a.must("POST", "/apis/corral.dev/v1alpha1/clusterpluginpolicies", object{"apiVersion": "corral.dev/v1alpha1",
		"kind": "ClusterPluginPolicy", "metadata": object{"name": b.namespace}, "spec": object{
			"namespaces": object{"matchLabels": object{"kubernetes.io/metadata.name": b.namespace}},
			"placement":  object{"waitingCPU": "1m"},
			"grants":     object{"limits": object{"timeout": "1m", "memory": "32Mi", "cpu": "500m", "disk": "8Mi"}}}})
	a.must("POST", corral+b.namespace+"/plugins", object{"apiVersion": "corral.dev/v1alpha1", "kind": "Plugin",
		"metadata": object{"name": "instant"}, "spec": object{"image": b.image,
			"permissions": object{"limits": object{"memory": "32Mi", "disk": "8Mi"}},
			"handlers":    []any{object{"name": "main", "command": []any{"/probe", "instant"}}}}})
	b.pods = a.watch("/api/v1/namespaces/" + b.namespace + "/pods")
	b.executions = a.watch(corral + b.namespace + "/pluginexecutions")
	b.pools = a.watch(corral + b.namespace + "/pluginpools")
	time.Sleep(3 * time.Second) // the policy and the plugin reach the controller's caches
}

func (b *bench) remove() {
	for _, path := range slices.Backward(b.undo) {
		b.api.must("DELETE", path, nil)
	}
}

func (b *bench) name(kind string) string {
	b.serial++
	return fmt.Sprintf("%s-%d", kind, b.serial)
}

// floor: what two writes and two deliveries cost without anybody in between.
func (b *bench) floor(name string) sample {
	path := "/api/v1/namespaces/" + b.namespace + "/pods"
	pod := b.bare(name)
	pod["spec"].(object)["schedulerName"] = "nobody"
	start := time.Now()
	b.api.must("POST", path, pod)
	b.pods.until(name, patience, func(object) bool { return true })
	b.api.must("PATCH", path+"/"+name, object{"metadata": object{"annotations": object{"x": "y"}}})
	seen, _ := b.pods.until(name, patience, func(o object) bool { return o.text("metadata", "annotations", "x") == "y" })
	b.api.must("DELETE", path+"/"+name, object{"gracePeriodSeconds": 0})
	return sample{first: seen.at.Sub(start)}
}

func (b *bench) bare(name string) object {
	return object{"apiVersion": "v1", "kind": "Pod", "metadata": object{"name": name}, "spec": b.podSpec()}
}

func (b *bench) podSpec() object {
	return object{"restartPolicy": "Never", "automountServiceAccountToken": false, "terminationGracePeriodSeconds": 0,
		"containers": []any{object{"name": "main", "image": b.image, "command": []any{"/probe", "instant"}}}}
}

func (b *bench) pod() sample {
	return b.onePod(b.bare(b.name("pod")))
}

// hardened: what a bare pod takes that has the volumes and the user namespace of a plugin pod, and nothing else of it.
func (b *bench) hardened() sample {
	pod := b.bare(b.name("pod"))
	spec := pod["spec"].(object)
	spec["hostUsers"] = false
	spec["volumes"] = []any{
		object{"name": "launcher", "image": object{"reference": b.launcher, "pullPolicy": "IfNotPresent"}},
		object{"name": "token", "projected": object{"sources": []any{
			object{"serviceAccountToken": object{"audience": "bench", "expirationSeconds": 3600, "path": "token"}}}}},
		object{"name": "work", "emptyDir": object{"sizeLimit": "8Mi"}}}
	spec["containers"].([]any)[0].(object)["volumeMounts"] = []any{
		object{"name": "launcher", "mountPath": "/.corral/bin", "readOnly": true},
		object{"name": "token", "mountPath": "/.corral/token", "readOnly": true},
		object{"name": "work", "mountPath": "/work"}}
	return b.onePod(pod)
}

func (b *bench) onePod(pod object) sample {
	path, name := "/api/v1/namespaces/"+b.namespace+"/pods", pod.text("metadata", "name")
	start := time.Now()
	b.api.must("POST", path, pod)
	done, _ := b.pods.until(name, patience, func(o object) bool { return o.text("status", "phase") == "Succeeded" })
	b.api.must("DELETE", path+"/"+name, nil)
	return sample{first: since(start, terminated(done.object)), end: done.at.Sub(start)}
}

func (b *bench) job() sample {
	path, name := "/apis/batch/v1/namespaces/"+b.namespace+"/jobs", b.name("job")
	jobs := b.api.watch(path)
	start := time.Now()
	b.api.must("POST", path, object{"apiVersion": "batch/v1", "kind": "Job", "metadata": object{"name": name},
		"spec": object{"backoffLimit": 0, "template": object{"spec": b.podSpec()}}})
	done, _ := jobs.until(name, patience, func(o object) bool { return o.number("status", "succeeded") == 1 })
	first := sample{end: done.at.Sub(start)}
	b.pods.mutex.Lock()
	for pod, seen := range b.pods.seen {
		if strings.HasPrefix(pod, name+"-") {
			first.first = since(start, terminated(seen[len(seen)-1].object))
		}
	}
	b.pods.mutex.Unlock()
	b.api.must("DELETE", path+"/"+name+"?propagationPolicy=Background", nil)
	return first
}

// terminated: the handler's own word, in the message its container left.
func terminated(pod object) float64 {
	statuses, _ := pod.at("status", "containerStatuses").([]any)
	for _, s := range statuses {
		if container, ok := s.(map[string]any); ok {
			var at float64
			if fmt.Sscanf(object(container).text("state", "terminated", "message"), `{"at": %g}`, &at); at > 0 {
				return at
			}
		}
	}
	return 0
}

func since(start time.Time, nanos float64) time.Duration {
	if nanos == 0 {
		return 0
	}
	return time.Unix(0, int64(nanos)).Sub(start)
}

func (b *bench) execution() sample { return b.run(b.name("run")) }

func (b *bench) run(name string) sample {
	path := corral + b.namespace + "/pluginexecutions"
	start := time.Now()
	if _, err := b.api.call("POST", path, object{"apiVersion": "corral.dev/v1alpha1", "kind": "PluginExecution",
		"metadata": object{"name": name}, "spec": object{"plugin": object{"name": "instant"}, "handler": "main",
			"input": object{"at": start.UnixNano()}}}); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return sample{}
	}
	created := time.Since(start)
	done, seen := b.executions.until(name, patience, func(o object) bool { return o.text("status", "completionTime") != "" })
	if !seen || done.object.text("status", "state") != "Succeeded" {
		return sample{}
	}
	took := sample{created: created, first: since(start, done.object.number("status", "result", "at")), end: done.at.Sub(start)}
	for _, sight := range slices.Backward(b.executions.all(name)) {
		if sight.object.text("status", "attempt", "podUID") != "" {
			took.claimed = sight.at.Sub(start)
		}
		if sight.object.text("status", "report", "reason") != "" {
			took.reported = sight.at.Sub(start)
		}
	}
	return took
}

// pool makes or resizes the pool and waits until it is full and at rest.
func (b *bench) pool(size int) {
	path := corral + b.namespace + "/pluginpools"
	spec := object{"plugin": object{"name": "instant"}, "handler": "main", "replicas": size, "refillPerSecond": 10}
	if _, err := b.api.call("POST", path, object{"apiVersion": "corral.dev/v1alpha1", "kind": "PluginPool",
		"metadata": object{"name": "instant"}, "spec": spec}); err != nil {
		b.api.must("PATCH", path+"/instant", object{"spec": spec})
	}
	generation := b.api.must("GET", path+"/instant", nil).number("metadata", "generation")
	if _, full := b.pools.until("instant", 4*patience, func(o object) bool {
		return o.number("status", "ready") >= float64(size) && o.number("status", "observedGeneration") >= generation
	}); !full {
		fmt.Fprintf(os.Stderr, "the pool does not reach %d pods\n", size)
	}
	b.settle(size)
}

// settle waits until as many pods wait as the pool holds and no other is left: what the last run cost is not the next one's, which
// a run that ends before its pod would otherwise pay for.
func (b *bench) settle(size int) {
	for end := time.Now().Add(patience); time.Now().Before(end); time.Sleep(500 * time.Millisecond) {
		ready, busy := 0, 0
		for _, pod := range b.list("/api/v1/namespaces/" + b.namespace + "/pods") {
			switch {
			case pod.text("status", "phase") == "Succeeded" && pod.text("metadata", "deletionTimestamp") == "":
			case pod.condition("Ready"):
				ready++
			default:
				busy++
			}
		}
		if ready == size && busy == 0 {
			time.Sleep(time.Second)
			return
		}
	}
	fmt.Fprintf(os.Stderr, "the pool does not settle at %d pods\n", size)
}

func (b *bench) list(path string) []object {
	items, _ := b.api.must("GET", path, nil).at("items").([]any)
	all := make([]object, len(items))
	for i, item := range items {
		all[i] = object(item.(map[string]any))
	}
	return all
}

// row measures one after the other. The first run warms up and does not count.
func (b *bench) row(name string, runs int, measure func() sample) {
	measure()
	idle := b.idle()
	before, used, start := b.api.requests(), processes(), time.Now()
	samples := make([]sample, 0, runs)
	for range runs {
		samples = append(samples, measure())
	}
	time.Sleep(2 * time.Second)
	after := b.api.requests()
	b.print(name, samples, (writes(after)-writes(before)-idle*time.Since(start).Seconds())/float64(runs))
	b.tell(samples, before, after, used)
}

// together measures an open loop: the next one starts when it is due, whatever became of the last.
func (b *bench) together(name string, runs int, every time.Duration, measure func(name string) sample) {
	before, used := b.api.requests(), processes()
	samples := make([]sample, runs)
	var all sync.WaitGroup
	for i := range runs {
		one := b.name("burst")
		all.Go(func() { samples[i] = measure(one) })
		time.Sleep(every)
	}
	all.Wait()
	time.Sleep(2 * time.Second)
	after := b.api.requests()
	b.print(name, samples, (writes(after)-writes(before))/float64(runs))
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
