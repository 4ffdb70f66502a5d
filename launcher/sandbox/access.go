package sandbox

import (
	"dev.corral/launcher/glob"
)

// DevShm is the other place that is writable where nothing says otherwise.
const DevShm = "/dev/shm"

var (
	everything = []string{"/**"}
	// scratch is the handler's own: what it was given and what it left. It is always readable, but for denies.
	scratch = []string{Work + "/**", DevShm + "/**"}
	given   = []string{Secrets + "/**"}
)

// access is the settings' globs, parsed.
type access struct {
	read, write, deny, denyWrite, execute, denyExecute glob.Set
	readOnly, writeOnly                                bool // whether a list restricts reading, writing
	commands                                           bool // whether some program must not be executed
}

func (s Settings) compile() (access, error) {
	var files Files
	var commands Commands
	if s.Files != nil {
		files = *s.Files
	}
	if s.Commands != nil {
		commands = *s.Commands
	}
	a := access{
		readOnly:  files.Read != nil,
		writeOnly: files.Write != nil,
		commands:  commands.Allow != nil || len(commands.Deny) > 0,
	}
	read, write, execute := everything, scratch, everything
	if files.Read != nil {
		read = append(append([]string{}, *files.Read...), given...)
	}
	if files.Write != nil {
		write = *files.Write
	}
	if commands.Allow != nil {
		execute = *commands.Allow
	}
	var err error
	for _, list := range []struct {
		to   *glob.Set
		from []string
	}{
		{&a.read, read}, {&a.write, write}, {&a.deny, files.Deny}, {&a.denyWrite, append(append([]string{}, files.Deny...), files.DenyWrite...)},
		{&a.execute, execute}, {&a.denyExecute, append(append([]string{}, files.Deny...), commands.Deny...)},
	} {
		if *list.to, err = glob.ParseSet(list.from); err != nil {
			return access{}, err
		}
	}
	return a, nil
}

func (a access) restrictsFiles() bool {
	return a.readOnly || a.writeOnly || len(a.deny) > 0 || len(a.denyWrite) > 0
}

// Exports says what of the scratch directory may leave the pod, and what may not come in.
type Exports struct{ access access }

// Exports of the class. The settings were compiled once already, when they were read.
func (s Settings) Exports() (Exports, error) {
	a, err := s.compile()
	return Exports{a}, err
}

// Grants tells whether a file may leave the pod: what a handler was not to write is not brought out, though the kernel
// could not always keep it from being written.
func (e Exports) Grants(path string) bool {
	return e.access.write.Matches(path) && !e.access.denyWrite.Matches(path)
}

// Denies tells of a file that must not even come in: the files of a run are still to come when its domain is built.
func (e Exports) Denies(path string) bool { return e.access.deny.Matches(path) }

// Prepared tells of a file that we made, empty, because files.write names it in full.
func (e Exports) Prepared(path string) bool {
	for _, g := range e.access.write {
		if name, literal := g.Prefix(); literal && name == path {
			return true
		}
	}
	return false
}
