package main

import (
	"fmt"
	"time"
)

// shadow is a kind of the same schema as executions that nobody looks at: what its writes take is what the API server takes for
// the writes of a run, whoever makes them.
type shadow struct {
	b        *bench
	seen     *watch
	created  object   // an execution as its user wrote it
	statuses []object // and as it was seen afterwards: claimed, reported, ended
}

const shadowGroup = "bench.corral.dev"

// castShadow makes the kind. The last run of the bench is what is written again.
func (b *bench) castShadow() *shadow {
	const crds = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"
	kind := b.api.must("GET", crds+"/pluginexecutions.corral.dev", nil)
	spec := object(kind.at("spec").(map[string]any))
	spec["group"] = shadowGroup
	own := crds + "/pluginexecutions." + shadowGroup
	if _, err := b.api.call("DELETE", own, nil); err == nil { // of a run that was killed
		check(within(patience, "the kind of an earlier run is gone", func() error {
			if _, err := b.api.call("GET", own, nil); err == nil {
				return fmt.Errorf("it is still there")
			}
			return nil
		}))
	}
	b.undo = append(b.undo, own)
	b.api.must("POST", crds, object{"apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition",
		"metadata": object{"name": "pluginexecutions." + shadowGroup}, "spec": spec})
	s := &shadow{b: b}
	for _, sight := range b.executions.all(fmt.Sprintf("run-%d", b.serial.Load())) {
		// one about no generation is the schema's, and nobody wrote it
		if status, _ := sight.object.at("status").(map[string]any); object(status).number("observedGeneration") > 0 {
			s.statuses = append(s.statuses, status)
		}
		s.created = object(sight.object.at("spec").(map[string]any))
	}
	check(within(patience, "the kind is served", func() error {
		_, err := b.api.call("GET", s.path(), nil)
		return err
	}))
	s.seen = b.api.watch(s.path())
	time.Sleep(time.Second)
	return s
}

func (s *shadow) path() string {
	return "/apis/" + shadowGroup + "/v1alpha1/namespaces/" + s.b.namespace + "/pluginexecutions"
}

// run makes the writes of one run, each once the one before was seen. first ends where the claim is seen.
func (s *shadow) run(name string) sample {
	this := func(status object) object {
		return object{"apiVersion": shadowGroup + "/v1alpha1", "kind": "PluginExecution", "metadata": object{"name": name},
			"spec": s.created, "status": status}
	}
	start := time.Now()
	s.b.api.must("POST", s.path(), this(nil))
	s.seen.until(name, patience, func(object) bool { return true })
	var times sample
	for i, status := range s.statuses {
		wrote := s.b.api.must("APPLY", s.path()+"/"+name+"/status?fieldManager=bench&force=true", this(status))
		version := wrote.text("metadata", "resourceVersion")
		sight, _ := s.seen.until(name, patience, func(o object) bool { return o.text("metadata", "resourceVersion") == version })
		if times.end = sight.at.Sub(start); i == 0 {
			times.first = times.end
		}
	}
	return times
}
