package main

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"time"

	"dev.corral/launcher/protocol"
)

// simulated speaks docs/protocol.md as the launcher of one pod does, from the pod's address and with the real one's patience.
type simulated struct {
	base, token   string
	http          *http.Client
	authorization string
	execution     string
	opens         bool // the network lets it reach the sentinel
	sentinel      string
}

// work is what the gateway assigns.
type work struct {
	ExecutionUID string
	Attempt      int
}

type opened struct{ Session, Key, PodUID string }

// refused is an answer that asking again would not change.
type refused struct {
	status int
	text   string
}

func (r *refused) Error() string { return fmt.Sprintf("%d %s", r.status, r.text) }

const (
	retryFirst    = 100 * time.Millisecond
	retryMost     = 2 * time.Second
	retryPatience = 120 * time.Second
)

func launcher(p pod, token string) (*simulated, error) {
	address, err := net.ResolveTCPAddr("tcp", p.Status.PodIP+":0")
	if err != nil {
		return nil, err
	}
	trust := x509.NewCertPool()
	if !trust.AppendCertsFromPEM([]byte(p.variable("CORRAL_CA"))) {
		return nil, fmt.Errorf("CORRAL_CA holds no certificate")
	}
	dialer := &net.Dialer{LocalAddr: address, Timeout: 10 * time.Second}
	return &simulated{base: p.variable("CORRAL_GATEWAY"), token: token, sentinel: p.variable("CORRAL_SENTINEL"),
		// of the probes, the one whose policy opens the sentinel has an init container; of runs none may reach it
		opens: p.Metadata.Namespace == system && len(p.Spec.InitContainers) > 0,
		http: &http.Client{Transport: &http.Transport{
			DialContext:         dialer.DialContext,
			TLSClientConfig:     &tls.Config{RootCAs: trust, ServerName: "corral-gateway", MinVersion: tls.VersionTLS12},
			TLSHandshakeTimeout: 30 * time.Second,
			MaxIdleConnsPerHost: 4,
			IdleConnTimeout:     30 * time.Second,
		}}}, nil
}

// run takes the pod from its session to the sealed report, which is the answer. handler is called with the assignment and returns
// when the handler has ended, or has been told to stop, with the reason.
func (s *simulated) run(ctx context.Context, handler func(ctx context.Context, w work, stop <-chan string) string) (string, error) {
	defer s.http.CloseIdleConnections()
	nonce := make([]byte, 32)
	rand.Read(nonce)
	s.authorization = "Bearer " + s.token
	var session opened
	if _, err := s.ask(ctx, "POST", "/v1/session", object{"launcher": protocol.Version, "nonce": hex.EncodeToString(nonce)}, &session); err != nil {
		return "", fmt.Errorf("session: %w", err)
	}
	key, err := hex.DecodeString(session.Key)
	if err != nil {
		return "", err
	}
	s.authorization = "Corral " + session.PodUID + "/" + session.Session + "/" + session.Key
	if _, err := s.ask(ctx, "POST", "/v1/ready", object{"evidence": s.evidence(ctx)}, nil); err != nil {
		return "", fmt.Errorf("ready: %w", err)
	}
	var assigned work
	for status := 204; status == 204; {
		if status, err = s.ask(ctx, "GET", "/v1/assignment", nil, &assigned); err != nil {
			return "", fmt.Errorf("assignment: %w", err)
		}
	}
	s.execution = assigned.ExecutionUID

	life, ended := context.WithCancel(ctx)
	stop := make(chan string, 1)
	go s.obey(life, stop)
	began := time.Now()
	reason := handler(life, assigned, stop)
	ended()
	if ctx.Err() != nil {
		return "", ctx.Err()
	}
	wall := time.Since(began).Milliseconds()
	report := protocol.Report{Attempt: assigned.Attempt, Reason: reason, Result: json.RawMessage(`{"broken":0}`),
		Metrics: protocol.Metrics{WallMillis: wall, CPUMillis: 8, MemoryPeakBytes: 1 << 20},
		Timings: protocol.Timings{StartedMillis: 2, FinishedMillis: wall, CollectedMillis: wall}}
	if _, err := s.ask(ctx, "POST", "/v1/report", report, nil); err != nil {
		return "", fmt.Errorf("report: %w", err)
	}
	return protocol.Seal(key, session.Session, assigned.ExecutionUID, report)
}

// obey is the long poll for orders; a handler that lives for two seconds is told of.
func (s *simulated) obey(ctx context.Context, stop chan<- string) {
	go func() {
		select {
		case <-time.After(2 * time.Second):
			s.ask(ctx, "POST", "/v1/started", object{}, nil) // fire and forget, says the protocol
		case <-ctx.Done():
		}
	}()
	for ctx.Err() == nil {
		var order struct{ Stop string }
		if status, err := s.ask(ctx, "GET", "/v1/control", nil, &order); err == nil && status == 200 {
			stop <- order.Stop
			return
		}
	}
}

// evidence is what a launcher finds on a node that enforces everything.
func (s *simulated) evidence(ctx context.Context) protocol.Evidence {
	sentinel := protocol.Sentinel{Answer: "timeout", Millis: 300, Attempts: 1}
	if s.opens {
		transport := s.http.Transport.(*http.Transport)
		if conn, err := transport.DialContext(ctx, "tcp", s.sentinel); err == nil {
			conn.Close()
			sentinel = protocol.Sentinel{Reachable: true, Answer: "open", Millis: 1, Attempts: 1}
		}
	}
	return protocol.Evidence{Launcher: protocol.Version, UID: 10001, UIDMap: "0 1879048192 65536", CapEff: "0000000000000000",
		NoNewPrivs: true, Seccomp: 2, RootReadOnly: true, LandlockABI: 7, PidsMax: "512", Cgroup: "v1", Kernel: "6.18.5", Sentinel: sentinel}
}

// ask repeats a request until it is answered for good, as launcher/gateway does.
func (s *simulated) ask(ctx context.Context, method, path string, body, into any) (int, error) {
	ctx, cancel := context.WithTimeout(ctx, retryPatience)
	defer cancel()
	for pause := retryFirst; ; pause = min(2*pause, retryMost) {
		status, err := s.once(ctx, method, path, body, into)
		if final, ok := err.(*refused); err == nil || ok && final.status < 500 && final.status != 429 && final.status != 408 {
			return status, err
		}
		select {
		case <-ctx.Done():
			return 0, fmt.Errorf("%w, last: %w", ctx.Err(), err)
		case <-time.After(pause):
		}
	}
}

func (s *simulated) once(ctx context.Context, method, path string, body, into any) (int, error) {
	ctx, cancel := context.WithTimeout(ctx, 40*time.Second)
	defer cancel()
	var content io.Reader
	if body != nil {
		text, err := json.Marshal(body)
		if err != nil {
			return 0, err
		}
		content = bytes.NewReader(text)
	}
	request, err := http.NewRequestWithContext(ctx, method, s.base+path, content)
	if err != nil {
		return 0, err
	}
	request.Header.Set("Authorization", s.authorization)
	request.Header.Set("Content-Type", "application/json")
	if s.execution != "" {
		request.Header.Set("Corral-Execution", s.execution)
	}
	response, err := s.http.Do(request)
	if err != nil {
		return 0, err
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	switch {
	case err != nil:
		return 0, err
	case response.StatusCode >= 300:
		return 0, &refused{response.StatusCode, last(string(text), 300)}
	case into != nil && len(text) > 0:
		return response.StatusCode, json.Unmarshal(text, into)
	}
	return response.StatusCode, nil
}
