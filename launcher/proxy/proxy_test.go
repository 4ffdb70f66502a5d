package proxy

import (
	"strings"
	"testing"
)

// It stands in a line of the launcher's own request to the gateway.
func TestATargetEndsNoLine(t *testing.T) {
	for _, target := range []string{"api.example.org:443", "[2001:db8::1]:80", strings.Repeat("a", longestTarget)} {
		if !plain(target) {
			t.Errorf("%q is refused", target)
		}
	}
	for _, target := range []string{"", "a b:443", "a\r\nX-Y: z:443", "a\x7f:443", "ä:443", strings.Repeat("a", longestTarget+1)} {
		if plain(target) {
			t.Errorf("%q passes", target)
		}
	}
}
