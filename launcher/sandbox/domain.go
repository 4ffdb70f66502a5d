package sandbox

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/landlock-lsm/go-landlock/landlock"
	ll "github.com/landlock-lsm/go-landlock/landlock/syscall"
	"golang.org/x/sys/unix"

	"dev.corral/launcher/glob"
	"dev.corral/launcher/protocol"
)

// domain is a Landlock ruleset in the making. Nothing below /.corral is ever part of it but the one program.
type domain struct {
	abi       int
	access    access
	rules     []landlock.Rule
	expansion expansion
	programs  int // that may be executed, where that is restricted

	files, commands reasons
}

// reasons why the kernel does not hold all of a permission.
type reasons struct{ all []string }

const (
	mostReasons = 8
	longestText = 200
)

func (r *reasons) add(text string) {
	text = protocol.Printable([]byte(protocol.Cut(text, longestText)))
	for _, known := range r.all {
		if known == text {
			return
		}
	}
	if len(r.all) < mostReasons {
		r.all = append(r.all, text)
	}
}

func (r *reasons) evidence(rules int) *protocol.Restriction {
	return &protocol.Restriction{Rules: rules, Partial: r.all}
}

func (d *domain) build() error {
	if err := d.completeDenies(); err != nil {
		return err
	}
	reading := readOnly
	if !d.access.commands {
		reading |= execute
	}
	if err := d.readImage(reading); err != nil {
		return err
	}
	if err := d.executeImage(); err != nil {
		return err
	}
	d.staged()
	for _, place := range scratchPlaces {
		if err := d.scratch(place, reading); err != nil {
			return err
		}
	}
	d.rules = append(d.rules,
		landlock.RWFiles(devices...).IgnoreIfMissing(),
		landlock.PathAccess(readOnly, "/proc"),
		landlock.ROFiles(Program).IgnoreIfMissing(),
	)
	return nil
}

func (d *domain) completeDenies() error {
	complete, err := d.expansion.denied(d.access.deny)
	if err != nil {
		return err
	}
	d.access.deny = complete
	for _, path := range d.expansion.links {
		d.files.add(path + " is denied but has hard links under other names")
	}
	if !d.access.commands {
		return nil
	}
	d.expansion.links = nil
	complete, err = d.expansion.denied(d.access.denyExecute)
	if err != nil {
		return err
	}
	d.access.denyExecute = complete
	for _, path := range d.expansion.links {
		d.commands.add(path + " is denied but has hard links under other names")
	}
	return nil
}

func (d *domain) readImage(reading landlock.AccessFSSet) error {
	return d.expansion.image(d.access.read, d.access.deny, false, func(path string, dir bool) error {
		return d.allow(path, dir, reading)
	})
}

// executeImage opens the programs that may be executed. Executing takes reading: the kernel asks for both.
func (d *domain) executeImage() error {
	if !d.access.commands {
		return nil
	}
	listed := !everythingIsMeant(d.access.execute)
	if !listed {
		d.commands.add("every program of the image but the denied ones may be executed, interpreters and loaders among them")
	}
	return d.expansion.image(d.access.execute, d.access.denyExecute, listed, func(path string, dir bool) error {
		if listed {
			info, err := os.Stat(path)
			if err != nil || info.Mode()&0o111 == 0 {
				return nil
			}
			if why := openEnded(path); why != "" {
				d.commands.add(why)
			}
		}
		d.programs++
		if dir {
			return d.allow(path, dir, readOnly|execute)
		}
		return d.allow(path, dir, readFile|execute)
	})
}

func everythingIsMeant(set glob.Set) bool { return set.Root().Everything() }

func (d *domain) allow(path string, dir bool, rights landlock.AccessFSSet) error {
	if !dir {
		rights &^= landlock.AccessFSSet(ll.AccessFSReadDir)
	}
	d.rules = append(d.rules, landlock.PathAccess(rights, path).IgnoreIfMissing())
	return d.expansion.rule()
}

// staged is readable as it is: its files are still to come, and what is denied is not staged. The directories of claims are there already;
// of them every name is somebody else's and may change, and one rule opens what comes beside them too.
func (d *domain) staged() {
	denied := d.access.deny.At(Staged)
	if denied.Everything() {
		return
	}
	d.rules = append(d.rules, landlock.PathAccess(readOnly, Staged).IgnoreIfMissing())
	claims, _ := os.ReadDir(Staged)
	var reached []string
	for _, claim := range claims {
		if inside := denied.Step(claim.Name()); inside.Accepts() || inside.Open() {
			reached = append(reached, filepath.Join(Staged, claim.Name()))
		}
	}
	if len(reached) > 0 {
		d.files.add("files.deny is not held inside of claims: what is mounted at " + strings.Join(reached, ", ") + " can be read")
	}
}

var scratchPlaces = []string{Work, DevShm}

// scratch gives a writable place what may be read and written in it. Its names are still to come, and Landlock does not
// know names: what is denied below a directory that may be written is kept from being exported, and the evidence says so.
func (d *domain) scratch(place string, reading landlock.AccessFSSet) error {
	if _, err := os.Stat(place); err != nil {
		return nil
	}
	denied := d.access.deny.At(place)
	if denied.Everything() {
		return nil
	}
	if denied.Open() {
		d.files.add("files.deny names files below " + place + " that do not exist yet: they are not exported, but can be written and read")
	}
	d.rules = append(d.rules, landlock.PathAccess(reading, place))
	if d.access.writeOnly && d.abi < 3 {
		d.files.add("before Landlock ABI 3 the kernel does not keep files from being emptied")
	}
	state := d.access.write.At(place)
	if state.Everything() {
		return d.writable(place)
	}
	for _, g := range d.access.write {
		path, literal := g.Prefix()
		switch below := strings.HasPrefix(path, place+"/"); {
		case below && literal:
			if err := d.prepareFile(path); err != nil {
				return err
			}
		case below || path == place:
			if err := os.MkdirAll(path, 0o700); err != nil {
				return err
			}
			if !g.Subtree() {
				d.files.add("every name below " + path + " can be written; what files.write does not name is not exported")
			}
			if err := d.writable(path); err != nil {
				return err
			}
		case (glob.Set{g}).At(place).Open():
			d.files.add("every name below " + place + " can be written; what files.write does not name is not exported")
			if err := d.writable(place); err != nil {
				return err
			}
		}
	}
	return nil
}

func (d *domain) writable(dir string) error {
	denied := d.access.denyWrite.At(dir)
	if denied.Everything() {
		return nil
	}
	if denied.Open() {
		d.files.add("denied names below " + dir + " can be written; they are not exported")
	}
	rule := landlock.PathAccess(change, dir)
	if d.abi >= 2 {
		rule = rule.WithRefer() // asking for it on ABI 1 would make "best effort" drop the whole domain
	}
	d.rules = append(d.rules, rule)
	return d.expansion.rule()
}

// prepareFile makes a file that is named in full, empty: Landlock can allow what exists, and not a name to come.
func (d *domain) prepareFile(path string) error {
	if d.access.denyWrite.Matches(path) {
		return nil
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return err
	}
	file, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY|unix.O_NOFOLLOW, 0o600)
	switch {
	case err == nil:
		file.Close()
	case !errors.Is(err, fs.ErrExist):
		return err
	}
	d.rules = append(d.rules, landlock.PathAccess(changeFile, path))
	return d.expansion.rule()
}
