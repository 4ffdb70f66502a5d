// Command server answers GET /N with N bytes over TLS, for any name: what benchmarks/hosts puts outside of the cluster.
//
//	server ADDRESS:PORT…
package main

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"log"
	"math/big"
	"net/http"
	"os"
	"strconv"
	"strings"
	"time"
)

func main() {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	check(err)
	template := &x509.Certificate{SerialNumber: big.NewInt(1), NotAfter: time.Now().Add(24 * time.Hour)}
	certificate, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	check(err)
	own := tls.Certificate{Certificate: [][]byte{certificate}, PrivateKey: key}
	handler := http.HandlerFunc(answer)
	for _, address := range os.Args[1:] {
		server := &http.Server{Addr: address, Handler: handler, TLSConfig: &tls.Config{Certificates: []tls.Certificate{own}, NextProtos: []string{"http/1.1"}}}
		go func() { check(server.ListenAndServeTLS("", "")) }()
	}
	select {}
}

var piece = make([]byte, 256<<10)

func answer(w http.ResponseWriter, r *http.Request) {
	size, err := strconv.Atoi(strings.TrimPrefix(r.URL.Path, "/"))
	if err != nil {
		http.Error(w, "GET /N", http.StatusBadRequest)
		return
	}
	w.Header().Set("Content-Length", strconv.Itoa(size))
	for size > 0 {
		n, err := w.Write(piece[:min(size, len(piece))])
		if err != nil {
			return
		}
		size -= n
	}
}

func check(err error) {
	if err != nil {
		log.Fatal("server: ", err)
	}
}
