package main

import (
	"crypto/tls"
	"crypto/x509"
	"net"
	"testing"
)

func TestNamesHaveTheAddressesTheyPromise(t *testing.T) {
	for name, want := range map[string]string{
		"10-96-0-1.rebind.example.org.": "10.96.0.1",
		"Metadata.internal.":            metadata,
		"nothing.invalid.":              "",
		"a.example.svc.cluster.local.":  "",
	} {
		got, exists := addressOf(name)
		if exists != (want != "") || exists && got.String() != want {
			t.Errorf("%s: %s, want %q", name, got, want)
		}
	}
	first, _ := addressOf("docs.example.org")
	again, _ := addressOf("DOCS.example.org.")
	if first != again || first.String() != hosts[0] && first.String() != hosts[1] {
		t.Errorf("docs.example.org is %s and then %s", first, again)
	}
}

func TestTheAuthorityVouchesForTheAskedName(t *testing.T) {
	authority, err := newAuthority()
	if err != nil {
		t.Fatal(err)
	}
	listener, err := tls.Listen("tcp4", "127.0.0.1:0", &tls.Config{GetCertificate: authority.certificateFor})
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	go func() {
		for {
			connection, err := listener.Accept()
			if err != nil {
				return
			}
			connection.(*tls.Conn).Handshake()
		}
	}()
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(authority.pem)
	for _, name := range []string{"docs.example.org", "127.0.0.1"} {
		connection, err := tls.Dial("tcp", listener.Addr().String(), &tls.Config{RootCAs: roots, ServerName: name})
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		connection.Close()
	}
}

func TestOnlyBeginningsAreLogged(t *testing.T) {
	packet := func(proto byte, payload ...byte) []byte {
		header := append([]byte{0x45, 0, 0, 0, 0, 0, 0, 0, 64, proto, 0, 0}, net.IPv4(10, 244, 0, 7).To4()...)
		return append(append(header, net.IPv4(203, 0, 113, 10).To4()...), payload...)
	}
	tcp := func(flags byte) []byte { return packet(6, 0x9c, 0x40, 0, 80, 0, 0, 0, 0, 0, 0, 0, 0, 0x50, flags) }
	if e, ok := begins(tcp(2)); !ok || e.Proto != "tcp" || e.Local != "203.0.113.10:80" || e.Remote != "10.244.0.7:40000" {
		t.Errorf("SYN: %v %+v", ok, e)
	}
	if _, ok := begins(tcp(16)); ok {
		t.Error("an acknowledgement begins nothing")
	}
	if e, ok := begins(packet(1, 8, 0)); !ok || e.Proto != "icmp" {
		t.Errorf("ICMP: %v %+v", ok, e)
	}
	six := func(proto byte, payload ...byte) []byte {
		header := append([]byte{0x60, 0, 0, 0, 0, byte(len(payload)), proto, 64}, net.ParseIP("fd10:244::7")...)
		return append(append(header, net.ParseIP("2001:db8:113::10")...), payload...)
	}
	if e, ok := begins(six(6, tcp(2)[20:]...)); !ok || e.Local != "[2001:db8:113::10]:80" || e.Remote != "[fd10:244::7]:40000" {
		t.Errorf("SYN: %v %+v", ok, e)
	}
	if e, ok := begins(six(58, 128, 0)); !ok || e.Proto != "icmp" {
		t.Errorf("echo request: %v %+v", ok, e)
	}
	if _, ok := begins(six(58, 135, 0)); ok {
		t.Error("a neighbour that is looked for begins nothing")
	}
	if _, ok := begins(nil); ok {
		t.Error("an empty packet begins nothing")
	}
}
