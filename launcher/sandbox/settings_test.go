package sandbox

import "testing"

func TestSettingsAreReadWholeOrNotAtAll(t *testing.T) {
	for text, learn := range map[string]bool{"": false, "{}": false, `{"learn":false}`: false, `{"learn":true}`: true} {
		if got, err := ReadSettings(text); err != nil || got.Learn != learn {
			t.Errorf("%q: %+v, %v", text, got, err)
		}
	}
	for _, text := range []string{`{"lern":true}`, `{"learn":true}{}`, `[]`, `{"learn":"true"}`, `{`, `{"learn":true} x`} {
		if got, err := ReadSettings(text); err == nil {
			t.Errorf("%q was taken as %+v", text, got)
		}
	}
}
