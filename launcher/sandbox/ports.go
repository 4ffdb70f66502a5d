package sandbox

import (
	"fmt"
	"net"
	"slices"
	"strconv"
	"strings"

	"github.com/landlock-lsm/go-landlock/landlock"
	ll "github.com/landlock-lsm/go-landlock/landlock/syscall"
	"golang.org/x/sys/unix"

	"dev.corral/launcher/protocol"
)

const (
	// tcpABI is the first that knows TCP.
	tcpABI = 4
	// mostPorts, because each is a rule of its own.
	mostPorts = 1024
	lastPort  = 65535
)

// Proxy is where a handler finds its way to granted host names: Port on loopback. Tunnel is the gateway's port that the launcher
// carries it to. Connect are the ports ("443", "8000-8100") a handler may open TCP connections to besides; absent: any, and
// only the network policy decides. Direct are address blocks its clients should not use the proxy for. Aliases are for clients that know no proxy.
type Proxy struct {
	Port    uint16    `json:"port"`
	Tunnel  uint16    `json:"tunnel"`
	Connect *[]string `json:"connect,omitempty"`
	Direct  []string  `json:"direct,omitempty"`
	Aliases []Alias   `json:"aliases,omitempty"`
}

// ports that are open to the handler; nil where it is not confined.
func (p *Proxy) ports() ([]uint16, error) {
	if p.Port == 0 || p.Tunnel == 0 {
		return nil, fmt.Errorf("proxy: port and tunnel are both needed")
	}
	for _, block := range p.Direct {
		if _, _, err := net.ParseCIDR(block); err != nil {
			return nil, fmt.Errorf("proxy: %w", err)
		}
	}
	aliased, err := p.aliasPorts()
	if err != nil || p.Connect == nil {
		return nil, err
	}
	open, err := listed(*p.Connect, mostPorts)
	if err != nil {
		return nil, err
	}
	ports := append(append(open, aliased...), p.Port)
	slices.Sort(ports)
	return slices.Compact(ports), nil
}

// listed reads ports ("443") and ranges of them ("8000-8100"), so many at most.
func listed(texts []string, most int) ([]uint16, error) {
	var ports []uint16
	for _, text := range texts {
		first, last, isRange := strings.Cut(text, "-")
		if !isRange {
			last = first
		}
		from, err := strconv.ParseUint(first, 10, 16)
		if err != nil || from == 0 {
			return nil, fmt.Errorf("proxy: %q is no port", text)
		}
		to, err := strconv.ParseUint(last, 10, 16)
		if err != nil || to < from {
			return nil, fmt.Errorf("proxy: %q is no range of ports", text)
		}
		if len(ports)+int(to-from) >= most {
			return nil, fmt.Errorf("proxy: %q is more ports than can be opened", text)
		}
		for port := from; port <= to; port++ {
			ports = append(ports, uint16(port))
		}
	}
	return ports, nil
}

// confine says which TCP ports a domain of this ABI leaves open, and what is to be said of it. Without rules nothing is handled.
func (p *Proxy) confine(abi int) (rules []landlock.Rule, evidence *protocol.Restriction, err error) {
	ports, err := p.ports()
	switch {
	case err != nil:
		return nil, nil, err
	case ports == nil:
		return nil, &protocol.Restriction{Rules: 0, Partial: []string{
			"more ports are granted than Landlock takes: the network policy alone keeps the handler from going around the proxy"}}, nil
	case abi < tcpABI:
		return nil, &protocol.Restriction{Rules: 0, Partial: []string{fmt.Sprintf(
			"Landlock knows TCP from ABI %d on, here it is %d: the network policy alone keeps the handler from going around the proxy", tcpABI, abi)}}, nil
	}
	for _, port := range ports {
		rules = append(rules, landlock.ConnectTCP(port))
	}
	return rules, &protocol.Restriction{Rules: len(ports)}, nil
}

var connectTCP = landlock.AccessNetSet(ll.AccessNetConnectTCP)

// proveConfined tries every way to connect where nobody must: the domain sees the first, the filter keeps the others from being tried.
func proveConfined(proxy *Proxy) error {
	ports, err := proxy.ports()
	if err != nil || ports == nil {
		return err
	}
	open := map[uint16]bool{}
	for _, port := range ports {
		open[port] = true
	}
	shut := uint16(lastPort)
	for open[shut] {
		shut--
	}
	to := &unix.SockaddrInet4{Port: int(shut), Addr: [4]byte{127, 0, 0, 1}}
	for _, way := range []struct {
		name     string
		protocol int
		flags    int // of the first bytes sent, which then connect; 0: an ordinary connect
		refusal  unix.Errno
	}{
		{"TCP", 0, 0, unix.EACCES},
		{"MPTCP", unix.IPPROTO_MPTCP, 0, unix.EPROTONOSUPPORT},
		{"TCP Fast Open", 0, unix.MSG_FASTOPEN, unix.EOPNOTSUPP},
	} {
		if err := connect(way.protocol, way.flags, to); err != way.refusal {
			return fmt.Errorf("landlock is in force but port %d can be connected to by %s (%v)", shut, way.name, err)
		}
	}
	return nil
}

func connect(protocol, flags int, to unix.Sockaddr) error {
	socket, err := unix.Socket(unix.AF_INET, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, protocol)
	if err != nil {
		return err
	}
	defer unix.Close(socket)
	if flags != 0 {
		return unix.Sendto(socket, []byte{0}, flags, to)
	}
	return unix.Connect(socket, to)
}
