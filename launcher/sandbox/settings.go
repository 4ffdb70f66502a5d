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
	Learn bool `json:"learn"` // watch the handler and report what it tried
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
	return settings, nil
}
