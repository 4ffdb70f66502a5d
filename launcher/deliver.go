package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"time"

	"dev.corral/launcher/collect"
	"dev.corral/launcher/gateway"
	"dev.corral/launcher/protocol"
	"dev.corral/launcher/sandbox"
)

const (
	resultFile = "result.json"
	outputDir  = "out"
	maxResult  = 16 << 10

	// reportShare is kept free for the report: an artifact that cannot be stored must not cost the verdict.
	reportShare = 30 * time.Second

	// watchWithin: everybody watched is dead by now, so this is only reached when somebody could not be killed.
	watchWithin = time.Second
)

var errNotGranted = errors.New("files.write does not grant it, so it is not brought out")

// collect reads the result, uploads declared artifacts and waits for the last events. The dead change nothing any more.
func (r *run) collect(ctx context.Context) {
	deadline, _ := ctx.Deadline()
	ctx, cancel := context.WithDeadline(ctx, deadline.Add(-reportShare))
	defer cancel()
	defer func() { r.report.Timings.CollectedMillis = r.since(time.Now()) }()
	defer r.learned()
	if !r.running {
		r.skipArtifacts("the handler was not started")
		return
	}
	if r.survivors {
		r.skipArtifacts("a process of the handler could not be killed")
		r.finishEvents(ctx)
		return
	}
	r.readResult()
	var paths []string
	for _, declaration := range r.assignment.Artifacts {
		paths = append(paths, declaration.Path)
	}
	// Before artifacts are opened: it makes directories readable, which the watch has done for some of them only.
	r.report.Undeclared = r.place.root.CountUndeclared(outputDir, paths)
	left := r.assignment.Limits.OutputBytes
	for _, declaration := range r.assignment.Artifacts {
		artifact, tooBig := r.bring(ctx, declaration, left)
		if artifact.State == protocol.ArtifactReady {
			left -= artifact.Size
		}
		if tooBig && r.report.Reason == protocol.HandlerReturned {
			r.ends(protocol.OutputExceeded, fmt.Sprintf("artifact %s does not fit into the output limit", declaration.Name))
		}
		r.report.Artifacts = append(r.report.Artifacts, artifact)
	}
	r.finishEvents(ctx)
}

func (r *run) skipArtifacts(why string) {
	for _, d := range r.assignment.Artifacts {
		r.report.Artifacts = append(r.report.Artifacts,
			protocol.Artifact{Name: d.Name, Type: d.Type, State: protocol.ArtifactSkipped, Problem: why})
	}
}

func (r *run) readResult() {
	result, err := r.place.root.ReadAll(resultFile, maxResult)
	switch path := filepath.Join(sandbox.Work, resultFile); {
	case err != nil:
	case len(result) == 0 && r.exports.Prepared(path):
		err = collect.ErrAbsent
	case !r.exports.Grants(path):
		err = errNotGranted
	default:
		err = protocol.CheckJSON(result)
	}
	switch {
	case errors.Is(err, collect.ErrAbsent): // a handler need not have one
	case err != nil:
		r.report.ResultProblem = err.Error()
	default:
		r.report.Result = result
	}
}

// bring uploads one artifact. Problems are sentences for the plugin's author.
func (r *run) bring(ctx context.Context, d protocol.Declaration, limit int64) (artifact protocol.Artifact, tooBig bool) {
	artifact = protocol.Artifact{Name: d.Name, Type: d.Type, State: protocol.ArtifactFailed}
	if !filepath.IsLocal(d.Path) {
		artifact.Problem = "the path leaves its directory"
		return artifact, false
	}
	file, err := r.place.root.Open(filepath.Join(outputDir, d.Path))
	if errors.Is(err, collect.ErrAbsent) {
		artifact.State = protocol.ArtifactSkipped
		return artifact, false
	}
	if err != nil {
		artifact.Problem = err.Error()
		return artifact, false
	}
	defer file.Close()
	switch path := filepath.Join(sandbox.Work, outputDir, d.Path); {
	case file.Size() == 0 && r.exports.Prepared(path):
		artifact.State = protocol.ArtifactSkipped
		return artifact, false
	case !r.exports.Grants(path):
		artifact.Problem = errNotGranted.Error()
		return artifact, false
	}
	measured, err := r.client.PutArtifact(ctx, d, file, limit)
	var refused *gateway.Refused
	switch {
	case errors.Is(err, collect.ErrTooBig):
		artifact.Problem = protocol.OutputExceeded + ": " + err.Error()
		return artifact, true
	case errors.As(err, &refused):
		artifact.Problem = sentence(refused.Code + ": " + refused.Message)
		return artifact, refused.Status == http.StatusRequestEntityTooLarge
	case err != nil:
		artifact.Problem = sentence("not delivered: " + err.Error())
		return artifact, false
	}
	artifact.State, artifact.SHA256, artifact.Size = protocol.ArtifactReady, measured.SHA256(), measured.Size()
	return artifact, false
}

// sentence keeps what others wrote short and harmless in a status.
func sentence(text string) string { return protocol.Printable([]byte(protocol.Cut(text, 256))) }

// finishEvents lets the forwarder empty the queue, at most until the context ends.
func (r *run) finishEvents(ctx context.Context) {
	done := make(chan struct{})
	go func() {
		r.events.Wait()
		close(done)
	}()
	select {
	case <-done:
	case <-ctx.Done():
	}
	r.report.Events = r.place.queue.Totals()
}

// learned puts into the report what was watched. It comes after everything else, because that is when it is complete.
func (r *run) learned() {
	if r.peaks == nil {
		return
	}
	r.stage.Watch.Finish(watchWithin)
	learned := r.stage.Watch.Record.Learned()
	r.peaks.Into(&learned)
	for _, artifact := range r.report.Artifacts {
		learned.OutputBytes += artifact.Size
	}
	r.report.Learned = &learned
}

// deliver seals first and reports second: if the kubelet's patience ends in between, the verdict is already there. It says
// whether the gateway has the report; who did not get it there ends at once, for the sealed one is read when the pod has ended.
func (r *run) deliver(ctx context.Context, session gateway.Session) bool {
	sealed, err := protocol.Seal(session.Key, session.ID, r.assignment.ExecutionUID, r.report)
	if err != nil {
		fmt.Fprintln(os.Stderr, "corral:", err)
	} else {
		writeTermination(sealed)
	}
	err = r.client.Report(ctx, r.report)
	var refused *gateway.Refused
	switch {
	case err == nil:
		return true
	case errors.As(err, &refused) && refused.Status == http.StatusBadRequest && r.report.Result != nil:
		// Only the result is somebody else's JSON. A handler must not be able to make its own verdict unreadable by it.
		r.report.Result, r.report.ResultProblem = nil, "the gateway could not read it"
		return r.deliver(ctx, session)
	}
	fmt.Fprintln(os.Stderr, "corral: report:", err)
	return false
}
