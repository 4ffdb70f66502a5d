// Measures starts on the cluster in use: the API server's own floor, a bare pod, a Job, Corral cold and warm, a burst, and
// a steady stream. Every row comes from the same run, by the same client, with the same program as handler. With the argument scale
// it measures something else: how far one installation carries, on a cluster of its own that is simulated in part.
package main

import (
	"flag"
	"fmt"
	"os"
	"os/signal"
	"slices"
	"strings"
	"sync/atomic"
	"syscall"
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
	serial           atomic.Int64
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
	warmUp := flag.Int("warm-up", 0, "executions before the first row of Corral, as many at once as in a burst: controller and gateway compile themselves while they work")
	flows := flag.String("streams", "", "steady streams, as `RATExSECONDS/PODS`: executions per second, for how long, and how many pods wait; e.g. 1x40/20,20x10/200")
	load := flag.String("sustain", "", "what the node carries, as `SECONDSxPODS`: so many bare pods at once for so long, the same with volumes and a user namespace, and as many executions, from a pool of as many; e.g. 60x20")
	images := flag.String("footprint", "", "also, on a cluster of this machine alone: restarts Corral and tells what it takes by itself; the `folder` holds its images")
	picture := flag.String("plot", "", "file for a plot of the table, e.g. starts.svg or starts.png")
	command := flag.String("command", "", "also: time `command` from start to its end, e.g. kubectl create of a TaskRun and wait")
	flag.Parse()
	streams, err := parseStreams(*flows)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(2)
	}
	var seconds, atOnce int
	if n, _ := fmt.Sscanf(*load, "%dx%d", &seconds, &atOnce); *load != "" && (n < 2 || seconds < 1 || atOnce < 1) {
		fmt.Fprintf(os.Stderr, "--sustain: %q is not SECONDSxPODS, such as 60x20\n", *load)
		os.Exit(2)
	}
	a, err := connect(*kubectl)
	check(err)
	b := &bench{api: a, namespace: "bench-" + fmt.Sprint(time.Now().Unix()%100000), image: *image, runs: *runs,
		detail: *detail, launcher: *launcher}
	tidy = b.remove
	stop := make(chan os.Signal, 1)
	signal.Notify(stop, os.Interrupt, syscall.SIGTERM)
	go func() { check(fmt.Errorf("ended by a signal: %s", <-stop)) }()
	b.prepare()
	defer b.remove()

	fmt.Printf("%-34s %9s %9s %9s %9s %9s %7s %6s\n", "ms", "first p50", "p95", "max", "end p50", "p95", "writes", "failed")
	b.row("floor: create, seen, patch, seen", 10*b.runs, func() sample { return b.floor(b.name("floor")) })
	b.row("bare pod", b.runs, b.pod)
	if b.launcher != "" {
		b.row("bare pod, volumes, user namespace", b.runs, b.hardened)
	}
	b.row("Job", max(3, b.runs/2), b.job)
	b.warmUp(*warmUp, max(1, *burst))
	b.row("Corral cold", b.runs, func() sample { b.settle(0); return b.execution() })
	b.pool(10)
	b.row("Corral warm, with input", 3*b.runs, func() sample { b.settle(10); return b.execution() })
	alone := b.castShadow()
	b.row("floor: a run's writes, nothing else", 3*b.runs, func() sample { return alone.run(b.name("floor")) })
	if *burst > 0 {
		b.bursts(fmt.Sprintf("floor: the same, burst of %d", *burst), *burst, 0, alone.run)
		b.pool(*burst)
		b.bursts(fmt.Sprintf("Corral warm, burst of %d", *burst), *burst, *burst, b.run)
	}
	for _, s := range streams {
		b.pool(s.pods)
		b.record(fmt.Sprintf("Corral warm, %d/s for %d s", s.rate, s.seconds), func() {}, func() []sample {
			return b.together(s.rate*s.seconds, time.Second/time.Duration(s.rate), b.run)
		})
	}
	if atOnce > 0 {
		long := time.Duration(seconds) * time.Second
		b.pool(atOnce) // no larger one is to burden the bare pods
		b.sustain("bare pods", long, atOnce, func(string) sample { return b.pod() })
		if b.launcher != "" {
			b.sustain("hardened pods", long, atOnce, func(string) sample { return b.hardened() })
		}
		b.sustain("Corral", long, atOnce, b.runAndDelete)
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

// stream is so many executions per second, for so long, from a pool of so many pods.
type stream struct{ rate, seconds, pods int }

func parseStreams(text string) (all []stream, err error) {
	for word := range strings.SplitSeq(text, ",") {
		var s stream
		if word == "" {
			continue
		}
		if n, _ := fmt.Sscanf(word, "%dx%d/%d", &s.rate, &s.seconds, &s.pods); n < 3 || s.rate < 1 || s.seconds < 1 || s.pods < 1 {
			return nil, fmt.Errorf("--streams: %q is not RATExSECONDS/PODS, such as 20x10/200", word)
		}
		all = append(all, s)
	}
	return all, nil
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
		if _, err := b.api.call("DELETE", path, nil); err != nil {
			fmt.Fprintln(os.Stderr, err)
		}
	}
}

func (b *bench) name(kind string) string {
	return fmt.Sprintf("%s-%d", kind, b.serial.Add(1))
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

// runAndDelete takes the pod along, as a bare pod's measurement does.
func (b *bench) runAndDelete(name string) sample {
	took := b.run(name)
	b.api.must("DELETE", corral+b.namespace+"/pluginexecutions/"+name, nil)
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
	time.Sleep(3 * time.Second) // of the run before, what waits has been done, too: the new owner, the Event
	for end := time.Now().Add(patience); time.Now().Before(end); time.Sleep(500 * time.Millisecond) {
		ready, busy, used := 0, 0, b.used()
		for _, pod := range b.list("/api/v1/namespaces/" + b.namespace + "/pods") {
			switch {
			case pod.text("status", "phase") == "Succeeded" && pod.text("metadata", "deletionTimestamp") == "":
			case pod.condition("Ready") && !used[pod.text("metadata", "name")]:
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

// used are the pods that executions took: such a pod looks for a while as if it waited.
func (b *bench) used() map[string]bool {
	pods := map[string]bool{}
	b.executions.mutex.Lock()
	defer b.executions.mutex.Unlock()
	for _, sights := range b.executions.seen {
		pods[sights[len(sights)-1].object.text("status", "attempt", "pod")] = true
	}
	return pods
}

func (b *bench) list(path string) []object {
	items, _ := b.api.must("GET", path, nil).at("items").([]any)
	all := make([]object, len(items))
	for i, item := range items {
		all[i] = object(item.(map[string]any))
	}
	return all
}
