// Package handlerapi is what a handler can ask of its launcher, over plain HTTP on a Unix socket. Everything that comes
// in is hostile: connections, headers and bodies are bounded before they are looked at.
package handlerapi

import (
	"encoding/json"
	"errors"
	"io"
	"log"
	"net"
	"net/http"
	"os"
	"time"

	"dev.corral/launcher/bounded"
	"dev.corral/launcher/protocol"
)

const (
	// MaxBody of one request.
	MaxBody = 128 << 10

	connections = 64
	headerBytes = 8 << 10
	maxMessage  = 1024
	maxKey      = 128
)

// Server answers on the socket.
type Server struct {
	http  *http.Server
	queue *Queue
}

// Listen opens the socket. It belongs to the handler, who may also remove it: that is its own loss.
func Listen(path string, queue *Queue) (*Server, error) {
	os.Remove(path)
	listener, err := net.Listen("unix", path)
	if err != nil {
		return nil, err
	}
	s := &Server{queue: queue}
	mux := http.NewServeMux()
	mux.HandleFunc("POST /v1/events", s.emit)
	s.http = &http.Server{
		Handler:           mux,
		ReadHeaderTimeout: 5 * time.Second,
		ReadTimeout:       10 * time.Second,
		WriteTimeout:      10 * time.Second,
		IdleTimeout:       10 * time.Second,
		MaxHeaderBytes:    headerBytes,
		ErrorLog:          log.New(io.Discard, "", 0), // a handler must not be able to write our log
	}
	go s.http.Serve(bounded.Listener(listener, connections))
	return s, nil
}

// Close ends all conversations.
func (s *Server) Close() { s.http.Close() }

// emission is the body of POST /v1/events.
type emission struct {
	Topic   string          `json:"topic"`
	Message string          `json:"message"`
	Key     string          `json:"key"`
	Data    json.RawMessage `json:"data"`
}

func (s *Server) emit(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, MaxBody))
	if err != nil {
		var tooLarge *http.MaxBytesError
		if errors.As(err, &tooLarge) {
			http.Error(w, "an event is at most 128 KiB", http.StatusRequestEntityTooLarge)
			return
		}
		http.Error(w, "the body could not be read", http.StatusBadRequest)
		return
	}
	event, err := parse(body)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	switch s.queue.offer(event) {
	case accepted:
		w.WriteHeader(http.StatusAccepted)
	case denied:
		http.Error(w, "topic "+event.Topic+" is not granted", http.StatusForbidden)
	case spent:
		http.Error(w, "the event budget of this run is spent", http.StatusTooManyRequests)
	case full:
		http.Error(w, "too many events wait for the gateway; try again later", http.StatusTooManyRequests)
	}
}

func parse(body []byte) (protocol.Event, error) {
	if err := protocol.CheckJSON(body); err != nil {
		return protocol.Event{}, err
	}
	var e emission
	if err := json.Unmarshal(body, &e); err != nil {
		return protocol.Event{}, errors.New("expected {\"topic\":\"…\",\"message\":\"…\",\"key\":\"…\",\"data\":{}}")
	}
	if string(e.Data) == "null" {
		e.Data = nil
	}
	switch {
	case !protocol.ValidTopic(e.Topic):
		return protocol.Event{}, errors.New("topic must look like check.done@v1: a letter, then a-z 0-9 . - and a version, at most 128 characters")
	case len(e.Message) > maxMessage:
		return protocol.Event{}, errors.New("message is at most 1024 bytes")
	case len(e.Key) > maxKey:
		return protocol.Event{}, errors.New("key is at most 128 bytes")
	case e.Data != nil && !protocol.IsObject(e.Data):
		return protocol.Event{}, errors.New("data must be a JSON object")
	}
	return protocol.Event{Topic: e.Topic, Message: e.Message, Key: e.Key, Data: e.Data}, nil
}
