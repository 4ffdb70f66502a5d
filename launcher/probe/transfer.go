package main

import (
	"context"
	"crypto/tls"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"
)

// transfer measures one way to a server: how long count requests take, each on a connection of its own and then each on the same
// one, and how fast so many MiB come down. how is direct:ADDRESS (the name is not looked up), proxy:URL, proxy (the environment's) or
// unaware (whatever the name resolves to). The server answers /N with N bytes; whose certificate it has does not matter.
func transfer(how, address string, count, mebibytes int) map[string]any {
	transport := func() *http.Transport {
		t := &http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true}}
		kind, where, _ := strings.Cut(how, ":")
		switch {
		case kind == "direct":
			t.DialContext = func(ctx context.Context, network, target string) (net.Conn, error) {
				_, port, _ := net.SplitHostPort(target)
				return (&net.Dialer{}).DialContext(ctx, network, net.JoinHostPort(where, port))
			}
		case kind == "proxy" && where != "":
			proxy, err := url.Parse(where)
			if err != nil {
				fatal(err.Error())
			}
			t.Proxy = http.ProxyURL(proxy)
		case kind == "proxy":
			t.Proxy = http.ProxyFromEnvironment
		}
		return t
	}
	fetch := func(client *http.Client, bytes int) time.Duration {
		begun := time.Now()
		response, err := client.Get(fmt.Sprintf("%s/%d", address, bytes))
		if err != nil {
			fatal(err.Error())
		}
		defer response.Body.Close()
		if n, err := io.Copy(io.Discard, response.Body); err != nil || n != int64(bytes) {
			fatal(fmt.Sprint(n, " bytes, ", err))
		}
		return time.Since(begun)
	}
	var fresh, kept []time.Duration
	for range count {
		t := transport()
		fresh = append(fresh, fetch(&http.Client{Transport: t}, 0))
		t.CloseIdleConnections()
	}
	client := &http.Client{Transport: transport()}
	fetch(client, 1<<20) // past the slow start
	for range count {
		kept = append(kept, fetch(client, 0))
	}
	took := fetch(client, mebibytes<<20)
	return map[string]any{
		"freshMicros": middle(fresh), "keptMicros": middle(kept), "mebibytesPerSecond": float64(mebibytes) / took.Seconds(),
	}
}

func middle(durations []time.Duration) int64 {
	slices.Sort(durations)
	return durations[len(durations)/2].Microseconds()
}
