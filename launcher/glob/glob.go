// Package glob holds the path globs of the permission vocabulary. The grammar is in docs/policies.md; the operator has the same one
// (PathGlob), and testdata/cases.tsv is read by the tests of both.
package glob

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

const (
	longest     = 4096
	anySegments = "**"
)

// Glob is one absolute pattern: "*" stands for any bytes of one segment, a segment "**" for any number of segments.
type Glob struct{ segments []string }

// Parse refuses every text that could mean another path to somebody else.
func Parse(text string) (Glob, error) {
	switch {
	case !strings.HasPrefix(text, "/"):
		return Glob{}, fmt.Errorf("%q is not absolute", text)
	case len(text) > longest:
		return Glob{}, fmt.Errorf("a glob is longer than %d bytes", longest)
	case strings.Contains(text, "//"):
		return Glob{}, fmt.Errorf("%q has an empty segment", text)
	case !utf8.ValidString(text) || strings.ContainsFunc(text, unprintable):
		return Glob{}, fmt.Errorf("%q has a character that does not print", text)
	case strings.ContainsAny(text, `%\?[]{}`):
		return Glob{}, fmt.Errorf("%q has one of %% \\ ? [ ] { }, which mean nothing here", text)
	}
	var segments []string
	for segment := range strings.SplitSeq(text[1:], "/") {
		switch {
		case segment == "." || segment == "..":
			return Glob{}, fmt.Errorf("%q has a dot segment", text)
		case strings.Contains(segment, anySegments) && segment != anySegments:
			return Glob{}, fmt.Errorf("%q has ** inside a segment", text)
		case segment == "", segment == anySegments && len(segments) > 0 && segments[len(segments)-1] == anySegments:
			continue // a slash at the end, and ** repeated, mean the same without
		}
		segments = append(segments, segment)
	}
	return Glob{segments}, nil
}

func unprintable(r rune) bool { return unicode.In(r, unicode.C, unicode.Zl, unicode.Zp) }

func (g Glob) String() string { return "/" + strings.Join(g.segments, "/") }

// Prefix is the part before the first segment with a star, and whether that is all of the glob.
func (g Glob) Prefix() (path string, literal bool) {
	for i, segment := range g.segments {
		if strings.Contains(segment, "*") {
			return "/" + strings.Join(g.segments[:i], "/"), false
		}
	}
	return g.String(), true
}

// Subtree tells of a glob that is a literal path and then "**".
func (g Glob) Subtree() bool {
	path, literal := g.Prefix()
	return !literal && (path+"/**" == g.String() || g.String() == "/**")
}

// Matches a path that is absolute, without empty and dot segments; any other path is never meant.
func (g Glob) Matches(path string) bool {
	matched, _ := g.match(path)
	return matched
}

// match counts its steps, which are at most the product of the two lengths, whatever the pattern.
func (g Glob) match(path string) (matched bool, steps int) {
	segments, err := split(path)
	if err != nil {
		return false, 0
	}
	// Greedy, with one step back to the last "**": earlier ones need no second look.
	at, in, lastStar, lastAt := 0, 0, -1, 0
	for at < len(segments) {
		steps++
		switch {
		case in < len(g.segments) && g.segments[in] == anySegments:
			lastStar, lastAt = in, at
			in++
			continue
		case in < len(g.segments) && segment(g.segments[in], segments[at], &steps):
			in++
			at++
		case lastStar >= 0:
			lastAt++
			in, at = lastStar+1, lastAt
		default:
			return false, steps
		}
	}
	for in < len(g.segments) && g.segments[in] == anySegments {
		in++
	}
	return in == len(g.segments), steps
}

var errPath = errors.New("not an absolute path without empty and dot segments")

func split(path string) ([]string, error) {
	if path == "/" {
		return nil, nil
	}
	if !strings.HasPrefix(path, "/") || strings.ContainsRune(path, 0) {
		return nil, errPath
	}
	segments := strings.Split(path[1:], "/")
	for _, s := range segments {
		if s == "" || s == "." || s == ".." {
			return nil, errPath
		}
	}
	return segments, nil
}

// segment matches one segment against one without "**".
func segment(glob, name string, steps *int) bool {
	in, at, lastStar, lastAt := 0, 0, -1, 0
	for at < len(name) {
		*steps++
		switch {
		case in < len(glob) && glob[in] == '*':
			lastStar, lastAt = in, at
			in++
		case in < len(glob) && glob[in] == name[at]:
			in++
			at++
		case lastStar >= 0:
			lastAt++
			in, at = lastStar+1, lastAt
		default:
			return false
		}
	}
	for in < len(glob) && glob[in] == '*' {
		in++
	}
	return in == len(glob)
}

// Set is globs that are looked at together.
type Set []Glob

// ParseSet parses all, or says which one is malformed.
func ParseSet(texts []string) (Set, error) {
	set := make(Set, 0, len(texts))
	for _, text := range texts {
		g, err := Parse(text)
		if err != nil {
			return nil, err
		}
		set = append(set, g)
	}
	return set, nil
}

// Matches tells whether one of them does.
func (s Set) Matches(path string) bool {
	for _, g := range s {
		if g.Matches(path) {
			return true
		}
	}
	return false
}

// State is how far the globs of a set have come on the way down a tree.
type State struct{ at []place }

type place struct {
	segments []string
	next     int
}

// Root is the state at "/".
func (s Set) Root() State {
	var state State
	for _, g := range s {
		state.add(g.segments, 0)
	}
	return state
}

// At is the state at a path.
func (s Set) At(path string) State {
	state := s.Root()
	segments, _ := split(path)
	for _, name := range segments {
		state = state.Step(name)
	}
	return state
}

func (s *State) add(segments []string, next int) {
	for {
		for _, p := range s.at {
			if p.next == next && len(p.segments) == len(segments) && (len(segments) == 0 || &p.segments[0] == &segments[0]) {
				return
			}
		}
		s.at = append(s.at, place{segments, next})
		if next == len(segments) || segments[next] != anySegments {
			return
		}
		next++ // "**" may stand for nothing
	}
}

// Step goes down to one entry.
func (s State) Step(name string) State {
	var state State
	for _, p := range s.at {
		switch {
		case p.next == len(p.segments):
		case p.segments[p.next] == anySegments:
			state.add(p.segments, p.next)
		case segment(p.segments[p.next], name, new(int)):
			state.add(p.segments, p.next+1)
		}
	}
	return state
}

// StepLiteral goes down to an entry that is named in full, and only with the globs that name it.
func (s State) StepLiteral(name string) State {
	var state State
	for _, p := range s.at {
		if p.next < len(p.segments) && p.segments[p.next] == name && !strings.Contains(name, "*") {
			state.add(p.segments, p.next+1)
		}
	}
	return state
}

// Accepts: the path itself is meant.
func (s State) Accepts() bool {
	for _, p := range s.at {
		if p.next == len(p.segments) {
			return true
		}
	}
	return false
}

// Everything: the path and whatever may ever lie below it are meant.
func (s State) Everything() bool {
	for _, p := range s.at {
		if p.next == len(p.segments)-1 && p.segments[p.next] == anySegments {
			return true
		}
	}
	return false
}

// Open: something below the path may be meant.
func (s State) Open() bool {
	for _, p := range s.at {
		if p.next < len(p.segments) {
			return true
		}
	}
	return false
}

// Key is the same for the same state.
func (s State) Key() string {
	var key strings.Builder
	for _, p := range s.at {
		key.WriteString(strings.Join(p.segments, "/") + "\x00" + strconv.Itoa(p.next) + "\x00")
	}
	return key.String()
}
