package learn

import (
	"bytes"
	"debug/elf"
	"io"
	"os"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

// interpreters a script may name one after the other, as many as the kernel follows.
const deepest = 5

// interpreter is the program the kernel opens besides the one that is executed: a script's, or a dynamic program's
// loader. It is opened inside the kernel, so no call tells of it. Empty when there is none.
func interpreter(program string) string {
	file, err := openRegular(program)
	if err != nil {
		return ""
	}
	defer file.Close()
	head := make([]byte, 256)
	n, _ := io.ReadFull(file, head)
	head = head[:n]
	if line, script := bytes.CutPrefix(head, []byte("#!")); script {
		line, _, _ = bytes.Cut(line, []byte("\n"))
		if words := strings.Fields(string(line)); len(words) > 0 {
			return words[0]
		}
		return ""
	}
	program64, err := elf.NewFile(file)
	if err != nil {
		return ""
	}
	for _, segment := range program64.Progs {
		if segment.Type == elf.PT_INTERP && segment.Filesz <= unix.PathMax {
			name := make([]byte, segment.Filesz)
			if _, err := segment.ReadAt(name, 0); err == nil {
				name, _, _ = bytes.Cut(name, []byte{0})
				return string(name)
			}
		}
	}
	return ""
}

// openRegular opens nothing that could block or do something: what it is is looked at first.
func openRegular(name string) (*os.File, error) {
	how := unix.OpenHow{Flags: unix.O_PATH | unix.O_CLOEXEC, Resolve: unix.RESOLVE_NO_MAGICLINKS}
	seen, err := unix.Openat2(unix.AT_FDCWD, name, &how)
	if err != nil {
		return nil, err
	}
	defer unix.Close(seen)
	var stat unix.Stat_t
	if err := unix.Fstat(seen, &stat); err != nil || stat.Mode&unix.S_IFMT != unix.S_IFREG {
		return nil, os.ErrInvalid
	}
	file, err := unix.Open("/proc/self/fd/"+strconv.Itoa(seen), unix.O_RDONLY|unix.O_CLOEXEC|unix.O_NONBLOCK, 0)
	if err != nil {
		return nil, err
	}
	return os.NewFile(uintptr(file), name), nil
}
