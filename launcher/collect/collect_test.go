package collect

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

func newRoot(t *testing.T) (*Root, string) {
	t.Helper()
	dir := t.TempDir()
	root, err := OpenRoot(dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { root.Close() })
	return root, dir
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

func check(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func TestWhatIsReadIsHashedAndCounted(t *testing.T) {
	root, dir := newRoot(t)
	write(t, filepath.Join(dir, "out/a b\n..%2e/ü.txt"), "own bytes")
	file, err := root.Open("out/a b\n..%2e/ü.txt")
	check(t, err)
	defer file.Close()
	for range 2 { // an upload may have to be repeated
		measured, err := file.Measure(9)
		check(t, err)
		data, err := io.ReadAll(measured)
		check(t, err)
		sum := sha256.Sum256([]byte("own bytes"))
		if string(data) != "own bytes" || measured.Size() != 9 || measured.SHA256() != hex.EncodeToString(sum[:]) {
			t.Errorf("%q %d %s", data, measured.Size(), measured.SHA256())
		}
	}
	check(t, file.Unchanged())
	if _, err := file.Measure(8); !errors.Is(err, ErrTooBig) {
		t.Errorf("one byte too many: %v", err)
	}
}

func TestNothingButHonestFilesOpens(t *testing.T) {
	root, dir := newRoot(t)
	at := func(path string) string { return filepath.Join(dir, "out", path) }
	outside := filepath.Join(t.TempDir(), "secret")
	write(t, outside, "secret")
	write(t, at("file"), "x")
	write(t, filepath.Join(dir, "beside"), "x")
	check(t, os.Symlink(outside, at("link")))
	check(t, os.Symlink("file", at("inner")))
	check(t, os.Symlink(filepath.Dir(outside), at("dirlink")))
	check(t, os.Symlink("/proc/self/root", at("magic")))
	check(t, os.Link(at("file"), at("second")))
	check(t, unix.Mkfifo(at("fifo"), 0o600))
	check(t, os.Mkdir(at("dir"), 0o755))
	socket, err := net.Listen("unix", at("socket"))
	check(t, err)
	defer socket.Close()
	cases := map[string]error{
		"out/link": errLink, "out/inner": errLink, "out/dirlink/secret": errLink, "out/magic/etc/passwd": errLink,
		"out/second": errNames, "out/file": errNames, "out/fifo": errKind, "out/dir": errKind, "out/socket": errKind,
		"out/missing": ErrAbsent, "out/../beside": nil, "../" + filepath.Base(dir): errOutside, outside: errOutside, "": errOutside,
		"out/x\x00y": errOutside,
	}
	if unix.Mknod(at("device"), unix.S_IFCHR|0o666, int(unix.Mkdev(1, 5))) == nil { // /dev/zero, for those who may make one
		cases["out/device"] = errKind
	}
	for path, want := range cases {
		file, err := root.Open(path)
		if !errors.Is(err, want) {
			t.Errorf("%q: %v, expected %v", path, err, want)
		}
		if file != nil {
			file.Close()
		}
	}
	if _, err := root.Open("out/file/x"); err == nil {
		t.Error("a file was taken for a directory")
	}
	if _, err := root.Open(strings.Repeat("n/", 5000)); err == nil {
		t.Error("an endless path opens")
	}
}

func TestASparseTerabyteIsNotRead(t *testing.T) {
	root, dir := newRoot(t)
	write(t, filepath.Join(dir, "sparse"), "")
	check(t, os.Truncate(filepath.Join(dir, "sparse"), 1<<40))
	file, err := root.Open("sparse")
	check(t, err)
	defer file.Close()
	if _, err := file.Measure(1 << 20); !errors.Is(err, ErrTooBig) {
		t.Error(err)
	}
	if used, err := root.Usage(1 << 20); err != nil || used > 1<<20 {
		t.Errorf("holes count as used: %d %v", used, err)
	}
}

// A file that grows after it was opened is cut by bytes really read and noticed afterwards.
func TestAGrowingFileIsNoticed(t *testing.T) {
	root, dir := newRoot(t)
	path := filepath.Join(dir, "log")
	write(t, path, "1234")
	file, err := root.Open("log")
	check(t, err)
	defer file.Close()
	measured, err := file.Measure(6)
	check(t, err)
	write(t, path, "123456789")
	if _, err := io.ReadAll(measured); !errors.Is(err, ErrTooBig) {
		t.Errorf("read beyond the limit: %v", err)
	}
	if err := file.Unchanged(); !errors.Is(err, errChanged) {
		t.Errorf("the growth went unnoticed: %v", err)
	}
}

func TestOtherBytesOfTheSameLengthAreNoticed(t *testing.T) {
	root, dir := newRoot(t)
	path := filepath.Join(dir, "log")
	write(t, path, "1234")
	check(t, os.Chtimes(path, time.Unix(1, 0), time.Unix(1, 0))) // long ago: clocks of file systems are coarse
	file, err := root.Open("log")
	check(t, err)
	defer file.Close()
	write(t, path, "5678")
	if err := file.Unchanged(); !errors.Is(err, errChanged) {
		t.Errorf("the change went unnoticed: %v", err)
	}
}

// While somebody exchanges file and link as fast as possible, an open gives the file's own bytes or a refusal.
func TestARaceNeverYieldsTheLinksTarget(t *testing.T) {
	root, dir := newRoot(t)
	secret := filepath.Join(t.TempDir(), "secret")
	write(t, secret, "secret")
	write(t, filepath.Join(dir, "honest"), "honest")
	check(t, os.Symlink(secret, filepath.Join(dir, "link")))
	stop := swap(t, dir, "honest", func() {})
	for range 20_000 {
		file, err := root.Open("honest")
		if err != nil {
			continue
		}
		data, _ := io.ReadAll(file.file)
		file.Close()
		if string(data) != "honest" {
			t.Fatalf("read %q", data)
		}
	}
	stop()
}

// swap has a name and the one of a link change places, as fast as it goes, until it is told to stop; before each time it does something more.
func swap(t *testing.T, dir, name string, before func()) (stop func()) {
	handle, err := unix.Open(dir, unix.O_PATH, 0)
	check(t, err)
	stopped := make(chan struct{})
	var swapper sync.WaitGroup
	swapper.Go(func() {
		for {
			select {
			case <-stopped:
				return
			default:
				before()
				unix.Renameat2(handle, name, handle, "link", unix.RENAME_EXCHANGE)
			}
		}
	})
	return func() {
		close(stopped)
		swapper.Wait()
		unix.Close(handle)
	}
}

func TestReadAllIsForSmallFiles(t *testing.T) {
	root, dir := newRoot(t)
	write(t, filepath.Join(dir, "small"), "{}")
	if data, err := root.ReadAll("small", 2); err != nil || string(data) != "{}" {
		t.Errorf("%q %v", data, err)
	}
	if _, err := root.ReadAll("small", 1); err == nil || err.Error() != "larger than 1 bytes" {
		t.Error(err)
	}
}

func TestUsageCountsBlocksOnce(t *testing.T) {
	root, dir := newRoot(t)
	write(t, filepath.Join(dir, "a/b/c"), strings.Repeat("x", 1<<20))
	before, err := root.Usage(1 << 30)
	check(t, err)
	if before < 1<<20 {
		t.Fatalf("%d", before)
	}
	for i := range 3 {
		check(t, os.Link(filepath.Join(dir, "a/b/c"), filepath.Join(dir, fmt.Sprint("name", i))))
	}
	check(t, os.Symlink("/", filepath.Join(dir, "everything")))
	if after, err := root.Usage(1 << 30); err != nil || after > before+64<<10 {
		t.Errorf("%d bytes became %d: %v", before, after, err)
	}
	if used, err := root.Usage(100); err != nil || used <= 100 {
		t.Errorf("beyond the limit: %d %v", used, err)
	}
}

func TestUndeclaredFilesAreCountedAndManyAreBounded(t *testing.T) {
	root, dir := newRoot(t)
	write(t, filepath.Join(dir, "out/declared"), "")
	for i := range 10_000 {
		check(t, os.WriteFile(filepath.Join(dir, "out", fmt.Sprintf("\xff %d", i)), nil, 0o600))
	}
	write(t, filepath.Join(dir, "out/deep/er/file"), "")
	check(t, os.Symlink("/", filepath.Join(dir, "out/link")))
	if got := root.CountUndeclared("out", []string{"./declared", "absent"}); got != 10_002 {
		t.Error(got)
	}
	check(t, os.RemoveAll(filepath.Join(dir, "out")))
	check(t, os.Symlink("/etc", filepath.Join(dir, "out")))
	if got := root.CountUndeclared("out", nil); got != 0 {
		t.Errorf("counted through a link: %d", got)
	}
	deep := filepath.Join(dir, strings.Repeat("d/", maxDepth))
	check(t, os.MkdirAll(deep, 0o755))
	if _, err := root.Usage(1 << 30); err != nil {
		t.Errorf("%d levels: %v", maxDepth, err)
	}
	check(t, os.Mkdir(filepath.Join(deep, "d"), 0o755))
	if _, err := root.Usage(1 << 30); err == nil {
		t.Error("a bottomless tree was walked")
	}
}

const somebody = 10001

// newOwnRoot is a root of somebody whose own rights are all there is, as it is in a pod, for as long as the test runs.
func newOwnRoot(t *testing.T) (*Root, string) {
	t.Helper()
	root, dir := newRoot(t)
	around := filepath.Dir(dir)
	if os.Getuid() == 0 {
		check(t, os.Chown(dir, somebody, somebody))
		check(t, os.Chown(around, somebody, somebody))
		runtime.LockOSThread() // whom the file system sees is a thread's
		check(t, unix.Setfsuid(somebody))
	}
	t.Cleanup(func() {
		if os.Getuid() == 0 {
			unix.Setfsuid(0)
			runtime.UnlockOSThread()
		}
		filepath.WalkDir(around, func(path string, _ fs.DirEntry, _ error) error { return os.Chmod(path, 0o700) })
	})
	return root, dir
}

func TestClosedDirectoriesAreCounted(t *testing.T) {
	root, dir := newOwnRoot(t)
	modes := []fs.FileMode{0, 0o100, 0o200, 0o300, 0o400, 0o600}
	for _, mode := range modes {
		outer := filepath.Join(dir, "out", fmt.Sprintf("%o", mode))
		write(t, filepath.Join(outer, "inner/file"), strings.Repeat("x", 1<<20))
		check(t, os.Chmod(filepath.Join(outer, "inner"), mode))
		check(t, os.Chmod(outer, mode))
	}
	if used, err := root.Usage(1 << 30); err != nil || used < int64(len(modes))<<20 {
		t.Errorf("%d bytes, %v", used, err)
	}
	check(t, os.Chmod(filepath.Join(dir, "out"), 0))
	if got := root.CountUndeclared("out", nil); got != len(modes) {
		t.Errorf("%d files", got)
	}
	deep := filepath.Join(dir, strings.Repeat("d/", maxDepth+2))
	check(t, os.MkdirAll(deep, 0o700))
	for path := filepath.Clean(deep); path != dir; path = filepath.Dir(path) {
		check(t, os.Chmod(path, 0))
	}
	if _, err := root.Usage(1 << 30); err == nil {
		t.Error("a bottomless tree was walked")
	}
}

func TestWhatCannotBeCountedIsNamed(t *testing.T) {
	if os.Getuid() != 0 {
		t.Skip("NOT PROVEN HERE: it takes root to make a directory of somebody else's")
	}
	for mode, name := range map[fs.FileMode]string{0o700: "a/closed", 0o704: "a/open, and not what is in it"} {
		t.Run(name, func(t *testing.T) {
			root, dir := newOwnRoot(t)
			check(t, unix.Setfsuid(0))
			write(t, filepath.Join(dir, name, "file"), "")
			check(t, os.Chmod(filepath.Join(dir, name), mode))
			check(t, unix.Setfsuid(somebody))
			if _, err := root.Usage(1 << 30); err == nil || !strings.HasSuffix(err.Error(), ": "+name) {
				t.Error(err)
			}
		})
	}
}

// While somebody closes a directory and exchanges it with a link as fast as possible, what the link leads to stays closed.
func TestOnlyWhatIsBeneathIsMadeReadable(t *testing.T) {
	root, dir := newOwnRoot(t)
	outside := filepath.Join(filepath.Dir(dir), "outside")
	check(t, os.Mkdir(outside, 0))
	check(t, os.Mkdir(filepath.Join(dir, "own"), 0o700))
	check(t, os.Symlink(outside, filepath.Join(dir, "link")))
	own, err := os.Open(filepath.Join(dir, "own"))
	check(t, err)
	defer own.Close()
	stop := swap(t, dir, "own", func() { own.Chmod(0) })
	for range 40_000 {
		root.Usage(1 << 30)
	}
	stop()
	info, err := os.Stat(outside)
	check(t, err)
	if info.Mode().Perm() != 0 {
		t.Error(info.Mode())
	}
}
