package main

import (
	"fmt"
	"os"
	"strconv"
	"time"
)

// growth measures create to claim with few stored executions and policies, with many, and with few again: whether it is their number
// that makes a difference, or the time that has gone by.
func (s *scaling) growth(runs, stored, policies int, ended time.Duration) {
	s.holding()
	s.release()
	rows := [][]string{{"stored", "policies", "first claim after start s", "queue p50 ms", "p95 ms", "decided p50 ms", "ready to claim p50 ms"}}
	few := s.alone(10, 10)
	var p50 [3]float64
	measure := func(i, stored, policies int) {
		fmt.Fprintf(os.Stderr, "%s  growth: %d stored, %d policies\n", time.Now().Format(time.TimeOnly), stored, policies)
		calm()
		s.cluster.restart()
		started := time.Now()
		first := s.alone(1, 0)
		s.remove(first)
		s.remove(s.alone(runs/2, 0)) // compiles what is used
		all := s.alone(runs, 0)
		var queue, decided, binding []time.Duration
		for _, r := range all {
			queue, decided, binding = append(queue, r.claimed.Sub(r.created)), append(decided, r.decided), append(binding, r.binding)
		}
		s.remove(all)
		rows = append(rows, []string{strconv.Itoa(stored), strconv.Itoa(policies),
			figure(first[0].claimed.Sub(started).Seconds(), 1), quantile(queue, 0.5), quantile(queue, 0.95),
			quantile(decided, 0.5), quantile(binding, 0.5)})
		p50[i] = float64(at(queue, 0.5))
	}
	measure(0, len(few), 1)
	s.plant(few[0], stored, policies, ended)
	measure(1, stored, policies)
	s.uproot()
	measure(2, len(few), 1)
	check(table(s.csv, rows))
	fmt.Printf("growth of p50: %.2f (to the mean of before and after)\n\n", p50[1]/((p50[0]+p50[2])/2))
}

// calm waits until this machine has little to do: what was just stored is still being read by everybody who watches it.
func calm() {
	for before, i := busy(), 0; i < 60; i++ {
		time.Sleep(2 * time.Second)
		now := busy()
		if now-before < 0.6 {
			return
		}
		before = now
	}
}

// alone makes executions one after the other, each when the one before has ended.
func (s *scaling) alone(count, least int) []*run {
	all := []*run{}
	for i := range max(count, least) {
		s.serial++
		name := fmt.Sprintf("alone-%06d", s.serial)
		r := s.create(s.namespace(i), name)
		if !s.await(s.patience, func() bool { return !r.ended.IsZero() }) || r.claimed.IsZero() || r.state != "Succeeded" {
			check(fmt.Errorf("%s/%s did not succeed: %q", r.namespace, name, r.state))
		}
		all = append(all, r)
	}
	return all
}

func (s *scaling) remove(runs []*run) {
	each(len(runs), 8, func(i int) {
		s.cluster.admin.must("DELETE", corral+runs[i].namespace+"/pluginexecutions/"+runs[i].name, nil)
	})
	check(within(time.Minute, "the pods are gone", s.podless))
}

// plant writes executions that are over, with the status of one that is, while no controller looks.
func (s *scaling) plant(like *run, stored, policies int, ended time.Duration) {
	c := s.cluster
	c.kill()
	original := c.admin.must("GET", corral+like.namespace+"/pluginexecutions/"+like.name, nil)
	status, past := original.at("status").(map[string]any), time.Now().Add(-ended).UTC().Format(time.RFC3339)
	status["completionTime"] = past
	status["attempt"].(map[string]any)["claimTime"] = past
	each(stored-10, 16, func(i int) {
		path := corral + s.namespace(i) + "/pluginexecutions"
		made := c.planter.must("POST", path, object{"apiVersion": "corral.dev/v1alpha1", "kind": "PluginExecution",
			"metadata": object{"name": fmt.Sprintf("planted-%06d", i), "labels": object{"planted": "true"}}, "spec": original.at("spec")})
		made["status"] = status
		c.planter.must("PUT", path+"/"+made.text("metadata", "name")+"/status", made)
	})
	each(policies-1, 16, func(i int) {
		other := policy(fmt.Sprintf("other-%04d", i), object{"team": fmt.Sprintf("other-%04d", i)})
		other["metadata"].(object)["labels"] = object{"planted": "true"}
		c.admin.must("POST", "/apis/corral.dev/v1alpha1/clusterpluginpolicies", other)
	})
}

func (s *scaling) uproot() {
	a := s.cluster.planter
	a.must("DELETE", "/apis/corral.dev/v1alpha1/clusterpluginpolicies?labelSelector=planted%3Dtrue", nil)
	for i := range s.namespaces {
		a.must("DELETE", corral+s.namespace(i)+"/pluginexecutions?labelSelector=planted%3Dtrue", nil)
	}
}
