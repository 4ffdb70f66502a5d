package sandbox

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
)

// Settings are what all pods of a sandbox class have in common. They come in one environment variable, which the
// controller renders from the effective permissions; nothing of a single run is in them.
type Settings struct {
	Files    *Files    `json:"files,omitempty"`
	Commands *Commands `json:"commands,omitempty"`
	Proxy    *Proxy    `json:"proxy,omitempty"` // host names are granted
	Learn    bool      `json:"learn,omitempty"` // watch the handler and report what it tried
}

// Files are path globs (package glob). A list that is absent leaves the built-in rule; an empty one grants nothing.
type Files struct {
	Read      *[]string `json:"read,omitempty"`
	Write     *[]string `json:"write,omitempty"`
	Deny      []string  `json:"deny,omitempty"`      // neither read nor written
	DenyWrite []string  `json:"denyWrite,omitempty"` // not written
}

// Commands are path globs of programs.
type Commands struct {
	Allow *[]string `json:"allow,omitempty"` // absent: every program but the denied ones
	Deny  []string  `json:"deny,omitempty"`
}

// ReadSettings of CORRAL_SANDBOX. No text means no settings; a key this launcher does not know may be one it would have
// to enforce, so it refuses to start.
func ReadSettings(text string) (Settings, error) {
	var settings Settings
	if text == "" {
		return settings, nil
	}
	decoder := json.NewDecoder(strings.NewReader(text))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&settings); err != nil {
		return Settings{}, fmt.Errorf("CORRAL_SANDBOX: %w", err)
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return Settings{}, errors.New("CORRAL_SANDBOX: more than one document")
	}
	if _, err := settings.compile(); err != nil {
		return Settings{}, fmt.Errorf("CORRAL_SANDBOX: %w", err)
	}
	if settings.Proxy != nil {
		if _, err := settings.Proxy.ports(); err != nil {
			return Settings{}, fmt.Errorf("CORRAL_SANDBOX: %w", err)
		}
	}
	return settings, nil
}
