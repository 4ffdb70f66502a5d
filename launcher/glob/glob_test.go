package glob

import (
	"os"
	"strconv"
	"strings"
	"testing"
)

type testCase struct{ glob, path, answer string }

// cases are shared with the operator's PathGlobTest.
func cases(t testing.TB) []testCase {
	t.Helper()
	text, err := os.ReadFile("testdata/cases.tsv")
	if err != nil {
		t.Fatal(err)
	}
	var all []testCase
	for line := range strings.Lines(string(text)) {
		line = strings.TrimSuffix(line, "\n")
		if strings.HasPrefix(line, "#") {
			continue
		}
		columns := strings.Split(line, "\t")
		if len(columns) != 3 {
			t.Fatalf("%q has %d columns", line, len(columns))
		}
		for i := range columns {
			unquoted, err := strconv.Unquote(`"` + columns[i] + `"`)
			if err != nil {
				t.Fatalf("%q: %v", line, err)
			}
			columns[i] = unquoted
		}
		all = append(all, testCase{columns[0], columns[1], columns[2]})
	}
	return all
}

func TestTheTableHolds(t *testing.T) {
	all := cases(t)
	if len(all) < 50 {
		t.Fatalf("only %d cases", len(all))
	}
	for _, c := range all {
		g, err := Parse(c.glob)
		if (err != nil) != (c.answer == "refused") {
			t.Errorf("%q: %v, expected %s", c.glob, err, c.answer)
		}
		if err == nil && strconv.FormatBool(g.Matches(c.path)) != c.answer {
			t.Errorf("%q on %q: not %s", c.glob, c.path, c.answer)
		}
	}
}

// What a walk down a tree believes is what the matcher says of the whole path.
func TestStatesAgreeWithTheMatcher(t *testing.T) {
	for _, c := range cases(t) {
		g, err := Parse(c.glob)
		if _, bad := split(c.path); err != nil || bad != nil {
			continue
		}
		state := Set{g}.At(c.path)
		if state.Accepts() != g.Matches(c.path) {
			t.Errorf("%q on %q: the state says %v", c.glob, c.path, state.Accepts())
		}
		below := strings.TrimSuffix(c.path, "/") + "/below"
		if state.Everything() && !g.Matches(below) || !state.Open() && g.Matches(below) {
			t.Errorf("%q on %q: everything %v, open %v", c.glob, c.path, state.Everything(), state.Open())
		}
	}
}

// Steps are counted, not timed: no input may cost more than the product of the two lengths.
func TestFortyStarsStayWithinTheProductOfTheLengths(t *testing.T) {
	for glob, path := range map[string]string{
		"/" + strings.Repeat("a*", 40) + "b":        "/" + strings.Repeat("a", 4095),
		"/" + strings.Repeat("**/a/", 40) + "b":     "/" + strings.Repeat("a/", 2047) + "a",
		"/" + strings.Repeat("**/a*a/", 40) + "*b*": "/" + strings.Repeat("aaaaaaa/", 500) + "a",
		"/" + strings.Repeat("*a", 40):              "/" + strings.Repeat("a", 4094) + "c",
	} {
		g, err := Parse(glob)
		if err != nil {
			t.Fatal(err)
		}
		matched, steps := g.match(path)
		if matched || steps > len(glob)*len(path) {
			t.Errorf("%.20q…: matched %v in %d steps, more than %d × %d", glob, matched, steps, len(glob), len(path))
		}
	}
}

func FuzzMatch(f *testing.F) {
	text, err := os.ReadFile("testdata/cases.tsv")
	if err != nil {
		f.Fatal(err)
	}
	for line := range strings.Lines(string(text)) {
		if columns := strings.Split(line, "\t"); len(columns) == 3 {
			f.Add(columns[0], columns[1])
		}
	}
	f.Fuzz(func(t *testing.T, glob, path string) {
		if len(path) > longest {
			return
		}
		g, err := Parse(glob)
		if err != nil {
			return
		}
		if again, err := Parse(g.String()); err != nil || again.String() != g.String() {
			t.Fatalf("%q does not parse back: %v", g.String(), err)
		}
		matched, steps := g.match(path)
		if steps > (len(glob)+1)*(len(path)+1)*2 {
			t.Fatalf("%q on %q took %d steps", glob, path, steps)
		}
		if _, err := split(path); err == nil && (Set{g}).At(path).Accepts() != matched {
			t.Fatalf("%q on %q: matched %v, the state disagrees", glob, path, matched)
		}
	})
}
