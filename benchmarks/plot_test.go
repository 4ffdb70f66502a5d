package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func TestThePlotNamesEveryRow(t *testing.T) {
	file := filepath.Join(t.TempDir(), "starts.svg")
	some := []time.Duration{time.Millisecond, 3 * time.Millisecond}
	if err := draw(file, []line{{"floor", some, nil}, {"Corral warm", some, some}, {"all failed", nil, nil}}); err != nil {
		t.Fatal(err)
	}
	drawn, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"floor", "Corral warm", "all failed", "first instruction", "end seen"} {
		if !strings.Contains(string(drawn), name) {
			t.Errorf("the plot does not say %q", name)
		}
	}
}
