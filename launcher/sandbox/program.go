package sandbox

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// interpreters run what they are told to; those of them that are linked statically do not show it otherwise.
var interpreters = []string{"sh", "ash", "bash", "dash", "zsh", "ksh", "fish", "busybox", "toybox", "python", "perl", "ruby", "node", "php", "lua", "java", "awk", "gawk", "mawk", "env", "xargs", "find"}

// openEnded says why a program can be made to run other code than its own, or nothing if no reason is seen.
func openEnded(path string) string {
	base := strings.TrimRight(filepath.Base(path), "0123456789.")
	for _, name := range interpreters {
		if base == name {
			return fmt.Sprintf("%s is an interpreter", path)
		}
	}
	file, err := os.Open(path)
	if err != nil {
		return path + " cannot be read"
	}
	defer file.Close()
	head := make([]byte, 64)
	n, _ := file.ReadAt(head, 0)
	head = head[:n]
	switch {
	case bytes.HasPrefix(head, []byte("#!")):
		return path + " is a script"
	case len(head) < 64 || !bytes.HasPrefix(head, []byte("\x7fELF\x02\x01")):
		return path + " is no 64-bit ELF program"
	}
	const (
		typeShared  = 3
		headDynamic = 2
		headInterp  = 3
	)
	kind := binary.LittleEndian.Uint16(head[16:])
	offset := int64(binary.LittleEndian.Uint64(head[32:]))
	size, count := binary.LittleEndian.Uint16(head[54:]), binary.LittleEndian.Uint16(head[56:])
	if size < 56 || count > 256 {
		return path + " has odd program headers"
	}
	for i := range int64(count) {
		entry := make([]byte, 56)
		if _, err := file.ReadAt(entry, offset+i*int64(size)); err != nil {
			return path + " has odd program headers"
		}
		switch binary.LittleEndian.Uint32(entry) {
		case headInterp:
			return path + " is dynamically linked"
		case headDynamic:
			if kind == typeShared && hasSOName(file, int64(binary.LittleEndian.Uint64(entry[8:])), int64(binary.LittleEndian.Uint64(entry[32:]))) {
				return path + " is a loader or a library"
			}
		}
	}
	return ""
}

// hasSOName tells a library (and the loader is one) from a program that is merely position-independent.
func hasSOName(file *os.File, offset, size int64) bool {
	const nameTag, most = 14, 64 << 10
	table := make([]byte, min(max(size, 0), most))
	n, _ := file.ReadAt(table, offset)
	for ; n >= 16; n -= 16 {
		if binary.LittleEndian.Uint64(table) == nameTag {
			return true
		}
		table = table[16:]
	}
	return false
}
