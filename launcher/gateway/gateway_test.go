package gateway

import (
	"context"
	"errors"
	"net"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"dev.corral/launcher/gatewaytest"
)

func TestACertificateOfAnotherAuthorityIsNotTrusted(t *testing.T) {
	real, other := gatewaytest.New(), gatewaytest.New()
	defer real.Close()
	defer other.Close()
	client, err := New(real.URL, []byte(other.CA))
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), 3*time.Second)
	defer cancel()
	if _, err := client.OpenSession(ctx, gatewaytest.Token); err == nil || !strings.Contains(err.Error(), "certificate") {
		t.Error(err)
	}
	if seen := real.Seen(); len(seen.Counts) != 0 {
		t.Errorf("the token went to a stranger: %v", seen.Counts)
	}
}

func TestAddressesAndAuthoritiesAreChecked(t *testing.T) {
	fake := gatewaytest.New()
	defer fake.Close()
	if _, err := New("http://127.0.0.1:1", []byte(fake.CA)); err == nil {
		t.Error("plain text was accepted")
	}
	if _, err := New(fake.URL, []byte("no certificate")); err == nil {
		t.Error("no authority was accepted")
	}
}

func TestARefusalIsFinalAndKeepsItsCode(t *testing.T) {
	fake := gatewaytest.New()
	defer fake.Close()
	client, err := New(fake.URL, []byte(fake.CA))
	if err != nil {
		t.Fatal(err)
	}
	_, err = client.OpenSession(context.Background(), "stolen")
	var refused *Refused
	if !errors.As(err, &refused) || refused.Status != 401 || refused.Code != "BadToken" {
		t.Error(err)
	}
	if count := fake.Seen().Counts["POST /v1/session"]; count != 1 {
		t.Errorf("asked %d times", count)
	}
}

// A store that is full stays so for much longer than the end of a run may take, for all of its artifacts.
func TestAFullStoreIsBelievedAfterTenTries(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		tries := map[string]int{}
		client := &Client{http: &http.Client{Transport: answering(func(q *http.Request) int {
			tries[q.URL.Path]++
			return http.StatusInsufficientStorage
		})}}
		ctx, cancel := context.WithTimeout(t.Context(), 90*time.Second)
		defer cancel()
		began := time.Now()
		for _, path := range []string{"/first", "/second"} {
			_, err := client.ask(ctx, request{method: "PUT", path: path, timeout: time.Second})
			var refused *Refused
			if !errors.As(err, &refused) || refused.Status != http.StatusInsufficientStorage {
				t.Error(err)
			}
		}
		if tries["/first"] != 10 || tries["/second"] != 1 {
			t.Error(tries)
		}
		if took := time.Since(began); took > 12*time.Second { // of the bubble's clock, which waits for nobody
			t.Error(took)
		}
	})
}

func TestAStoreThatHasRoomAgainIsUsed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		tries := 0
		client := &Client{http: &http.Client{Transport: answering(func(*http.Request) int {
			if tries++; tries < 10 {
				return http.StatusInsufficientStorage
			}
			return http.StatusCreated
		})}}
		if a, err := client.ask(t.Context(), request{method: "PUT", timeout: time.Second}); err != nil || a.status != http.StatusCreated {
			t.Error(a, err)
		}
	})
}

// answering is a gateway that is all status.
type answering func(*http.Request) int

func (status answering) RoundTrip(q *http.Request) (*http.Response, error) {
	return &http.Response{StatusCode: status(q), Body: http.NoBody, Request: q}, nil
}

func TestWhatMayPassIsAskedAgain(t *testing.T) {
	for _, status := range []int{408, 429, 503, 507} {
		fake := gatewaytest.New()
		defer fake.Close()
		refusals := 0
		fake.Refuse = func(string) int {
			if refusals++; refusals == 1 {
				return status
			}
			return 0
		}
		client, err := New(fake.URL, []byte(fake.CA))
		if err != nil {
			t.Fatal(err)
		}
		if _, err = client.OpenSession(context.Background(), gatewaytest.Token); err != nil || refusals != 2 {
			t.Errorf("%d: asked %d times, %v", status, refusals, err)
		}
	}
}

// The listener accepts for its first connections and is then gone: a policy that was programmed late.
func TestTheSentinelIsTriedUntilThePolicyHolds(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	go func() {
		for range 2 {
			if conn, err := listener.Accept(); err == nil {
				conn.Close()
			}
		}
		listener.Close()
	}()
	prober := Prober{Wait: 5 * time.Second, Tries: 1000, Pause: time.Millisecond}
	if seen := prober.Probe(context.Background(), listener.Addr().String(), nil); seen.Reachable || seen.Answer == "open" || seen.Attempts < 2 {
		t.Errorf("%+v", seen)
	}
}

// Silence proves something as soon as it has lasted many times what the open port takes, or for the whole wait.
func TestSilenceIsMeasuredByTheOpenPort(t *testing.T) {
	silent := func(ctx context.Context, _, _ string) (net.Conn, error) {
		<-ctx.Done()
		return nil, ctx.Err()
	}
	prober := Prober{Wait: time.Second, Tries: 1, Silence: 20 * time.Millisecond, Slower: 20, dial: silent}
	soon := time.Now().Add(time.Hour) // begun after ours, whenever that is
	for name, test := range map[string]struct {
		control []Handshake
		early   bool
	}{
		"none":                        {},
		"quick":                       {[]Handshake{{soon, time.Millisecond}}, true},
		"a tenth of the wait":         {[]Handshake{{soon, 100 * time.Millisecond}}, false},
		"begun before":                {[]Handshake{{time.Now().Add(-time.Hour), time.Millisecond}}, false},
		"begun before, then after it": {[]Handshake{{time.Now().Add(-time.Hour), time.Millisecond}, {soon, time.Millisecond}}, true},
	} {
		control := make(chan Handshake, len(test.control))
		for _, one := range test.control {
			control <- one
		}
		seen := prober.Probe(context.Background(), "192.0.2.1:1", control)
		if seen.Reachable || seen.Answer != "timeout" || (seen.Millis < 1000) != test.early {
			t.Errorf("%s: %+v", name, seen)
		}
	}
}

// A port that opens late, but before the silence is long enough, is open.
func TestASlowAnswerWithinTheSilenceIsAnAnswer(t *testing.T) {
	late := func(ctx context.Context, _, _ string) (net.Conn, error) {
		time.Sleep(30 * time.Millisecond)
		here, there := net.Pipe()
		there.Close()
		return here, nil
	}
	prober := Prober{Wait: 5 * time.Second, Tries: 1, Silence: 5 * time.Second, Slower: 20, dial: late}
	control := make(chan Handshake, 1)
	control <- Handshake{time.Now().Add(time.Hour), time.Millisecond}
	if seen := prober.Probe(context.Background(), "192.0.2.1:1", control); !seen.Reachable || seen.Answer != "open" {
		t.Errorf("%+v", seen)
	}
}

func TestAnOpenSentinelAndAnUnclearErrorAreNoProof(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	prober := Prober{Wait: 5 * time.Second, Tries: 3, Pause: time.Millisecond}
	if seen := prober.Probe(context.Background(), listener.Addr().String(), nil); !seen.Reachable || seen.Answer != "open" || seen.Attempts != 3 {
		t.Errorf("open: %+v", seen)
	}
	if seen := prober.Probe(context.Background(), "no address", nil); !seen.Reachable || seen.Answer != "error" {
		t.Errorf("unclear: %+v", seen)
	}
}
