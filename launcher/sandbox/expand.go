package sandbox

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"

	"dev.corral/launcher/glob"
)

// Landlock only allows, and it allows objects, not names. So globs are compared with what exists: a directory that is
// meant whole becomes one rule, one that is meant in part is opened and its entries are looked at. The image is
// read-only, so what exists is all there will ever be; below the scratch directories names are still to come, and what
// cannot be said about them ends up in the evidence.

const (
	maxEntries = 200_000 // looked at, of all globs together
	maxRules   = 20_000
	maxDenies  = 2_000 // with what lies behind links
)

var errTooMuch = errors.New("the file globs of this class need more than the launcher can expand: " +
	"name directories (/app/**) instead of patterns over the whole image")

// outOfReach: what no glob opens by way of a link. They have rules of their own, or none.
var outOfReach = []string{Ours, "/proc", "/dev", "/sys", Work, Staged}

type expansion struct {
	seen    int
	rules   int
	visited map[string]bool
	links   []string // denied files that have other names too
}

func (e *expansion) entries(dir string) ([]fs.DirEntry, error) {
	list, err := os.Open(dir)
	if err != nil {
		return nil, nil // what we may not list, a handler of the same user may not either
	}
	defer list.Close()
	entries, err := list.ReadDir(maxEntries - e.seen + 1)
	if e.seen += len(entries); e.seen > maxEntries {
		return nil, errTooMuch
	}
	if err != nil && len(entries) > 0 {
		return nil, err
	}
	return entries, nil
}

// denied completes denies by what lies behind links: a name that is denied is denied wherever it leads.
func (e *expansion) denied(denies glob.Set) (glob.Set, error) {
	e.visited = map[string]bool{}
	complete := slices.Clone(denies)
	err := e.follow("/", denies.Root(), false, func(path string) error {
		if len(complete) > maxDenies {
			return errTooMuch
		}
		for _, text := range []string{path, path + "/**"} {
			behind, err := glob.Parse(text)
			if err != nil {
				return fmt.Errorf("a denied link leads to %w", err)
			}
			complete = append(complete, behind)
		}
		return nil
	})
	return complete, err
}

// follow visits what a deny means. behind: the directory was reached through a link, so its entries need naming.
func (e *expansion) follow(dir string, state glob.State, behind bool, name func(string) error) error {
	key := dir + "\x00" + state.Key()
	if e.visited[key] || !state.Open() {
		return nil
	}
	e.visited[key] = true
	entries, err := e.entries(dir)
	if err != nil {
		return err
	}
	for _, entry := range entries {
		path := filepath.Join(dir, entry.Name())
		next := state.Step(entry.Name())
		if slices.Contains(outOfReach, path) || !next.Accepts() && !next.Open() {
			continue
		}
		if behind && next.Accepts() {
			if err := name(path); err != nil {
				return err
			}
		}
		switch {
		case entry.IsDir():
			err = e.follow(path, next, behind, name)
		case entry.Type()&fs.ModeSymlink != 0:
			target, ok := realPath(path)
			if !ok {
				continue
			}
			if next.Accepts() {
				err = name(target)
			}
			if err == nil {
				err = e.follow(target, next, true, name)
			}
		case entry.Type().IsRegular() && next.Accepts():
			if info, statErr := entry.Info(); statErr == nil && info.Sys().(*syscall.Stat_t).Nlink > 1 {
				e.links = append(e.links, path)
			}
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// realPath of a link, unless it leads where no glob opens anything.
func realPath(path string) (string, bool) {
	target, err := filepath.EvalSymlinks(path)
	if err != nil || target == "/" {
		return "", false
	}
	for _, place := range outOfReach {
		if target == place || strings.HasPrefix(target, place+"/") {
			return "", false
		}
	}
	return target, true
}

// grant is told of what is meant: a regular file, or a directory with all that is below it.
type grant func(path string, dir bool) error

// image walks everything but the scratch directories and what is ours. single: grants are of files only.
func (e *expansion) image(want, not glob.Set, single bool, give grant) error {
	e.visited = map[string]bool{}
	return e.tree("/", want.Root(), not, not.Root(), single, give)
}

func (e *expansion) tree(dir string, want glob.State, denies glob.Set, not glob.State, single bool, give grant) error {
	key := dir + "\x00" + want.Key()
	if !want.Open() || not.Everything() || e.visited[key] {
		return nil
	}
	e.visited[key] = true
	if dir != "/" && want.Everything() && !not.Open() && !single {
		return give(dir, true)
	}
	entries, err := e.entries(dir)
	if err != nil {
		return err
	}
	for _, entry := range entries {
		path := filepath.Join(dir, entry.Name())
		if slices.Contains(outOfReach, path) {
			continue
		}
		next, notNext := want.Step(entry.Name()), not.Step(entry.Name())
		switch {
		case entry.IsDir():
			err = e.tree(path, next, denies, notNext, single, give)
		case entry.Type().IsRegular():
			if next.Accepts() && !notNext.Accepts() {
				err = give(path, false)
			}
		case entry.Type()&fs.ModeSymlink != 0:
			// Followed only where a glob names it in full: /bin/sh means a program though /bin is a link, but what
			// /app/** holds may not lead out of /app.
			err = e.link(path, want.StepLiteral(entry.Name()), denies, single, give)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func (e *expansion) link(path string, want glob.State, denies glob.Set, single bool, give grant) error {
	if !want.Accepts() && !want.Open() {
		return nil
	}
	target, ok := realPath(path)
	if !ok {
		return nil
	}
	info, err := os.Stat(target)
	if err != nil {
		return nil
	}
	not := denies.At(target)
	switch {
	case info.IsDir():
		return e.tree(target, want, denies, not, single, give)
	case info.Mode().IsRegular() && want.Accepts() && !not.Accepts():
		return give(target, false)
	}
	return nil
}

// rule counts one more.
func (e *expansion) rule() error {
	if e.rules++; e.rules > maxRules {
		return errTooMuch
	}
	return nil
}
