package gateway

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"time"

	"dev.corral/launcher/collect"
	"dev.corral/launcher/protocol"
)

// ErrNeverAssigned: this session will not get work any more.
var ErrNeverAssigned = errors.New("never assigned")

const (
	eventsAtOnce = 20
	eventBytes   = 256 << 10

	artifactTimeout = 60 * time.Second
)

// poll asks a long-poll question until there is something to say. An empty answer that came too fast is not asked
// again at once, so that a gateway that cannot hold requests is not flooded by us.
func (c *Client) poll(ctx context.Context, path string) (answer, error) {
	for {
		asked := time.Now()
		a, err := c.ask(ctx, request{method: "GET", path: path, authorization: c.authorization, timeout: pollTimeout})
		if err != nil || a.status != http.StatusNoContent {
			return a, err
		}
		select {
		case <-ctx.Done():
			return a, ctx.Err()
		case <-time.After(max(0, firstPause-time.Since(asked))):
		}
	}
}

// Assignment waits for work.
func (c *Client) Assignment(ctx context.Context) (*protocol.Assignment, error) {
	a, err := c.poll(ctx, "/v1/assignment")
	var refused *Refused
	if errors.As(err, &refused) && refused.Status == http.StatusGone {
		return nil, ErrNeverAssigned
	}
	if err != nil {
		return nil, err
	}
	var assignment protocol.Assignment
	if err := json.Unmarshal(a.body, &assignment); err != nil {
		return nil, fmt.Errorf("assignment: %w", err)
	}
	c.execution.Store(assignment.ExecutionUID)
	return &assignment, nil
}

// GetFile brings one staged file, whose bytes must be the announced ones. A body that breaks off is asked for again.
func (c *Client) GetFile(ctx context.Context, f protocol.File, into *os.File) error {
	sink := func(body io.Reader) error {
		if _, err := into.Seek(0, io.SeekStart); err != nil {
			return &permanent{err}
		}
		if err := into.Truncate(0); err != nil {
			return &permanent{err}
		}
		sum := sha256.New()
		size, err := io.Copy(io.MultiWriter(into, sum), io.LimitReader(body, f.Size+1))
		switch {
		case err != nil:
			return err
		case size != f.Size || hex.EncodeToString(sum.Sum(nil)) != f.SHA256:
			return &permanent{errors.New("it has other bytes than were announced")}
		}
		return nil
	}
	_, err := c.ask(ctx, request{method: "GET", path: "/v1/files/" + url.PathEscape(f.Name), authorization: c.authorization,
		timeout: artifactTimeout, sink: sink})
	return err
}

// Control waits for an order to stop and returns its reason.
func (c *Client) Control(ctx context.Context) (string, error) {
	a, err := c.poll(ctx, "/v1/control")
	if err != nil {
		return "", err
	}
	var order struct{ Stop string }
	if err := json.Unmarshal(a.body, &order); err != nil {
		return "", err
	}
	return order.Stop, nil
}

// EventSource is where events wait. Next returns none when there will be no more.
type EventSource interface {
	Next(ctx context.Context, count, size int) []protocol.Event
	Done(batch []protocol.Event, answer protocol.EventsAnswer)
}

// ForwardEvents carries events in order until the source is closed and empty. A batch is removed only once it has been
// answered for; the gateway knows a repeated one by its numbers.
func (c *Client) ForwardEvents(ctx context.Context, source EventSource) error {
	for {
		batch := source.Next(ctx, eventsAtOnce, eventBytes)
		if len(batch) == 0 {
			return ctx.Err()
		}
		r, err := c.json("POST", "/v1/events", map[string]any{"events": batch})
		if err != nil {
			return err
		}
		a, err := c.ask(ctx, r)
		var refused *Refused
		switch {
		case errors.As(err, &refused):
			// One batch the gateway will never take must not hold up the ones behind it.
			source.Done(batch, protocol.EventsAnswer{Dropped: len(batch)})
			continue
		case err != nil:
			return err
		}
		var counted protocol.EventsAnswer
		json.Unmarshal(a.body, &counted)
		source.Done(batch, counted)
	}
}

// PutArtifact streams a file, measuring it on the way, and compares notes with the gateway.
func (c *Client) PutArtifact(ctx context.Context, d protocol.Declaration, file *collect.File, limit int64) (*collect.Measured, error) {
	var measured *collect.Measured
	a, err := c.ask(ctx, request{
		method:        "PUT",
		path:          "/v1/artifacts/" + url.PathEscape(d.Name),
		authorization: c.authorization,
		contentType:   d.Type,
		timeout:       artifactTimeout,
		body: func() (io.Reader, error) {
			var err error
			measured, err = file.Measure(limit)
			return measured, err
		},
	})
	if err != nil {
		return nil, err
	}
	if err := file.Unchanged(); err != nil {
		return nil, err
	}
	var stored struct {
		SHA256 string `json:"sha256"`
		Size   int64  `json:"size"`
	}
	if err := json.Unmarshal(a.body, &stored); err != nil {
		return nil, fmt.Errorf("artifact: %w", err)
	}
	if stored.SHA256 != measured.SHA256() || stored.Size != measured.Size() {
		return nil, errors.New("the gateway stored other bytes than were sent")
	}
	return measured, nil
}
