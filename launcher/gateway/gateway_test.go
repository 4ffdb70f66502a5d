package gateway

import (
	"context"
	"errors"
	"net"
	"strings"
	"testing"
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
	if seen := prober.Probe(context.Background(), listener.Addr().String()); seen.Reachable || seen.Answer == "open" || seen.Attempts < 2 {
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
	if seen := prober.Probe(context.Background(), listener.Addr().String()); !seen.Reachable || seen.Answer != "open" || seen.Attempts != 3 {
		t.Errorf("open: %+v", seen)
	}
	if seen := prober.Probe(context.Background(), "no address"); !seen.Reachable || seen.Answer != "error" {
		t.Errorf("unclear: %+v", seen)
	}
}
