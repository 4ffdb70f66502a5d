package protocol

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"unicode/utf16"
	"unicode/utf8"
)

// A reader elsewhere parses what a handler wrote, with limits of its own. One document beyond them would make the
// whole report unreadable, so whatever is embedded stays well inside what any JSON parser takes.
const (
	maxDepth  = 64
	maxNumber = 100
	// The API server reads what is applied as YAML, which knows no name of more than 1022 characters in braces, written out: two for a quote.
	maxName = 500
)

// CheckJSON says why raw must not be embedded in a message of ours, or nil. docs/protocol/documents.txt has examples; what
// we take of it the gateway's test reads.
func CheckJSON(raw []byte) error {
	switch {
	case !utf8.Valid(raw):
		return errors.New("not UTF-8")
	case !json.Valid(raw):
		return errors.New("not valid JSON")
	case halfACharacter(raw):
		return errors.New(`JSON with half a surrogate pair, such as \ud800`)
	}
	decoder := json.NewDecoder(bytes.NewReader(raw))
	decoder.UseNumber()
	return checkValue(decoder, 0)
}

func checkValue(decoder *json.Decoder, depth int) error {
	token, err := decoder.Token()
	if err != nil {
		return err // cannot be: it is valid
	}
	switch token := token.(type) {
	case json.Number:
		if len(token) > maxNumber {
			return errors.New("JSON number too long")
		}
		if _, err := token.Float64(); err != nil {
			return fmt.Errorf("JSON number %s too large", token)
		}
	case json.Delim:
		if depth == maxDepth {
			return errors.New("JSON nested too deeply")
		}
		names := map[string]bool{}
		for decoder.More() {
			if token == '{' {
				if err := checkName(decoder, names); err != nil {
					return err
				}
			}
			if err := checkValue(decoder, depth+1); err != nil {
				return err
			}
		}
		_, err = decoder.Token() // its end
	}
	return err
}

// checkName of the next member of an object that has had the others.
func checkName(decoder *json.Decoder, others map[string]bool) error {
	token, err := decoder.Token()
	name, _ := token.(string)
	switch {
	case err != nil:
		return err
	case len(name) > maxName:
		return errors.New("JSON name too long")
	case others[name]:
		return fmt.Errorf("JSON with the name %.40q twice in one object", name)
	}
	others[name] = true
	return nil
}

// halfACharacter finds a surrogate without its other half: Go would read U+FFFD, others refuse it.
func halfACharacter(raw []byte) bool {
	for i := 0; i < len(raw); i++ {
		if raw[i] != '\\' {
			continue
		}
		unit := escaped(raw[i:])
		switch {
		case !utf16.IsSurrogate(unit):
			i++ // what is escaped may be a backslash
		case utf16.DecodeRune(unit, escaped(raw[i+6:])) == utf8.RuneError:
			return true
		default:
			i += 11
		}
	}
	return false
}

// escaped is what \uXXXX stands for, and nothing special for all else.
func escaped(raw []byte) rune {
	if len(raw) < 6 || raw[0] != '\\' || raw[1] != 'u' {
		return 0
	}
	unit, _ := strconv.ParseUint(string(raw[2:6]), 16, 16)
	return rune(unit)
}

// IsObject tells whether valid JSON is an object.
func IsObject(raw []byte) bool {
	for _, c := range raw {
		switch c {
		case ' ', '\t', '\r', '\n':
			continue
		}
		return c == '{'
	}
	return false
}

// Written is at most how many bytes a value and the comma after it take as JSON.
func Written(value string) int {
	size := len(`"",`)
	for i := 0; i < len(value); i++ {
		if c := value[i]; c < 0x20 || c >= 0x7f || c == '"' || c == '\\' {
			size += 6
		} else {
			size++
		}
	}
	return size
}
