// Package proxy is a handler's way to granted host names: an HTTP proxy on loopback that carries every connection over the
// launcher's own session to the gateway, which decides. It decides nothing itself; it is there because only the launcher has
// a session, and because what a handler can ask for must not cost the gateway more than the launcher lets through. Clients that
// know no proxy come in by a door: a loopback address that the pod's /etc/hosts has for one granted name.
package proxy

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"strings"
	"sync/atomic"
	"time"

	"dev.corral/launcher/bounded"
	"dev.corral/launcher/gateway"
	"dev.corral/launcher/protocol"
	"dev.corral/launcher/sandbox"
)

const (
	connections = 64
	headerBytes = 32 << 10

	// The gateway allows a run 50 tunnels a second; asking faster would only be refused.
	paceBurst    = 64
	paceInterval = 25 * time.Millisecond

	longestTarget = 300
	pieceBytes    = 16 << 10
)

// Dial opens a tunnel to a host and port that a handler asked for.
type Dial func(ctx context.Context, target string) (net.Conn, error)

// Server listens from the start, so that nobody else can take its port, and serves once it is opened.
type Server struct {
	http  *http.Server
	doors []net.Listener
	led   chan struct{} // connections by doors that are open
	dial  atomic.Pointer[Dial]
	pace  *pace
}

// Listen takes the port on loopback, and every door.
func Listen(port uint16, doors []sandbox.Door) (*Server, error) {
	listener, err := net.Listen("tcp4", fmt.Sprintf("127.0.0.1:%d", port))
	if err != nil {
		return nil, err
	}
	s := &Server{pace: newPace(paceBurst, paceInterval), led: make(chan struct{}, connections)}
	for _, door := range doors {
		opened, err := net.Listen("tcp4", door.Address.String())
		if err != nil {
			return nil, fmt.Errorf("%s leads to a door that cannot be opened: %w", door.Target, err)
		}
		s.doors = append(s.doors, opened)
		go s.answer(opened, door.Target)
	}
	s.http = &http.Server{
		Handler:           http.HandlerFunc(s.serve),
		ReadHeaderTimeout: 10 * time.Second,
		IdleTimeout:       30 * time.Second,
		MaxHeaderBytes:    headerBytes,
		ErrorLog:          log.New(io.Discard, "", 0), // a handler must not be able to write our log
	}
	go s.http.Serve(bounded.Listener(listener, connections))
	return s, nil
}

// Open lets a handler through. Every host it asks for is told to note, granted or not; note may be nil.
func (s *Server) Open(dial Dial, note func(target string)) {
	paced := Dial(func(ctx context.Context, target string) (net.Conn, error) {
		if note != nil {
			note(target)
		}
		if err := s.pace.wait(ctx); err != nil {
			return nil, err
		}
		return dial(ctx, target)
	})
	s.dial.Store(&paced)
}

// Close ends the listeners and what waits at them. Tunnels end with their clients, who are dead by then.
func (s *Server) Close() {
	s.http.Close()
	for _, door := range s.doors {
		door.Close()
	}
}

func (s *Server) serve(w http.ResponseWriter, r *http.Request) {
	dial := s.dial.Load()
	switch {
	case dial == nil:
		problem(w, http.StatusServiceUnavailable, "no run has started")
	case r.Method == http.MethodConnect:
		connect(w, r, *dial)
	case r.URL.Scheme == "http" && r.URL.Host != "":
		forward(w, r, *dial)
	case r.URL.IsAbs():
		problem(w, http.StatusBadRequest, "this proxy takes CONNECT, and http:// addresses")
	default:
		problem(w, http.StatusBadRequest, "this is a proxy, not a server")
	}
}

func connect(w http.ResponseWriter, r *http.Request, dial Dial) {
	if !plain(r.Host) {
		problem(w, http.StatusBadRequest, "CONNECT takes a host name and a port")
		return
	}
	outside, err := dial(r.Context(), r.Host)
	if err != nil {
		refuse(w, err)
		return
	}
	defer outside.Close()
	inside, buffered, err := http.NewResponseController(w).Hijack()
	if err != nil {
		return
	}
	defer inside.Close()
	inside.SetDeadline(time.Time{})
	if _, err := io.WriteString(inside, "HTTP/1.1 200 Connection established\r\n\r\n"); err != nil {
		return
	}
	said := make([]byte, buffered.Reader.Buffered()) // the client may not have waited
	io.ReadFull(buffered, said)
	if _, err := outside.Write(said); err != nil {
		return
	}
	join(inside, outside)
}

// join carries both ways. What the handler says may end first: then the rest of the answer is still brought.
func join(inside, outside net.Conn) {
	done := make(chan struct{})
	go func() {
		defer close(done)
		carry(inside, outside)
		inside.Close()
	}()
	carry(outside, inside)
	if half, ok := outside.(interface{ CloseWrite() error }); ok {
		half.CloseWrite()
	}
	<-done
}

func carry(to io.Writer, from io.Reader) {
	// not io.Copy's own buffer: 64 connections must fit into the launcher's few megabytes
	io.CopyBuffer(struct{ io.Writer }{to}, struct{ io.Reader }{from}, make([]byte, pieceBytes))
}

// hop are the headers that concern this connection only.
var hop = []string{"Connection", "Proxy-Connection", "Proxy-Authorization", "Keep-Alive", "Te", "Trailer", "Transfer-Encoding", "Upgrade"}

// forward one plain request, on a tunnel of its own: the gateway compares its Host with what was asked for.
func forward(w http.ResponseWriter, r *http.Request, dial Dial) {
	target := r.URL.Host
	if r.URL.Port() == "" {
		target = net.JoinHostPort(strings.Trim(target, "[]:"), "80")
	}
	if !plain(target) {
		problem(w, http.StatusBadRequest, "this is no host name")
		return
	}
	transport := &http.Transport{
		DisableKeepAlives:  true,
		DisableCompression: true,
		WriteBufferSize:    pieceBytes,
		ReadBufferSize:     pieceBytes,
		DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
			return dial(ctx, target)
		},
	}
	out := r.Clone(r.Context())
	out.RequestURI = ""
	for _, name := range append(strings.Split(r.Header.Get("Connection"), ","), hop...) {
		out.Header.Del(strings.TrimSpace(name))
	}
	if _, said := out.Header["User-Agent"]; !said {
		out.Header.Set("User-Agent", "") // nothing is added
	}
	answer, err := transport.RoundTrip(out)
	if err != nil {
		refuse(w, err)
		return
	}
	defer answer.Body.Close()
	for _, name := range append(strings.Split(answer.Header.Get("Connection"), ","), hop...) {
		answer.Header.Del(strings.TrimSpace(name))
	}
	for name, values := range answer.Header {
		w.Header()[name] = values
	}
	w.WriteHeader(answer.StatusCode)
	carry(flushing{w, http.NewResponseController(w)}, answer.Body)
}

// flushing so that a stream of small pieces arrives as it comes.
type flushing struct {
	io.Writer
	controller *http.ResponseController
}

func (f flushing) Write(piece []byte) (int, error) {
	n, err := f.Writer.Write(piece)
	f.controller.Flush()
	return n, err
}

// plain: nothing in it could end the line it is sent in.
func plain(target string) bool {
	if target == "" || len(target) > longestTarget {
		return false
	}
	for i := 0; i < len(target); i++ {
		if c := target[i]; c <= ' ' || c >= 0x7f {
			return false
		}
	}
	return true
}

// refuse tells the handler what the gateway said.
func refuse(w http.ResponseWriter, err error) {
	status, text := said(err)
	problem(w, status, text)
}

func said(err error) (status int, text string) {
	var refused *gateway.Refused
	if !errors.As(err, &refused) || refused.Status < 400 {
		return http.StatusBadGateway, "the gateway does not answer, or the host ended the connection"
	}
	status = refused.Status
	if status == http.StatusConflict || status == http.StatusUnauthorized {
		status = http.StatusForbidden
	}
	return status, refused.Code + ": " + refused.Message
}

func problem(w http.ResponseWriter, status int, text string) {
	w.Header().Set("X-Corral-Refused", protocol.Printable([]byte(protocol.Cut(text, 512))))
	http.Error(w, "corral: "+protocol.Printable([]byte(protocol.Cut(text, 512))), status)
}
