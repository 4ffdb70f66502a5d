package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"golang.org/x/sys/unix"

	"dev.corral/launcher/protocol"
	"dev.corral/launcher/sandbox"
)

// stagingTime is what bringing all files may take. It is no handler time; the controller waits as much longer.
const stagingTime = 60 * time.Second

// stageFiles puts what the run was given where the handler can read and not write it, and tells how much it is.
func (r *run) stageFiles(ctx context.Context) (total int64, err error) {
	ctx, cancel := context.WithTimeout(ctx, stagingTime)
	defer cancel()
	for _, file := range r.assignment.Files {
		if total += file.Size; total > r.assignment.Limits.DiskBytes {
			return total, fmt.Errorf("the files are larger than the %d MiB of limits.disk", r.assignment.Limits.DiskBytes>>20)
		}
		if err := r.stageFile(ctx, file); err != nil {
			return total, fmt.Errorf("file %s: %w", file.Name, err)
		}
	}
	return total, nil
}

func (r *run) stageFile(ctx context.Context, file protocol.File) error {
	path := filepath.Join(sandbox.Staged, file.Name)
	if r.exports.Denies(path) {
		return errors.New("files.deny covers " + path)
	}
	into, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY|unix.O_NOFOLLOW, 0o440)
	if err != nil {
		return err
	}
	if err := r.client.GetFile(ctx, file, into); err != nil {
		into.Close()
		return err
	}
	return into.Close()
}
