// Package collect reads what a handler left behind, when every process that could change it is dead, and trusts none
// of it: nothing is followed, nothing is unpacked, only regular files are read, and caps count the bytes really read.
package collect

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/sys/unix"
)

// What a plugin's author may read in a status.
var (
	ErrAbsent  = errors.New("no such file")
	ErrTooBig  = errors.New("larger than the output limit allows")
	errLink    = errors.New("symbolic links are not followed")
	errOutside = errors.New("the path leaves its directory")
	errKind    = errors.New("not a regular file")
	errNames   = errors.New("a file with several hard links")
	errChanged = errors.New("the file changed while it was read")
)

// resolve: stay beneath the root, through no link of any kind and onto no other mount.
const resolve = unix.RESOLVE_BENEATH | unix.RESOLVE_NO_SYMLINKS | unix.RESOLVE_NO_MAGICLINKS | unix.RESOLVE_NO_XDEV

// Root is the scratch directory, held open from before the handler started.
type Root struct{ fd int }

// OpenRoot opens a directory no handler can replace (a mount point).
func OpenRoot(path string) (*Root, error) {
	fd, err := unix.Open(path, unix.O_RDONLY|unix.O_DIRECTORY|unix.O_CLOEXEC, 0)
	if err != nil {
		return nil, &os.PathError{Op: "open", Path: path, Err: err}
	}
	return &Root{fd}, nil
}

// Close releases the directory.
func (r *Root) Close() error { return unix.Close(r.fd) }

// File is one regular file that is safe to read.
type File struct {
	file   *os.File
	before unix.Stat_t
}

// Open opens a regular file beneath the root. Its error is a sentence for the plugin's author.
func (r *Root) Open(path string) (*File, error) {
	if !filepath.IsLocal(path) || strings.ContainsRune(path, 0) {
		return nil, errOutside
	}
	// First a handle without the power to read: opening a device or a FIFO for real can have effects or hang.
	handle, err := openat2(r.fd, path, unix.O_PATH|unix.O_NOFOLLOW)
	if err != nil {
		return nil, explain(err)
	}
	var seen unix.Stat_t
	err = unix.Fstat(handle, &seen)
	unix.Close(handle)
	if err != nil {
		return nil, err
	}
	if err := acceptable(&seen); err != nil {
		return nil, err
	}
	fd, err := openat2(r.fd, path, unix.O_RDONLY|unix.O_NONBLOCK|unix.O_NOCTTY|unix.O_NOFOLLOW)
	if err != nil {
		return nil, explain(err)
	}
	f := &File{file: os.NewFile(uintptr(fd), path)}
	err = unix.Fstat(fd, &f.before)
	if err == nil {
		err = acceptable(&f.before)
	}
	if err == nil && !same(&seen, &f.before) {
		err = errChanged
	}
	if err != nil {
		f.Close()
		return nil, err
	}
	return f, nil
}

func openat2(dir int, path string, flags uint64) (int, error) {
	how := unix.OpenHow{Flags: flags | unix.O_CLOEXEC, Resolve: resolve}
	const raced = 16 // EAGAIN: a rename ran against the lookup, which nobody does for ever once everybody is dead
	for try := 0; ; try++ {
		fd, err := unix.Openat2(dir, path, &how)
		if err != unix.EINTR && (err != unix.EAGAIN || try == raced) {
			return fd, err
		}
	}
}

func acceptable(stat *unix.Stat_t) error {
	switch {
	case stat.Mode&unix.S_IFMT == unix.S_IFLNK:
		return errLink
	case stat.Mode&unix.S_IFMT != unix.S_IFREG:
		return errKind
	case stat.Nlink != 1:
		return errNames
	}
	return nil
}

func same(a, b *unix.Stat_t) bool {
	return a.Dev == b.Dev && a.Ino == b.Ino && a.Size == b.Size && a.Nlink == b.Nlink && a.Mtim == b.Mtim && a.Ctim == b.Ctim
}

func explain(err error) error {
	switch {
	case errors.Is(err, unix.ENOENT):
		return ErrAbsent
	case errors.Is(err, unix.ELOOP):
		return errLink
	case errors.Is(err, unix.EXDEV):
		return errOutside
	case errors.Is(err, unix.ENOTDIR):
		return errors.New("a directory of the path is a file")
	case errors.Is(err, unix.ENXIO):
		return errKind
	}
	return fmt.Errorf("cannot be opened: %w", err)
}

// Close releases the file.
func (f *File) Close() error { return f.file.Close() }

// Size the file claims to have; Reader counts for itself.
func (f *File) Size() int64 { return f.before.Size }

// Unchanged: what has been read is what was there from beginning to end.
func (f *File) Unchanged() error {
	var after unix.Stat_t
	if err := unix.Fstat(int(f.file.Fd()), &after); err != nil {
		return err
	}
	if !same(&f.before, &after) {
		return errChanged
	}
	return nil
}

// Measure reads the file from its start, each time anew, and refuses to deliver more than limit bytes.
func (f *File) Measure(limit int64) (*Measured, error) {
	if f.Size() > limit {
		return nil, ErrTooBig // a sparse terabyte is not read to learn this
	}
	// A section has an offset of its own: an abandoned upload may still be reading.
	return &Measured{from: io.NewSectionReader(f.file, 0, limit+1), limit: limit, sum: sha256.New()}, nil
}

// Measured counts and hashes what is read through it.
type Measured struct {
	from  io.Reader
	limit int64
	size  int64
	sum   hash.Hash
}

func (m *Measured) Read(buffer []byte) (int, error) {
	n, err := m.from.Read(buffer)
	if m.size += int64(n); m.size > m.limit {
		return 0, ErrTooBig
	}
	m.sum.Write(buffer[:n])
	return n, err
}

// Size read so far.
func (m *Measured) Size() int64 { return m.size }

// SHA256 of what was read so far, in hexadecimal.
func (m *Measured) SHA256() string { return hex.EncodeToString(m.sum.Sum(nil)) }

// ReadAll reads a small file whole.
func (r *Root) ReadAll(path string, limit int64) ([]byte, error) {
	f, err := r.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	m, err := f.Measure(limit)
	if err != nil {
		return nil, fmt.Errorf("larger than %d bytes", limit)
	}
	data, err := io.ReadAll(m)
	if err != nil {
		return nil, err
	}
	return data, f.Unchanged()
}
