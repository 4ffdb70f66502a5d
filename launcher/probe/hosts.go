package main

import (
	"bufio"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

const hostWait = 15 * time.Second

// hosts tries to reach host names the way clients do. Forms: get:URL (by the proxy of the environment), connect:HOST:PORT (at
// the proxy), tls:HOST:PORT=SERVERNAME (through a tunnel to HOST, greeting SERVERNAME), plain:HOST:PORT=NAME (the same, in plain HTTP with
// Host NAME), unaware:URL (as a client that knows no proxy), greet:HOST:PORT=SERVERNAME (the same, any server name), take:ADDRESS:PORT (listen
// there), direct:ADDRESS:PORT (around the proxy; mptcp: and fastopen: the same by ways Landlock does not see), steal:ADDRESS:PORT=AUTHORIZATION (CONNECT at the gateway itself). An answer is a status, "tls ok", "cut", or how the connect failed.
func hosts(attempts []string) map[string]any {
	answers, bodies := map[string]string{}, map[string]string{}
	for _, attempt := range attempts {
		kind, what, _ := strings.Cut(attempt, ":")
		target, name, _ := strings.Cut(what, "=")
		answer, body := reach(kind, what, target, name)
		answers[attempt], bodies[attempt] = answer, body
	}
	return map[string]any{"answers": answers, "bodies": bodies}
}

func reach(kind, what, target, name string) (answer, body string) {
	ctx, cancel := context.WithTimeout(context.Background(), hostWait)
	defer cancel()
	switch kind {
	case "get":
		return get(ctx, what, http.ProxyFromEnvironment)
	case "unaware":
		return get(ctx, what, nil)
	case "greet":
		conn, err := (&net.Dialer{}).DialContext(ctx, "tcp", target)
		if err != nil {
			return attempted(err), err.Error()
		}
		defer conn.Close()
		return greet(ctx, conn, name)
	case "take":
		listener, err := net.Listen("tcp", target)
		if err != nil {
			return attempted(err), err.Error()
		}
		listener.Close()
		return "taken", ""
	case "direct":
		return attempted(connectTCP(target)), ""
	case "mptcp":
		return named(connectOtherwise(target, unix.IPPROTO_MPTCP, 0)), ""
	case "fastopen":
		return named(connectOtherwise(target, 0, unix.MSG_FASTOPEN)), ""
	case "steal":
		conn, err := (&tls.Dialer{Config: &tls.Config{InsecureSkipVerify: true}}).DialContext(ctx, "tcp", target)
		if err != nil {
			return attempted(err), ""
		}
		defer conn.Close()
		return ask(conn, "api.example.org:443", "Authorization: "+name+"\r\n")
	}
	conn, answer, body := tunnelTo(ctx, target)
	if conn == nil || kind == "connect" {
		return answer, body
	}
	defer conn.Close()
	conn.SetDeadline(time.Now().Add(hostWait))
	if kind == "tls" {
		return greet(ctx, conn, name)
	}
	fmt.Fprintf(conn, "GET / HTTP/1.1\r\nHost: %s\r\nConnection: close\r\n\r\n", name)
	response, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil {
		return "cut", err.Error()
	}
	return fmt.Sprint(response.StatusCode), ""
}

func greet(ctx context.Context, conn net.Conn, name string) (answer, body string) {
	if err := tls.Client(conn, &tls.Config{ServerName: name, InsecureSkipVerify: true}).HandshakeContext(ctx); err != nil {
		return "cut", err.Error()
	}
	return "tls ok", ""
}

func get(ctx context.Context, address string, proxy func(*http.Request) (*url.URL, error)) (answer, body string) {
	client := http.Client{Transport: &http.Transport{
		Proxy:             proxy,
		TLSClientConfig:   &tls.Config{InsecureSkipVerify: true}, // whose certificate it is does not matter here
		DisableKeepAlives: true,
	}}
	request, err := http.NewRequestWithContext(ctx, "GET", address, nil)
	if err != nil {
		return err.Error(), ""
	}
	response, err := client.Do(request)
	if err != nil {
		return attempted(err), ""
	}
	defer response.Body.Close()
	text, _ := io.ReadAll(io.LimitReader(response.Body, 512))
	return fmt.Sprint(response.StatusCode), string(text)
}

func tunnelTo(ctx context.Context, target string) (conn net.Conn, answer, body string) {
	proxy, err := url.Parse(os.Getenv("https_proxy"))
	if err != nil || proxy.Host == "" {
		return nil, "no proxy", ""
	}
	conn, err = (&net.Dialer{}).DialContext(ctx, "tcp", proxy.Host)
	if err != nil {
		return nil, attempted(err), ""
	}
	answer, body = ask(conn, target, "")
	if answer != "200" {
		conn.Close()
		return nil, answer, body
	}
	return conn, answer, body
}

// stall opens so many tunnels to a server that answers /N with N bytes, asks each for a gigabyte, sends what nobody reads until no more
// is taken, reads nothing for a while, and tells how many still have something to read then.
func stall(target string, count, seconds int) map[string]any {
	host, _, _ := net.SplitHostPort(target)
	answers, alive := map[string]int{}, 0
	var open []net.Conn
	for range count {
		conn, answer, _ := tunnelTo(context.Background(), target)
		answers[answer]++
		if conn != nil {
			fmt.Fprintf(conn, "GET /%d HTTP/1.1\r\nHost: %s\r\n\r\n", 1<<30, host)
			conn.SetWriteDeadline(time.Now().Add(200 * time.Millisecond))
			for sent := true; sent; {
				_, err := conn.Write(make([]byte, 64<<10))
				sent = err == nil
			}
			open = append(open, conn)
		}
	}
	time.Sleep(time.Duration(seconds) * time.Second)
	for _, conn := range open {
		conn.SetDeadline(time.Now().Add(hostWait))
		if n, _ := conn.Read(make([]byte, 1024)); n > 0 {
			alive++
		}
		conn.Close()
	}
	return map[string]any{"answers": answers, "alive": alive}
}

// crowd opens connections that say nothing, and counts those that stay.
func crowd(target string, count int) map[string]any {
	var open []net.Conn
	for range count {
		if conn, err := net.DialTimeout("tcp", target, hostWait); err == nil {
			open = append(open, conn)
		}
	}
	time.Sleep(3 * time.Second)
	stayed := 0
	for _, conn := range open {
		conn.SetReadDeadline(time.Now().Add(10 * time.Millisecond))
		_, err := conn.Read(make([]byte, 1))
		if timeout, is := err.(net.Error); is && timeout.Timeout() {
			stayed++
		}
	}
	return map[string]any{"opened": len(open), "stayed": stayed}
}

func ask(conn net.Conn, target, header string) (answer, body string) {
	conn.SetDeadline(time.Now().Add(hostWait))
	fmt.Fprintf(conn, "CONNECT %s HTTP/1.1\r\nHost: %s\r\n%s\r\n", target, target, header)
	response, err := http.ReadResponse(bufio.NewReader(conn), &http.Request{Method: "CONNECT"})
	if err != nil {
		return "cut", err.Error()
	}
	if response.StatusCode != http.StatusOK {
		text, _ := io.ReadAll(io.LimitReader(response.Body, 512))
		body = string(text)
	}
	return fmt.Sprint(response.StatusCode), body
}

func attempted(err error) string {
	for errno, name := range map[unix.Errno]string{unix.EACCES: "EACCES", unix.EADDRINUSE: "EADDRINUSE"} {
		if errors.Is(err, errno) {
			return name
		}
	}
	return describe(err)
}
