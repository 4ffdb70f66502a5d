package learn

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"net/netip"
	"path"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

// caller is a thread that waits in the kernel for our answer. Reading its memory takes what ptrace takes: the same
// user, a process that may be dumped, and no security module against it. A program that may be executed but not read
// cannot be dumped, and its calls are counted as unreadable.
type caller struct{ tid int }

var errUnreadable = errors.New("unreadable")

// memory reads up to len(buffer) bytes; a page behind the end that is not there only shortens them.
func (c caller) memory(address uint64, buffer []byte) ([]byte, error) {
	file, err := unix.Open(fmt.Sprintf("/proc/%d/mem", c.tid), unix.O_RDONLY|unix.O_CLOEXEC, 0)
	if err != nil {
		return nil, errUnreadable
	}
	defer unix.Close(file)
	n, err := unix.Pread(file, buffer, int64(address))
	if err != nil || n <= 0 {
		return nil, errUnreadable
	}
	return buffer[:n], nil
}

func (c caller) text(address uint64) (string, error) {
	var buffer [unix.PathMax]byte
	found, err := c.memory(address, buffer[:])
	if err != nil {
		return "", err
	}
	end := bytes.IndexByte(found, 0)
	if end < 0 {
		return "", errUnreadable
	}
	return string(found[:end]), nil
}

// path is absolute and free of dot segments, but symbolic links are still in it.
func (c caller) path(dir uint64, hasDir bool, address uint64) (string, error) {
	name, err := c.text(address)
	if err != nil {
		return "", err
	}
	if !strings.HasPrefix(name, "/") {
		base := fmt.Sprintf("/proc/%d/cwd", c.tid)
		if hasDir && int32(dir) != unix.AT_FDCWD {
			base = fmt.Sprintf("/proc/%d/fd/%d", c.tid, int32(dir))
		}
		start, err := readlink(base)
		if err != nil || !strings.HasPrefix(start, "/") {
			return "", errUnreadable
		}
		if name == "" {
			return start, nil // AT_EMPTY_PATH: the descriptor itself
		}
		name = start + "/" + name
	}
	return c.itself(name), nil
}

// itself puts the caller where /proc/self would mean us.
func (c caller) itself(name string) string {
	for _, self := range []string{"/proc/self", "/proc/thread-self"} {
		if name == self || strings.HasPrefix(name, self+"/") {
			return "/proc/" + strconv.Itoa(c.tid) + name[len(self):]
		}
	}
	return name
}

// address of a connection or a datagram, with its protocol: "203.0.113.7:443/tcp". Empty when it is none of the network
// or one of this pod's own.
func (c caller) address(socket, at, size uint64) (string, error) {
	var buffer [unix.SizeofSockaddrInet6]byte
	if at == 0 || size < 2 {
		return "", nil
	}
	raw, err := c.memory(at, buffer[:min(size, uint64(len(buffer)))])
	if err != nil {
		return "", err
	}
	to, ok := parseAddress(raw)
	if !ok || to.Addr().IsLoopback() || to.Addr().IsUnspecified() {
		return "", nil // an unspecified address is the pod itself, too
	}
	return to.String() + "/" + c.protocol(socket), nil
}

func parseAddress(raw []byte) (netip.AddrPort, bool) {
	if len(raw) < 2 {
		return netip.AddrPort{}, false
	}
	switch family := binary.NativeEndian.Uint16(raw); {
	case family == unix.AF_INET && len(raw) >= 8:
		return netip.AddrPortFrom(netip.AddrFrom4([4]byte(raw[4:8])), binary.BigEndian.Uint16(raw[2:])), true
	case family == unix.AF_INET6 && len(raw) >= 24:
		return netip.AddrPortFrom(netip.AddrFrom16([16]byte(raw[8:24])).Unmap(), binary.BigEndian.Uint16(raw[2:])), true
	}
	return netip.AddrPort{}, false
}

// protocol is what the kernel calls the socket; it says so in an attribute that needs no descriptor of our own.
func (c caller) protocol(socket uint64) string {
	var name [16]byte
	n, err := unix.Getxattr(fmt.Sprintf("/proc/%d/fd/%d", c.tid, int32(socket)), "system.sockprotoname", name[:])
	if err == nil && bytes.HasPrefix(name[:n], []byte("UDP")) {
		return "udp"
	}
	return "tcp"
}

// message is where the address of a struct msghdr is.
func (c caller) message(at uint64) (address, size uint64, err error) {
	var header [16]byte
	raw, err := c.memory(at, header[:])
	if err != nil || len(raw) < 12 {
		return 0, 0, errUnreadable
	}
	return binary.NativeEndian.Uint64(raw), uint64(binary.NativeEndian.Uint32(raw[8:])), nil
}

// how are the flags of a struct open_how.
func (c caller) how(at uint64) (uint64, error) {
	var flags [8]byte
	raw, err := c.memory(at, flags[:])
	if err != nil || len(raw) < 8 {
		return 0, errUnreadable
	}
	return binary.NativeEndian.Uint64(raw), nil
}

func readlink(name string) (string, error) {
	var buffer [unix.PathMax]byte
	n, err := unix.Readlink(name, buffer[:])
	if err != nil {
		return "", err
	}
	return string(buffer[:n]), nil
}

// target is a file as the kernel found it.
type target struct {
	path string // without symbolic links
	mode uint32
}

func (t target) is(kind uint32) bool { return t.mode&unix.S_IFMT == kind }

// follow finds what a path leads to, in our own root, which is the caller's: nobody in the pod can change it. Opening it
// as a mere path has no effect on what is opened, be it a pipe or a device; links of /proc that lead elsewhere by magic
// are not followed.
func follow(name string, flags uint64) (target, error) {
	how := unix.OpenHow{Flags: unix.O_PATH | unix.O_CLOEXEC | flags, Resolve: unix.RESOLVE_NO_MAGICLINKS}
	file, err := unix.Openat2(unix.AT_FDCWD, name, &how)
	if err != nil {
		return target{}, err
	}
	defer unix.Close(file)
	var stat unix.Stat_t
	if err := unix.Fstat(file, &stat); err != nil {
		return target{}, err
	}
	found, err := readlink("/proc/self/fd/" + strconv.Itoa(file))
	if err != nil {
		return target{}, err
	}
	return target{found, stat.Mode}, nil
}

// entry is what a path names without following its last link, whether it exists or not.
func entry(name string) (string, error) {
	clean := path.Clean(name)
	if clean == "/" {
		return clean, nil
	}
	parent, err := follow(path.Dir(clean), unix.O_DIRECTORY)
	if err != nil {
		return "", err
	}
	return path.Join(parent.path, path.Base(clean)), nil
}
