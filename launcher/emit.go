package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"strings"
	"time"
)

const emitUsage = "usage: corral emit TOPIC [--message TEXT] [--key KEY] [JSON]"

// emit is `corral emit`: what a shell script calls. Exit code 0 means accepted, 1 refused, 2 misused.
func emit(args []string, stderr io.Writer) int {
	body, err := emission(args)
	if err != nil {
		fmt.Fprintln(stderr, "corral emit:", err)
		return 2
	}
	socket := os.Getenv("CORRAL_SOCKET")
	client := http.Client{Timeout: 30 * time.Second, Transport: &http.Transport{
		DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
			return (&net.Dialer{}).DialContext(ctx, "unix", socket)
		},
	}}
	response, err := client.Post("http://corral/v1/events", "application/json", bytes.NewReader(body))
	if err != nil {
		fmt.Fprintln(stderr, "corral emit:", err)
		return 1
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusAccepted {
		why, _ := io.ReadAll(io.LimitReader(response.Body, 1024))
		fmt.Fprintf(stderr, "corral emit: %d %s\n", response.StatusCode, strings.TrimSpace(string(why)))
		return 1
	}
	return 0
}

func emission(args []string) ([]byte, error) {
	event := map[string]any{}
	for len(args) > 0 {
		arg := args[0]
		args = args[1:]
		switch {
		case arg == "--message" || arg == "--key":
			if len(args) == 0 {
				return nil, errors.New(emitUsage)
			}
			event[arg[2:]] = args[0]
			args = args[1:]
		case strings.HasPrefix(arg, "--"):
			return nil, errors.New(emitUsage)
		case event["topic"] == nil:
			event["topic"] = arg
		case event["data"] == nil:
			if !json.Valid([]byte(arg)) {
				return nil, errors.New("the last argument is not valid JSON")
			}
			event["data"] = json.RawMessage(arg)
		default:
			return nil, errors.New(emitUsage)
		}
	}
	if event["topic"] == nil {
		return nil, errors.New(emitUsage)
	}
	return json.Marshal(event)
}
