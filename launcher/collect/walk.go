package collect

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"golang.org/x/sys/unix"
)

const (
	// A tree beyond these is an attack on whoever walks it (or on the node's inodes), and is treated as disk exceeded.
	maxEntries = 100_000
	maxDepth   = 64

	namesAtOnce = 256

	readable = 0o500 // what the owner of a directory needs to read it and what is in it
)

var errEnough = errors.New("enough")

// Usage adds up the blocks of everything beneath the root and stops counting once it is beyond limit.
// A file with several names counts once in sum. Deleted files that are still open are not seen here; the kubelet's
// size limit of the volume is behind this.
func (r *Root) Usage(limit int64) (int64, error) {
	dir, err := openDir(r.fd, ".")
	if err != nil {
		return 0, err
	}
	var used int64
	err = walk(dir, ".", 0, new(int), func(_ string, stat *unix.Stat_t) error {
		names := int64(1)
		if stat.Mode&unix.S_IFMT == unix.S_IFREG {
			names = max(1, int64(stat.Nlink))
		}
		if used += stat.Blocks * 512 / names; used > limit {
			return errEnough
		}
		return nil
	})
	if errors.Is(err, errEnough) {
		err = nil
	}
	return used, err
}

// CountUndeclared counts what lies beneath a directory and is not a directory, minus the declared paths (relative to it).
// Past the bound it answers the bound.
func (r *Root) CountUndeclared(dir string, declared []string) int {
	fd, err := openDir(r.fd, dir)
	if err != nil {
		return 0
	}
	known := map[string]bool{}
	for _, path := range declared {
		known[filepath.Clean(path)] = true
	}
	count := 0
	walk(fd, "", 0, new(int), func(path string, stat *unix.Stat_t) error {
		if stat.Mode&unix.S_IFMT != unix.S_IFDIR && !known[path] {
			count++
		}
		return nil
	})
	return count
}

// walk visits every entry beneath dir by descriptor, so that no link and no rename leads it out, and holds one
// descriptor per level and few names at a time, so that a million files cost no memory. It closes dir.
func walk(dir int, prefix string, depth int, seen *int, visit func(path string, stat *unix.Stat_t) error) error {
	list := os.NewFile(uintptr(dir), prefix)
	defer list.Close()
	if depth > maxDepth {
		return fmt.Errorf("directories nested more than %d deep", maxDepth)
	}
	for {
		names, _ := list.Readdirnames(namesAtOnce)
		if len(names) == 0 {
			return nil
		}
		for _, name := range names {
			if *seen++; *seen > maxEntries {
				return fmt.Errorf("more than %d files", maxEntries)
			}
			var stat unix.Stat_t
			err := insist(dir, name, func() error { return unix.Fstatat(dir, name, &stat, unix.AT_SYMLINK_NOFOLLOW) })
			if err == unix.EACCES {
				return uncounted(prefix)
			}
			if err != nil {
				continue // gone
			}
			path := filepath.Join(prefix, name)
			if err := visit(path, &stat); err != nil {
				return err
			}
			if stat.Mode&unix.S_IFMT != unix.S_IFDIR {
				continue
			}
			below, err := openDir(dir, name)
			if err == unix.EACCES {
				return uncounted(path)
			}
			if err != nil {
				continue // gone, or something else by now: its own entry has been counted
			}
			if err := walk(below, path, depth+1, seen, visit); err != nil {
				return err
			}
		}
	}
}

func uncounted(path string) error {
	return fmt.Errorf("a directory cannot be counted, for it cannot be kept open: %s", path)
}

func openDir(dir int, name string) (fd int, err error) {
	err = insist(dir, name, func() error {
		fd, err = openat2(dir, name, unix.O_RDONLY|unix.O_DIRECTORY|unix.O_NOFOLLOW)
		return err
	})
	return fd, err
}

// insist repeats what is refused, once the directory and the one of that name in it are readable. A handler can close
// them to itself, and so to us who have no other rights, and write on through what it holds open.
func insist(dir int, name string, try func() error) error {
	const enough = 16 // nobody innocent closes it so often between two calls of ours
	err := try()
	for again := 0; err == unix.EACCES && again < enough; again++ {
		makeReadable(dir)
		if below, err := openat2(dir, name, unix.O_PATH|unix.O_DIRECTORY|unix.O_NOFOLLOW); err == nil {
			makeReadable(below)
			unix.Close(below)
		}
		err = try()
	}
	return err
}

// makeReadable changes the directory itself, whatever its name leads to by now; fchmod does not take an O_PATH descriptor.
// Nothing is closed again afterwards: that could take rights away which the handler has just given itself.
func makeReadable(dir int) {
	var stat unix.Stat_t
	if unix.Fstat(dir, &stat) == nil && stat.Mode&readable != readable {
		unix.Chmod(fmt.Sprintf("/proc/self/fd/%d", dir), stat.Mode&0o7777|readable)
	}
}
