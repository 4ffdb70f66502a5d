package main

import (
	"encoding/binary"
	"hash/fnv"
	"io"
	"net"
	"net/netip"
	"strings"

	"golang.org/x/net/dns/dnsmessage"
)

// addressOf is the outside's whole zone: a name whose first label reads like 10-96-0-1 has that address (what a rebinding
// attack would do), metadata.* is the metadata service, nothing is below .invalid or cluster.local (that zone is not the outside's), and any
// other name is one of the two hosts, always the same one.
func addressOf(name string) (netip.Addr, bool) {
	name = strings.TrimSuffix(strings.ToLower(name), ".")
	if strings.HasSuffix("."+name, ".invalid") || strings.HasSuffix("."+name, ".cluster.local") {
		return netip.Addr{}, false
	}
	label, _, _ := strings.Cut(name, ".")
	if address, err := netip.ParseAddr(strings.ReplaceAll(label, "-", ".")); err == nil && address.Is4() {
		return address, true
	}
	if label == "metadata" {
		return netip.MustParseAddr(metadata), true
	}
	sum := fnv.New32a()
	io.WriteString(sum, name)
	return netip.MustParseAddr(hosts[sum.Sum32()%uint32(len(hosts))]), true
}

func serveDNS(address string, journal *journal) {
	packets, err := net.ListenPacket("udp4", address)
	check(err)
	go func() {
		buffer := make([]byte, 4096)
		for {
			n, from, err := packets.ReadFrom(buffer)
			check(err)
			if reply, err := answer(buffer[:n], "udp", address, from, journal); err == nil {
				packets.WriteTo(reply, from)
			}
		}
	}()
	listener, err := net.Listen("tcp4", address)
	check(err)
	listener = journal.listen(listener)
	go func() {
		for {
			connection, err := listener.Accept()
			check(err)
			go serveDNSOverTCP(connection, address, journal)
		}
	}()
}

// serveDNSOverTCP speaks in messages that follow their two-byte length.
func serveDNSOverTCP(connection net.Conn, address string, journal *journal) {
	defer connection.Close()
	for {
		var size uint16
		if binary.Read(connection, binary.BigEndian, &size) != nil {
			return
		}
		query := make([]byte, size)
		if _, err := io.ReadFull(connection, query); err != nil {
			return
		}
		reply, err := answer(query, "tcp", address, connection.RemoteAddr(), journal)
		if err != nil {
			return
		}
		connection.Write(append(binary.BigEndian.AppendUint16(nil, uint16(len(reply))), reply...))
	}
}

func answer(query []byte, proto, local string, remote net.Addr, journal *journal) ([]byte, error) {
	var parser dnsmessage.Parser
	header, err := parser.Start(query)
	if err != nil {
		return nil, err
	}
	question, err := parser.Question()
	if err != nil {
		return nil, err
	}
	journal.write(entry{Event: "query", Proto: proto, Local: local, Remote: remote.String(),
		Method: strings.TrimPrefix(question.Type.String(), "Type"), Name: question.Name.String()})
	reply := dnsmessage.Message{
		Header:    dnsmessage.Header{ID: header.ID, Response: true, Authoritative: true, RecursionDesired: header.RecursionDesired, RecursionAvailable: true},
		Questions: []dnsmessage.Question{question},
	}
	found, exists := addressOf(question.Name.String())
	switch {
	case !exists:
		reply.RCode = dnsmessage.RCodeNameError
	case question.Type == dnsmessage.TypeA:
		reply.Answers = []dnsmessage.Resource{{
			Header: dnsmessage.ResourceHeader{Name: question.Name, Class: dnsmessage.ClassINET, TTL: 5},
			Body:   &dnsmessage.AResource{A: found.As4()},
		}}
	}
	return reply.Pack()
}
