// Package gatewaytest is a gateway for tests: it keeps the contract of docs/protocol.md in memory and can lose any
// request or answer on the way. Only tests import it.
package gatewaytest

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/hex"
	"encoding/json"
	"encoding/pem"
	"io"
	"log"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"time"

	"dev.corral/launcher/protocol"
)

// Fault is what happens to one request.
type Fault int

const (
	// None: it is answered.
	None Fault = iota
	// Unheard: the connection dies before the gateway has seen it.
	Unheard
	// Unanswered: the gateway acts on it, and then the connection dies.
	Unanswered
	// Busy: 503.
	Busy
)

const (
	// Session is the identifier every session gets.
	Session = "s0123456789abcdef"
	// PodUID of the one pod there is.
	PodUID = "0f6f1c5e-0000-4000-8000-000000000001"
	// Token is the one that is good.
	Token = "pod-bound-token"
)

// Key is 00 01 … 1f.
func Key() []byte {
	key := make([]byte, 32)
	for i := range key {
		key[i] = byte(i)
	}
	return key
}

// Gateway is the fake. Set its fields before the first request.
type Gateway struct {
	URL, CA string

	// Fault decides about a request by its name ("POST /v1/ready") and its count, from 1.
	Fault func(name string, count int) Fault
	// Refuse answers a request with this status instead, 0 for not.
	Refuse func(name string) int
	// Assignment is the body of the answer; nil answers 204 until the session ends.
	Assignment []byte
	// Files are staged ones, by name.
	Files map[string][]byte
	// Hosts are the granted ones, by name and port, and the address each leads to; CONNECT to any other is refused.
	Hosts map[string]string
	// Unreadable tells of reports that are answered 400; nil: none.
	Unreadable func(report protocol.Report) bool
	// Stop, when closed or sent to, orders a stop.
	Stop chan string
	// OnStarted is called when the handler is said to run.
	OnStarted func()

	mu        sync.Mutex
	server    *httptest.Server
	counts    map[string]int
	dialled   int
	nonce     string
	problems  []string
	evidence  *protocol.Evidence
	started   int
	events    []protocol.Event
	artifacts map[string][]byte
	report    *protocol.Report
	rawReport []byte
	reports   int
}

// New starts a gateway with a certificate for the DNS name every launcher expects.
func New() *Gateway {
	g := &Gateway{counts: map[string]int{}, artifacts: map[string][]byte{}, Stop: make(chan string, 1)}
	certificate, authority := selfSigned()
	g.CA = authority
	g.server = httptest.NewUnstartedServer(http.HandlerFunc(g.serve))
	g.server.TLS = &tls.Config{Certificates: []tls.Certificate{certificate}}
	g.server.Config.ErrorLog = log.New(io.Discard, "", 0)
	g.server.Config.ConnState = func(_ net.Conn, state http.ConnState) {
		if state == http.StateNew {
			g.mu.Lock()
			g.dialled++
			g.mu.Unlock()
		}
	}
	g.server.StartTLS()
	g.URL = g.server.URL
	return g
}

// Close ends all connections.
func (g *Gateway) Close() {
	g.server.CloseClientConnections()
	g.server.Close()
}

func (g *Gateway) serve(w http.ResponseWriter, r *http.Request) {
	name := r.Method + " " + r.URL.Path
	g.mu.Lock()
	g.counts[name]++
	count := g.counts[name]
	g.mu.Unlock()
	fault := None
	if g.Fault != nil {
		fault = g.Fault(name, count)
	}
	if fault == None && g.Refuse != nil {
		if status := g.Refuse(name); status != 0 {
			reply(w, status, map[string]string{"code": "Refused", "message": "as the test wanted"})
			return
		}
	}
	switch fault {
	case Unheard:
		panic(http.ErrAbortHandler)
	case Unanswered:
		g.handle(httptest.NewRecorder(), r)
		panic(http.ErrAbortHandler)
	case Busy:
		io.Copy(io.Discard, r.Body)
		reply(w, http.StatusServiceUnavailable, map[string]string{"code": "Restarting", "message": "try again"})
	default:
		g.handle(w, r)
	}
}

func (g *Gateway) handle(w http.ResponseWriter, r *http.Request) {
	if r.URL.Path == "/v1/session" {
		g.openSession(w, r)
		return
	}
	if r.Header.Get("Authorization") != "Corral "+PodUID+"/"+Session+"/"+hex.EncodeToString(Key()) {
		reply(w, http.StatusUnauthorized, map[string]string{"code": "BadSession", "message": "unknown"})
		return
	}
	switch name := r.Method + " " + r.URL.Path; {
	case r.Method == http.MethodConnect:
		g.tunnel(w, r)
	case name == "POST /v1/ready":
		var body struct{ Evidence protocol.Evidence }
		g.decode(r, &body)
		g.set(func() { g.evidence = &body.Evidence })
		w.WriteHeader(http.StatusNoContent)
	case name == "GET /v1/assignment":
		g.assignment(w)
	case name == "POST /v1/started":
		g.set(func() { g.started++ })
		if g.OnStarted != nil {
			g.OnStarted()
		}
		w.WriteHeader(http.StatusNoContent)
	case name == "GET /v1/control":
		g.control(w, r)
	case name == "POST /v1/events":
		g.publish(w, r)
	case strings.HasPrefix(name, "GET /v1/files/"):
		bytes, ok := g.Files[strings.TrimPrefix(r.URL.Path, "/v1/files/")]
		if !ok {
			reply(w, http.StatusGone, map[string]string{"code": "InputUnavailable", "message": "not there any more"})
			return
		}
		w.Write(bytes)
	case strings.HasPrefix(name, "PUT /v1/artifacts/"):
		bytes, err := io.ReadAll(r.Body)
		if err != nil {
			return // half an artifact is none
		}
		g.set(func() { g.artifacts[strings.TrimPrefix(r.URL.Path, "/v1/artifacts/")] = bytes })
		sum := sha256.Sum256(bytes)
		reply(w, http.StatusCreated, map[string]any{"sha256": hex.EncodeToString(sum[:]), "size": len(bytes)})
	case name == "POST /v1/report":
		raw, _ := io.ReadAll(r.Body)
		var report protocol.Report
		if err := json.Unmarshal(raw, &report); err != nil {
			g.complain("report: " + err.Error())
		}
		if g.Unreadable != nil && g.Unreadable(report) {
			reply(w, http.StatusBadRequest, map[string]string{"code": "Malformed", "message": "this is not a report"})
			return
		}
		g.set(func() { g.report, g.rawReport = &report, raw; g.reports++ })
		w.WriteHeader(http.StatusNoContent)
	default:
		g.complain("unknown request " + name)
		reply(w, http.StatusNotFound, map[string]string{"code": "Unknown", "message": name})
	}
}

func (g *Gateway) openSession(w http.ResponseWriter, r *http.Request) {
	if r.Header.Get("Authorization") != "Bearer "+Token {
		reply(w, http.StatusUnauthorized, map[string]string{"code": "BadToken", "message": "who are you"})
		return
	}
	var body struct{ Nonce string }
	g.decode(r, &body)
	ours := false
	g.set(func() {
		if g.nonce == "" {
			g.nonce = body.Nonce
		}
		ours = body.Nonce == g.nonce && len(body.Nonce) == 64
	})
	if !ours {
		reply(w, http.StatusConflict, map[string]string{"code": "SessionExists", "message": "once per pod"})
		return
	}
	reply(w, http.StatusCreated, map[string]string{"session": Session, "key": hex.EncodeToString(Key()), "podUID": PodUID})
}

func (g *Gateway) assignment(w http.ResponseWriter) {
	if g.Assignment == nil {
		w.WriteHeader(http.StatusNoContent)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.Write(g.Assignment)
}

func (g *Gateway) control(w http.ResponseWriter, r *http.Request) {
	select {
	case stop := <-g.Stop:
		g.Stop <- stop // the same answer if it is asked again
		reply(w, http.StatusOK, map[string]string{"stop": stop})
	case <-r.Context().Done():
	case <-time.After(25 * time.Second):
		w.WriteHeader(http.StatusNoContent)
	}
}

func (g *Gateway) publish(w http.ResponseWriter, r *http.Request) {
	var body struct{ Events []protocol.Event }
	g.decode(r, &body)
	published := 0
	g.set(func() {
		for _, event := range body.Events {
			switch next := len(g.events) + 1; {
			case event.Seq == next:
				g.events = append(g.events, event)
				published++
			case event.Seq > next:
				g.problems = append(g.problems, "events with a gap")
			}
		}
	})
	reply(w, http.StatusOK, protocol.EventsAnswer{Published: published})
}

func (g *Gateway) tunnel(w http.ResponseWriter, r *http.Request) {
	address, granted := g.Hosts[r.Host]
	if !granted {
		reply(w, http.StatusForbidden, map[string]string{"code": "HostNotGranted", "message": r.Host + " is not granted"})
		return
	}
	outside, err := net.Dial("tcp", address)
	if err != nil {
		reply(w, http.StatusBadGateway, map[string]string{"code": "Unreachable", "message": err.Error()})
		return
	}
	w.WriteHeader(http.StatusOK)
	inside, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		g.complain("tunnel: " + err.Error())
		return
	}
	go func() {
		io.Copy(outside, inside)
		outside.Close()
	}()
	io.Copy(inside, outside)
	inside.Close()
}

func (g *Gateway) decode(r *http.Request, into any) {
	if err := json.NewDecoder(r.Body).Decode(into); err != nil {
		g.complain(r.URL.Path + ": " + err.Error())
	}
}

func (g *Gateway) complain(problem string) {
	g.set(func() { g.problems = append(g.problems, problem) })
}

func (g *Gateway) set(change func()) {
	g.mu.Lock()
	defer g.mu.Unlock()
	change()
}

func reply(w http.ResponseWriter, status int, body any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	json.NewEncoder(w).Encode(body)
}

// Seen is everything the gateway knows at one moment.
type Seen struct {
	Evidence  *protocol.Evidence
	Started   int
	Events    []protocol.Event
	Artifacts map[string]string
	Report    *protocol.Report
	RawReport string
	Counts    map[string]int
	Dialled   int // connections
	Problems  []string
}

// Seen takes a copy.
func (g *Gateway) Seen() Seen {
	g.mu.Lock()
	defer g.mu.Unlock()
	seen := Seen{Evidence: g.evidence, Started: g.started, Events: append([]protocol.Event(nil), g.events...),
		Artifacts: map[string]string{}, Report: g.report, RawReport: string(g.rawReport), Counts: map[string]int{},
		Dialled:  g.dialled,
		Problems: append([]string(nil), g.problems...)}
	for name, bytes := range g.artifacts {
		seen.Artifacts[name] = string(bytes)
	}
	for name, count := range g.counts {
		seen.Counts[name] = count
	}
	return seen
}

func selfSigned() (tls.Certificate, string) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		panic(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "corral-gateway"}, DNSNames: []string{"corral-gateway"},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign | x509.KeyUsageDigitalSignature,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		panic(err)
	}
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key},
		string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}))
}
