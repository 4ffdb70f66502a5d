// Command outside is the whole world beyond the local cluster: two hosts that speak HTTP, HTTPS and DNS, and a pretend
// metadata service, in a network namespace of its own. It writes down everything that reaches it, so that a test can
// prove that something did, or that nothing did.
//
//	outside --interface eth0 --log outside.jsonl --ca outside-ca.crt
package main

import (
	"crypto/tls"
	"flag"
	"fmt"
	"log"
	"net"
	"net/http"
	"os"
	"slices"
	"strconv"
	"strings"
)

const metadata = "169.254.169.254"

var hosts = []string{"203.0.113.10", "203.0.113.20"}

// The same where the machine has IPv6.
var sixes = []string{"2001:db8:113::10", "2001:db8:113::20", "fd00:ec2::254"}

func main() {
	device := flag.String("interface", "eth0", "the interface whose arriving packets are logged")
	logFile := flag.String("log", "outside.jsonl", "one JSON line for everything that arrives")
	caFile := flag.String("ca", "outside-ca.crt", "where the certificate of the HTTPS servers' authority is written")
	flag.Parse()

	journal, err := openJournal(*logFile)
	check(err)
	authority, err := newAuthority()
	check(err)
	check(os.WriteFile(*caFile, authority.pem, 0o644))

	watch, err := newWatch(*device, journal)
	check(err)
	go watch.run()
	for _, host := range hosts {
		serveHTTP(host+":80", nil, journal)
		serveHTTP(host+":443", &tls.Config{GetCertificate: authority.certificateFor}, journal)
		serveDNS(host+":53", journal)
	}
	if local, err := net.InterfaceAddrs(); err == nil {
		for _, six := range sixes {
			if slices.ContainsFunc(local, func(address net.Addr) bool { return strings.HasPrefix(address.String(), six+"/") }) {
				serveHTTP("["+six+"]:80", nil, journal)
			}
		}
	}
	serveHTTP(metadata+":80", nil, journal)
	select {}
}

// serveHTTP answers /N with N bytes, and every other request with a greeting that names what was asked of whom by whom.
func serveHTTP(address string, secure *tls.Config, journal *journal) {
	listener, err := net.Listen("tcp", address)
	check(err)
	listener = journal.listen(listener)
	if secure != nil {
		listener = tls.NewListener(listener, secure)
	}
	server := &http.Server{
		ErrorLog: log.New(os.Stderr, address+" ", 0),
		Handler: http.HandlerFunc(func(answer http.ResponseWriter, request *http.Request) {
			journal.write(entry{Event: "request", Local: address, Remote: request.RemoteAddr,
				Method: request.Method, Name: request.Host, Path: request.URL.RequestURI()})
			if size, err := strconv.ParseInt(strings.TrimPrefix(request.URL.Path, "/"), 10, 64); err == nil && size >= 0 {
				writeZeros(answer, size)
				return
			}
			fmt.Fprintf(answer, "hello from %s: %s %s%s by %s\n", address, request.Method, request.Host, request.URL.RequestURI(), request.RemoteAddr)
		}),
	}
	go func() { check(server.Serve(listener)) }()
}

var zeros = make([]byte, 256<<10)

func writeZeros(answer http.ResponseWriter, size int64) {
	answer.Header().Set("Content-Length", strconv.FormatInt(size, 10))
	for size > 0 {
		n, err := answer.Write(zeros[:min(size, int64(len(zeros)))])
		if err != nil {
			return // whoever asked has gone
		}
		size -= int64(n)
	}
}

func check(err error) {
	if err != nil {
		log.Fatal("outside: ", err)
	}
}
