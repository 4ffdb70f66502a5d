package main

import (
	"context"
	"fmt"
	"os"
	"sync"
	"time"
)

type metadata struct {
	Name, Namespace, UID string
	ResourceVersion      string
	DeletionTimestamp    string
	CreationTimestamp    time.Time
}

// pod is what of a pod its launcher needs.
type pod struct {
	Metadata metadata
	Spec     struct {
		ServiceAccountName string
		InitContainers     []struct{ Name string }
		Containers         []struct {
			Name, Image string
			Env         []struct{ Name, Value string }
		}
	}
	Status struct{ Phase, PodIP string }
}

func (p pod) variable(name string) string {
	for _, v := range p.Spec.Containers[0].Env {
		if v.Name == name {
			return v.Value
		}
	}
	return ""
}

// execution is what of an execution is measured.
type execution struct {
	Metadata metadata
	Status   struct {
		State, CompletionTime string
		Attempt               struct{ Session string }
		Timings               struct{ Decided, PodReady, Claimed int }
	}
}

// run is one execution as its creator sees it, by the watch.
type run struct {
	created, claimed, ended time.Time
	namespace, name         string
	uid, state              string
	decided, binding        time.Duration // by the controller's clock: to the verdict; from the ready pod to the claim
}

// crowd is all launchers of all pods, and the eyes on all executions.
type crowd struct {
	cluster *cluster
	reports chan struct{} // so many launchers end at once

	mutex  sync.Mutex
	news   *sync.Cond
	known  map[string]context.CancelFunc // by the pod's uid
	runs   map[string]*run               // by namespace/name
	starts map[string]int                // of plugin code, by the execution's uid
	live   int
	ends   int
	hold   chan struct{} // handlers run until it is closed
	wrong  []string
}

func gather(c *cluster, ending int) *crowd {
	all := &crowd{cluster: c, reports: make(chan struct{}, ending), known: map[string]context.CancelFunc{}, runs: map[string]*run{},
		starts: map[string]int{}, hold: make(chan struct{})}
	all.news = sync.NewCond(&all.mutex)
	go look(c.kubelet, "/api/v1/pods", "labelSelector=corral.dev%2Fplugin-pod%3Dtrue", all.pod)
	go look(c.admin, "/apis/corral.dev/v1alpha1/pluginexecutions", "", all.execution)
	return all
}

// pod is the node's part: a pod that runs has a launcher, until the pod is deleted.
func (c *crowd) pod(kind string, p pod) {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	cancel, known := c.known[p.Metadata.UID]
	switch {
	case kind == "DELETED" || p.Metadata.DeletionTimestamp != "":
		if known {
			cancel()
		}
		if kind == "DELETED" {
			delete(c.known, p.Metadata.UID)
		}
	case !known && p.Status.Phase == "Running" && p.Status.PodIP != "":
		ctx, cancel := context.WithCancel(context.Background())
		c.known[p.Metadata.UID] = cancel
		go c.launch(ctx, p)
	}
}

func (c *crowd) launch(ctx context.Context, p pod) {
	code, message := 0, ""
	token, err := c.token(p)
	if err == nil {
		var l *simulated
		if l, err = launcher(p, token); err == nil {
			ending := false
			message, err = l.run(ctx, func(ctx context.Context, w work, stop <-chan string) string {
				reason := c.handler(ctx, w, stop)
				c.reports <- struct{}{}
				ending = true
				return reason
			})
			if ending {
				<-c.reports
			}
		}
	}
	if ctx.Err() != nil {
		return // the pod is gone, and its launcher with it
	}
	phase, reason := "Succeeded", "Completed"
	if final, ok := err.(interface{ Unwrap() error }); ok && err != nil {
		if r, ok := final.Unwrap().(*refused); ok && r.status == 410 {
			err = nil // never assigned: it exits with 0
		}
	}
	if err != nil {
		code, message, phase, reason = 1, err.Error(), "Failed", "Error"
		c.complain("launcher of " + p.Metadata.Namespace + "/" + p.Metadata.Name + ": " + err.Error())
	}
	now := time.Now().UTC().Format(time.RFC3339)
	container := p.Spec.Containers[0]
	_, err = c.cluster.kubelet.call("PATCH", "/api/v1/namespaces/"+p.Metadata.Namespace+"/pods/"+p.Metadata.Name+"/status", object{
		"metadata": object{"uid": p.Metadata.UID}, "status": object{"phase": phase, "containerStatuses": []any{object{
			"name": container.Name, "image": container.Image, "imageID": container.Image, "ready": false, "restartCount": 0,
			"state": object{"terminated": object{"exitCode": code, "reason": reason, "message": message, "finishedAt": now}}}}}})
	if err != nil && ctx.Err() == nil {
		time.Sleep(time.Second) // a pod that was just deleted has no status
		if ctx.Err() == nil {
			c.complain(err.Error())
		}
	}
}

// token is as the kubelet projects it: for the gateway alone, and only as long as the pod lives.
func (c *crowd) token(p pod) (string, error) {
	answer, err := c.cluster.kubelet.call("POST", "/api/v1/namespaces/"+p.Metadata.Namespace+"/serviceaccounts/"+p.Spec.ServiceAccountName+"/token",
		object{"spec": object{"audiences": []string{"corral-gateway"}, "expirationSeconds": 3600, "boundObjectRef": object{
			"apiVersion": "v1", "kind": "Pod", "name": p.Metadata.Name, "uid": p.Metadata.UID}}})
	return answer.text("status", "token"), err
}

// handler runs until it is released.
func (c *crowd) handler(ctx context.Context, w work, stop <-chan string) string {
	c.mutex.Lock()
	c.starts[w.ExecutionUID]++
	c.live++
	hold := c.hold
	c.mutex.Unlock()
	c.news.Broadcast()
	reason := "HandlerReturned"
	select {
	case <-hold:
	case reason = <-stop:
	case <-ctx.Done():
	}
	c.mutex.Lock()
	c.live--
	c.mutex.Unlock()
	return reason
}

// holding: from now on handlers run until the release.
func (c *crowd) holding() {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	c.hold = make(chan struct{})
}

func (c *crowd) release() {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	close(c.hold)
}

func (c *crowd) execution(kind string, e execution) {
	now := time.Now()
	c.mutex.Lock()
	defer c.mutex.Unlock()
	r := c.runs[e.Metadata.Namespace+"/"+e.Metadata.Name]
	if r == nil {
		return
	}
	r.uid, r.state = e.Metadata.UID, e.Status.State
	if r.claimed.IsZero() && e.Status.Attempt.Session != "" {
		r.claimed = now
	}
	if e.Status.CompletionTime != "" {
		if !r.ended.IsZero() && r.state != "Succeeded" {
			c.wrong = append(c.wrong, e.Metadata.Name+" changed its end to "+r.state)
		}
		if r.ended.IsZero() {
			c.ends++
			r.ended = now
			t := e.Status.Timings
			r.decided = time.Duration(t.Decided) * time.Millisecond
			r.binding = time.Duration(t.Claimed-t.PodReady) * time.Millisecond
		}
	}
	c.news.Broadcast()
}

// create makes one execution and remembers when; a refusal counts as none made.
func (c *crowd) create(namespace, name string) *run {
	r := &run{created: time.Now(), namespace: namespace, name: name}
	c.mutex.Lock()
	c.runs[namespace+"/"+name] = r
	c.mutex.Unlock()
	if _, err := c.cluster.admin.call("POST", corral+namespace+"/pluginexecutions", object{"apiVersion": "corral.dev/v1alpha1",
		"kind": "PluginExecution", "metadata": object{"name": name}, "spec": object{"plugin": object{"name": "check"}, "handler": "check",
			"input": object{"url": "https://docs.example.org/"},
			"ttl":   object{"logs": "1s"}}}); err != nil { // a pod that ended is gone soon
		c.complain(err.Error())
	}
	return r
}

// await returns whether it came to hold within the patience; holds is called with the crowd locked.
func (c *crowd) await(patience time.Duration, holds func() bool) bool {
	late := time.AfterFunc(patience, c.news.Broadcast)
	defer late.Stop()
	end := time.Now().Add(patience)
	c.mutex.Lock()
	defer c.mutex.Unlock()
	for !holds() {
		if time.Now().After(end) {
			return holds()
		}
		c.news.Wait()
	}
	return true
}

func (c *crowd) complain(what string) {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	if c.wrong = append(c.wrong, what); len(c.wrong) <= 10 {
		fmt.Fprintln(os.Stderr, "scale:", what)
	}
}
