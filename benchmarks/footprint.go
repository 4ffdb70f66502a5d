package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"time"
)

const installed = "/api/v1/namespaces/corral-system/pods"

// footprint prints what is there while nothing runs: images, the two roles started anew, pods that wait. It reads /proc, so it needs
// a cluster of this machine alone.
func (b *bench) footprint(images string, waiting int) {
	fmt.Println()
	for _, name := range []string{"launcher", "operator"} {
		fmt.Printf("image %-12s %6.1f MiB of layers, compressed, %s\n", name, layers(filepath.Join(images, name)), runtime.GOARCH)
	}
	b.pool(waiting) // and the node is at rest
	for _, role := range []string{"controller", "gateway"} {
		b.start(role)
	}
	b.settle(waiting)
	launchers, anonymous := 0, 0.0
	for pid, each := range processes() {
		arguments := commandLine(pid)
		if each.name != "corral" || len(arguments) < 2 { // others, and what has just ended
			continue
		}
		switch arguments[1] {
		case "launch":
			launchers++
			fallthrough
		case "stage2":
			anonymous += kibibytes(proc(pid, "status"), "RssAnon:") / 1024
		}
	}
	fmt.Printf("pod that waits     %6.1f MiB of anonymous memory, launcher and second stage, mean of %d\n", anonymous/float64(max(1, launchers)), launchers)
}

// start deletes the pods of a role and tells what the new ones have used when all are ready, and hold a little later: of the one
// that used most, since a controller that does not lead does little.
func (b *bench) start(role string) {
	selector := "?labelSelector=app.kubernetes.io%2Fcomponent%3D" + role
	before := map[string]bool{}
	for _, pod := range b.list(installed + selector) {
		before[pod.text("metadata", "name")] = true
	}
	gone := processes()
	b.api.must("DELETE", installed+selector, nil)
	check(within(patience, "the "+role+" is ready", func() error {
		ready := 0
		for _, pod := range b.list(installed + selector) {
			if !before[pod.text("metadata", "name")] && pod.condition("Ready") {
				ready++
			}
		}
		if ready < len(before) {
			return fmt.Errorf("%d of %d pods are", ready, len(before))
		}
		return nil
	}))
	var cpu, memory float64
	for pid, each := range processes() {
		if _, old := gone[pid]; !old && each.name == "java "+role {
			cpu = max(cpu, each.seconds)
		}
	}
	time.Sleep(10 * time.Second)
	for pid, each := range processes() {
		if _, old := gone[pid]; !old && each.name == "java "+role {
			memory = max(memory, resident(proc(pid, "status")))
		}
	}
	fmt.Printf("%-18s %6.1f s of CPU until ready, %.0f MiB resident ten seconds later\n", role, cpu, memory)
}

// layers adds the sizes of the layers of an image in an OCI layout, of this machine's architecture.
func layers(layout string) float64 {
	type descriptor struct {
		Digest   string
		Size     float64
		Platform struct{ Architecture string }
	}
	var index, manifest struct{ Manifests, Layers []descriptor }
	read := func(path string, into any) {
		text, err := os.ReadFile(path)
		if err == nil {
			err = json.Unmarshal(text, into)
		}
		check(err)
	}
	blob := func(digest string) string {
		return filepath.Join(layout, "blobs", strings.Replace(digest, ":", "/", 1))
	}
	read(filepath.Join(layout, "index.json"), &index)
	for len(index.Manifests) == 1 { // an index of one index
		next := index.Manifests[0].Digest
		index.Manifests = nil
		read(blob(next), &index)
	}
	for _, each := range index.Manifests {
		if each.Platform.Architecture == runtime.GOARCH {
			read(blob(each.Digest), &manifest)
		}
	}
	sum := 0.0
	for _, layer := range manifest.Layers {
		sum += layer.Size
	}
	return sum / (1 << 20)
}
