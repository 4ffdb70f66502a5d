// Package gateway is the launcher's side of the conversation with the gateway: one session, every request repeatable,
// every answer bounded. The gateway may restart at any moment; it knows us again by the session key.
package gateway

import (
	"bytes"
	"context"
	cryptorand "crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"strings"
	"sync/atomic"
	"time"

	"dev.corral/launcher/protocol"
)

const (
	serverName = "corral-gateway"

	firstPause = 100 * time.Millisecond
	lastPause  = 2 * time.Second

	plainTimeout = 10 * time.Second
	pollTimeout  = 40 * time.Second // a long poll is answered within 25 s

	firstDial = 250 * time.Millisecond
	lastDial  = 4 * time.Second

	maxAnswer = 8 << 20

	// fullTries: so often in all a run is told that the store is full before it believes it, after about ten seconds. Uploads of
	// others may end in that time; what is kept does not go before its time, so more patience would only hold up the end.
	fullTries = 10
)

// Client speaks for one pod. It is safe for concurrent use once the session is open.
type Client struct {
	base          string
	http          *http.Client
	trust         *tls.Config
	authorization string
	patience      atomic.Int64 // of the next dial
	handshakes    chan Handshake
	full          atomic.Int32 // answers that the store has no room
	execution     atomic.Value // uid of the assignment's execution, a string: said with every request that follows
}

// Session is what the pod's token was exchanged for.
type Session struct {
	ID     string
	PodUID string
	Key    []byte
}

// Refused is an answer that repeating would not change.
type Refused struct {
	Status  int    `json:"-"`
	Code    string `json:"code"`
	Message string `json:"message"`
}

func (r *Refused) Error() string {
	return fmt.Sprintf("the gateway answered %d %s: %s", r.Status, r.Code, r.Message)
}

// New makes a client that trusts the given certificates and no others, and goes through no proxy.
func New(address string, authorities []byte) (*Client, error) {
	if !strings.HasPrefix(address, "https://") {
		return nil, errors.New("CORRAL_GATEWAY must begin with https://")
	}
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(authorities) {
		return nil, errors.New("CORRAL_CA holds no certificate")
	}
	c := &Client{base: strings.TrimRight(address, "/"),
		trust:      &tls.Config{RootCAs: pool, ServerName: serverName, MinVersion: tls.VersionTLS12},
		handshakes: make(chan Handshake, 4)}
	c.patience.Store(int64(firstDial))
	c.http = &http.Client{
		Transport: &http.Transport{
			DialContext:         c.dial,
			TLSClientConfig:     c.trust,
			TLSHandshakeTimeout: 10 * time.Second,
			MaxIdleConns:        4,
			MaxIdleConnsPerHost: 4,
			IdleConnTimeout:     30 * time.Second,
			DisableCompression:  true,
		},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	return c, nil
}

// dial is impatient at first: a network policy that is programmed a moment too late swallows the SYN, and the kernel
// would only send the next one after a second. On a slow network the patience grows.
func (c *Client) dial(ctx context.Context, network, address string) (net.Conn, error) {
	patience := time.Duration(c.patience.Load())
	dialer := net.Dialer{Timeout: patience}
	began := time.Now()
	conn, err := dialer.DialContext(ctx, network, address)
	if err != nil {
		c.patience.Store(int64(min(2*patience, lastDial)))
		return nil, err
	}
	select {
	case c.handshakes <- Handshake{began, time.Since(began)}:
	default: // nobody waits for it
	}
	return conn, nil
}

// Handshakes are the client's first connections to the gateway: what the proof of a closed port compares its silence with.
func (c *Client) Handshakes() <-chan Handshake { return c.handshakes }

// request is one thing to ask, and how to say it again.
type request struct {
	method, path  string
	authorization string
	contentType   string
	body          func() (io.Reader, error) // called for every try; nil for none
	timeout       time.Duration
	sink          func(io.Reader) error // takes the body of a good answer, of every try; nil: it is kept
}

type answer struct {
	status int
	body   []byte
}

func (c *Client) json(method, path string, body any) (request, error) {
	raw, err := protocol.Encode(body)
	return request{method: method, path: path, authorization: c.authorization, contentType: "application/json",
		body: func() (io.Reader, error) { return bytes.NewReader(raw), nil }, timeout: plainTimeout}, err
}

// ask repeats a request until it is answered for good, with growing pauses, as long as the context allows.
func (c *Client) ask(ctx context.Context, r request) (answer, error) {
	pause := firstPause
	for {
		a, err := c.once(ctx, r)
		var final *permanent
		switch {
		case errors.As(err, &final):
			return a, final.error
		case err == nil && a.status < 300:
			return a, nil
		case err == nil && !passing(a.status), err == nil && c.filled(a.status):
			return a, refusal(a)
		case err == nil:
			err = refusal(a)
		}
		select {
		case <-ctx.Done():
			return a, fmt.Errorf("%s %s: %w (last: %v)", r.method, r.path, ctx.Err(), err)
		case <-time.After(pause/2 + rand.N(pause/2+1)):
		}
		pause = min(2*pause, lastPause)
	}
}

// permanent marks an error of our own making, such as a file that changed while it was read.
type permanent struct{ error }

// passing: the gateway, or something before it, cannot answer at the moment.
func passing(status int) bool {
	return status >= 500 || status == http.StatusTooManyRequests || status == http.StatusRequestTimeout
}

// filled: the store has no room, and had none often enough. Who was told so for one artifact tries each other one once.
func (c *Client) filled(status int) bool {
	return status == http.StatusInsufficientStorage && c.full.Add(1) >= fullTries
}

func refusal(a answer) *Refused {
	r := &Refused{Status: a.status}
	json.Unmarshal(a.body, r)
	return r
}

func (c *Client) once(ctx context.Context, r request) (answer, error) {
	ctx, cancel := context.WithTimeout(ctx, r.timeout)
	defer cancel()
	var body io.Reader
	if r.body != nil {
		var err error
		if body, err = r.body(); err != nil {
			return answer{}, &permanent{err}
		}
	}
	q, err := http.NewRequestWithContext(ctx, r.method, c.base+r.path, body)
	if err != nil {
		return answer{}, &permanent{err}
	}
	q.Header.Set("Authorization", r.authorization)
	if execution, _ := c.execution.Load().(string); execution != "" {
		q.Header.Set("Corral-Execution", execution)
	}
	q.Header.Set("User-Agent", "corral/"+protocol.Version)
	if r.contentType != "" {
		q.Header.Set("Content-Type", r.contentType)
	}
	response, err := c.http.Do(q)
	if err != nil {
		return answer{}, err
	}
	defer response.Body.Close()
	if r.sink != nil && response.StatusCode == http.StatusOK {
		return answer{status: response.StatusCode}, r.sink(response.Body)
	}
	text, err := io.ReadAll(io.LimitReader(response.Body, maxAnswer+1))
	if err != nil {
		return answer{}, err // the answer was cut off: ask again
	}
	if len(text) > maxAnswer {
		return answer{}, &permanent{errors.New("the gateway's answer is too large")}
	}
	return answer{response.StatusCode, text}, nil
}

// OpenSession exchanges the pod's token. A second exchange for the same pod is refused, unless it shows the secret of the
// first: that is how an answer lost on the way can be asked for again, by us and nobody else.
func (c *Client) OpenSession(ctx context.Context, token string) (Session, error) {
	nonce := make([]byte, 32)
	cryptorand.Read(nonce)
	r, err := c.json("POST", "/v1/session", map[string]string{"launcher": protocol.Version, "nonce": hex.EncodeToString(nonce)})
	if err != nil {
		return Session{}, err
	}
	r.authorization = "Bearer " + token
	a, err := c.ask(ctx, r)
	if err != nil {
		return Session{}, err
	}
	var opened struct{ Session, Key, PodUID string }
	if err := json.Unmarshal(a.body, &opened); err != nil {
		return Session{}, fmt.Errorf("session: %w", err)
	}
	key, err := hex.DecodeString(opened.Key)
	if err != nil || len(key) != 32 || opened.Session == "" || opened.PodUID == "" {
		return Session{}, errors.New("session: the gateway's answer is incomplete")
	}
	c.authorization = "Corral " + opened.PodUID + "/" + opened.Session + "/" + opened.Key
	return Session{ID: opened.Session, PodUID: opened.PodUID, Key: key}, nil
}

// Ready hands over the evidence.
func (c *Client) Ready(ctx context.Context, evidence protocol.Evidence) error {
	return c.post(ctx, "/v1/ready", map[string]any{"evidence": evidence})
}

// Started tells that the handler's process exists.
func (c *Client) Started(ctx context.Context) error { return c.post(ctx, "/v1/started", struct{}{}) }

// Report delivers the report; on return without error it is durable.
func (c *Client) Report(ctx context.Context, report protocol.Report) error {
	return c.post(ctx, "/v1/report", report)
}

func (c *Client) post(ctx context.Context, path string, body any) error {
	r, err := c.json("POST", path, body)
	if err != nil {
		return err
	}
	_, err = c.ask(ctx, r)
	return err
}
