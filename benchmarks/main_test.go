package main

import (
	"slices"
	"testing"
)

func TestStreamsAreReadOrRefused(t *testing.T) {
	if all, err := parseStreams("1x40/20,20x10/200"); err != nil || !slices.Equal(all, []stream{{1, 40, 20}, {20, 10, 200}}) {
		t.Errorf("%v, %v", all, err)
	}
	if all, err := parseStreams(""); err != nil || len(all) != 0 {
		t.Errorf("%v, %v", all, err)
	}
	for _, wrong := range []string{"20", "20x10", "0x10/5", "20x0/5", "x", "20x10/-1"} {
		if _, err := parseStreams(wrong); err == nil {
			t.Errorf("%s was taken", wrong)
		}
	}
}
