package main

import (
	"fmt"
	"os"
	"time"
)

// began is taken before anything else of the program runs that could be put off.
var began = time.Now()

// instant says when the program began: as the result of a handler, or as the termination message of an ordinary pod.
func instant() {
	path := os.Getenv("CORRAL_RESULT")
	if path == "" {
		path = "/dev/termination-log"
	}
	if err := os.WriteFile(path, fmt.Appendf(nil, `{"at": %d}`, began.UnixNano()), 0o600); err != nil {
		fatal(err.Error())
	}
}
