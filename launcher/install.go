package main

import (
	"fmt"
	"io"
	"os"
)

// install copies this program to the path given, readable and executable by all and writable by nobody. It is what an
// init container does where the launcher cannot be mounted; 0 when the whole program is there.
func install(arguments []string, complaints io.Writer) int {
	if len(arguments) != 1 {
		fmt.Fprintln(complaints, "usage: corral install PATH")
		return 2
	}
	if err := copySelf(arguments[0]); err != nil {
		fmt.Fprintln(complaints, "corral:", err)
		return 1
	}
	return 0
}

func copySelf(path string) error {
	self, err := os.Open("/proc/self/exe")
	if err != nil {
		return err
	}
	defer self.Close()
	part := path + ".part"
	copied, err := os.OpenFile(part, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o555)
	if err != nil {
		return err
	}
	if _, err = io.Copy(copied, self); err == nil {
		err = copied.Sync()
	}
	if closed := copied.Close(); err == nil {
		err = closed
	}
	if err != nil {
		return err
	}
	return os.Rename(part, path) // whole or not at all
}
