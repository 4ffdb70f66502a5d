package main

import (
	"errors"
	"os"
	"path/filepath"

	"golang.org/x/sys/unix"
)

// staged reads a directory of staged files and then tries to change it in every way there is. The answers are error names, "" for
// what worked.
func staged(dir string) map[string]any {
	contents := map[string]string{}
	entries, err := os.ReadDir(dir)
	if err != nil {
		return map[string]any{"problem": err.Error()}
	}
	answers := map[string]string{}
	try := func(name string, err error) {
		if _, told := answers[name]; !told || err == nil {
			answers[name] = errorName(err)
		}
	}
	for _, entry := range entries {
		path := filepath.Join(dir, entry.Name())
		bytes, err := os.ReadFile(path)
		if err != nil {
			contents[entry.Name()] = "unreadable: " + err.Error()
			continue
		}
		contents[entry.Name()] = string(bytes)
		os.Chmod(path, 0o777) // ours, so this may work; it must not help
		file, err := os.OpenFile(path, os.O_WRONLY, 0)
		try("write", err)
		if err == nil {
			file.Close()
		}
		try("truncate", os.Truncate(path, 0))
		try("rename", os.Rename(path, path+".moved"))
		try("hardlink", os.Link(path, "/work/"+entry.Name()))
		try("unlink", os.Remove(path))
	}
	file, err := os.OpenFile(filepath.Join(dir, "new"), os.O_CREATE|os.O_WRONLY, 0o600)
	try("create", err)
	if err == nil {
		file.Close()
	}
	try("mkdir", os.Mkdir(filepath.Join(dir, "sub"), 0o700))
	try("symlink", os.Symlink("/etc/passwd", filepath.Join(dir, "link")))
	return map[string]any{"contents": contents, "answers": answers}
}

func errorName(err error) string {
	var number unix.Errno
	switch {
	case err == nil:
		return ""
	case errors.As(err, &number):
		return unix.ErrnoName(number)
	default:
		return err.Error()
	}
}
