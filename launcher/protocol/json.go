package protocol

import (
	"encoding/json"
	"errors"
	"unicode/utf8"
)

// A reader elsewhere parses what a handler wrote, with limits of its own. One document beyond them would make the
// whole report unreadable, so whatever is embedded stays well inside what any JSON parser takes.
const (
	maxDepth  = 64
	maxNumber = 100
)

// CheckJSON says why raw must not be embedded in a message of ours, or nil.
func CheckJSON(raw []byte) error {
	if !utf8.Valid(raw) {
		return errors.New("not UTF-8")
	}
	if !json.Valid(raw) {
		return errors.New("not valid JSON")
	}
	depth, number, inString := 0, 0, false
	for i := 0; i < len(raw); i++ {
		c := raw[i]
		if inString {
			switch c {
			case '\\':
				i++
			case '"':
				inString = false
			}
			continue
		}
		switch c {
		case '"':
			inString = true
		case '{', '[':
			if depth++; depth > maxDepth {
				return errors.New("JSON nested too deeply")
			}
		case '}', ']':
			depth--
		}
		if (c >= '0' && c <= '9') || c == '-' || c == '+' || c == '.' || c == 'e' || c == 'E' {
			if number++; number > maxNumber {
				return errors.New("JSON number too long")
			}
		} else {
			number = 0
		}
	}
	return nil
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
