package main

import (
	"net"
	"net/netip"

	"golang.org/x/sys/unix"
)

// kind is a family, a type and a protocol.
type kind [3]int

// extraordinary sockets lead past network policies or Landlock, or to kernel code that has carried privilege escalations.
var extraordinary = map[string]kind{
	"socket_vsock":     {unix.AF_VSOCK, unix.SOCK_STREAM, 0},
	"socket_alg":       {unix.AF_ALG, unix.SOCK_SEQPACKET, 0},
	"socket_packet":    {unix.AF_PACKET, unix.SOCK_DGRAM, 0},
	"socket_netfilter": {unix.AF_NETLINK, unix.SOCK_RAW, unix.NETLINK_NETFILTER},
	"socket_mptcp":     {unix.AF_INET, unix.SOCK_STREAM, unix.IPPROTO_MPTCP},
	"socket_mptcp6":    {unix.AF_INET6, unix.SOCK_STREAM, unix.IPPROTO_MPTCP},
	"socket_sctp":      {unix.AF_INET, unix.SOCK_SEQPACKET, 0},
	"socket_icmp":      {unix.AF_INET, unix.SOCK_DGRAM, unix.IPPROTO_ICMP},
	"socket_raw":       {unix.AF_INET, unix.SOCK_RAW, unix.IPPROTO_TCP},
}

var ordinary = map[string]kind{
	"unix":    {unix.AF_UNIX, unix.SOCK_STREAM, 0},
	"udp":     {unix.AF_INET, unix.SOCK_DGRAM, 0},
	"udp6":    {unix.AF_INET6, unix.SOCK_DGRAM, unix.IPPROTO_UDP},
	"tcp":     {unix.AF_INET, unix.SOCK_STREAM, unix.IPPROTO_TCP},
	"tcp6":    {unix.AF_INET6, unix.SOCK_STREAM, 0},
	"netlink": {unix.AF_NETLINK, unix.SOCK_RAW, unix.NETLINK_ROUTE}, // getaddrinfo and getifaddrs
}

func (k kind) open() error {
	fd, err := unix.Socket(k[0], k[1]|unix.SOCK_CLOEXEC|unix.SOCK_NONBLOCK, k[2])
	unix.Close(fd)
	return err
}

// sockets are what ordinary programs do with them.
func sockets() map[string]string {
	answers := map[string]string{}
	for name, kind := range ordinary {
		answers[name] = errno(kind.open())
	}
	_, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
	answers["pair"] = errno(err)
	_, err = net.Interfaces()
	answers["interfaces"] = named(err)
	listener, err := net.Listen("tcp", "127.0.0.1:0") // by MPTCP, where Go finds that there is any
	answers["listen"] = named(err)
	if err == nil {
		answers["connect"] = named(connectTCP(listener.Addr().String()))
	}
	return answers
}

// connectOtherwise connects by another protocol, or by sending, which never makes the system call connect.
func connectOtherwise(address string, protocol, flags int) error {
	at, err := netip.ParseAddrPort(address)
	if err != nil {
		return err
	}
	socket, err := unix.Socket(unix.AF_INET, unix.SOCK_STREAM, protocol)
	if err != nil {
		return err
	}
	defer unix.Close(socket)
	to := &unix.SockaddrInet4{Port: int(at.Port()), Addr: at.Addr().As4()}
	if flags != 0 {
		return unix.Sendto(socket, []byte("GET / HTTP/1.0\r\n\r\n"), flags, to)
	}
	return unix.Connect(socket, to)
}
