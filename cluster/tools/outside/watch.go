package main

import (
	"encoding/binary"
	"net"
	"net/netip"

	"golang.org/x/sys/unix"
)

// watch sees every IPv4 and IPv6 packet that arrives on an interface, whether a server listens for it or not.
type watch struct {
	socket  int
	journal *journal
}

func newWatch(device string, journal *journal) (*watch, error) {
	link, err := net.InterfaceByName(device)
	if err != nil {
		return nil, err
	}
	const all = unix.ETH_P_ALL<<8&0xff00 | unix.ETH_P_ALL>>8 // in network byte order
	socket, err := unix.Socket(unix.AF_PACKET, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC, all)
	if err != nil {
		return nil, err
	}
	return &watch{socket, journal}, unix.Bind(socket, &unix.SockaddrLinklayer{Protocol: all, Ifindex: link.Index})
}

func (w *watch) run() {
	packet := make([]byte, 128)
	for {
		n, from, err := unix.Recvfrom(w.socket, packet, 0)
		if err == unix.EINTR {
			continue
		}
		check(err)
		if from.(*unix.SockaddrLinklayer).Pkttype != unix.PACKET_OUTGOING {
			if e, ok := begins(packet[:n]); ok {
				w.journal.write(e)
			}
		}
	}
}

// begins tells what a packet starts: a TCP connection, or any exchange of another protocol.
func begins(packet []byte) (entry, bool) {
	var from, to netip.Addr
	var proto byte
	var payload []byte
	switch {
	case len(packet) >= 20 && packet[0]>>4 == 4:
		from, to = netip.AddrFrom4([4]byte(packet[12:16])), netip.AddrFrom4([4]byte(packet[16:20]))
		proto, payload = packet[9], packet[min(int(packet[0]&15)*4, len(packet)):]
	case len(packet) >= 40 && packet[0]>>4 == 6:
		from, to = netip.AddrFrom16([16]byte(packet[8:24])), netip.AddrFrom16([16]byte(packet[24:40]))
		proto, payload = packet[6], packet[40:]
	}
	if !from.IsValid() || from.IsLinkLocalUnicast() || from.IsUnspecified() { // neighbours looking for each other
		return entry{}, false
	}
	ports := func(name string) (entry, bool) {
		return entry{Event: "packet", Proto: name,
			Local:  netip.AddrPortFrom(to, binary.BigEndian.Uint16(payload[2:])).String(),
			Remote: netip.AddrPortFrom(from, binary.BigEndian.Uint16(payload)).String()}, true
	}
	const syn, ack = 2, 16
	switch {
	case proto == unix.IPPROTO_TCP && len(payload) >= 14:
		if payload[13]&(syn|ack) != syn {
			return entry{}, false
		}
		return ports("tcp")
	case proto == unix.IPPROTO_UDP && len(payload) >= 8:
		return ports("udp")
	case proto == unix.IPPROTO_ICMPV6 && len(payload) > 0 && payload[0] >= 133 && payload[0] <= 137: // neighbour discovery, RFC 4861
		return entry{}, false
	case proto == unix.IPPROTO_ICMP, proto == unix.IPPROTO_ICMPV6:
		return entry{Event: "packet", Proto: "icmp", Local: to.String(), Remote: from.String()}, true
	}
	return entry{Event: "packet", Proto: "other", Local: to.String(), Remote: from.String()}, true
}
