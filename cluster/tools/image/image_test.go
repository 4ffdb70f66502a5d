package main

import (
	"archive/tar"
	"bytes"
	"fmt"
	"io"
	"log"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-containerregistry/pkg/name"
	"github.com/google/go-containerregistry/pkg/registry"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/remote"
	"github.com/google/go-containerregistry/pkg/v1/validate"
)

// aRoot lays out a small file system; only its dates differ from call to call.
func aRoot(t *testing.T, date time.Time) string {
	t.Helper()
	root := filepath.Join(t.TempDir(), "files")
	must(t, os.MkdirAll(filepath.Join(root, "bin"), 0o700))
	must(t, os.Mkdir(filepath.Join(root, "tmp"), 0o755))
	must(t, os.Chmod(filepath.Join(root, "tmp"), 0o777|os.ModeSticky))
	must(t, os.WriteFile(filepath.Join(root, "bin", "tool"), []byte("#!/bin/sh\n"), 0o700))
	must(t, os.WriteFile(filepath.Join(root, "note"), []byte("hello\n"), 0o600))
	must(t, os.Symlink("tool", filepath.Join(root, "bin", "alias")))
	must(t, os.Chtimes(filepath.Join(root, "note"), date, date))
	return root
}

func build(t *testing.T, root string) (string, v1.Hash) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "layout")
	must(t, makeLayout(path, []string{"--env", "LEAK=image-env", "--user", "0", "--entrypoint", "/bin/tool",
		"--platform", "linux/amd64", "--layer", root, "--platform", "linux/arm64", "--layer", root}))
	index, digest, err := readLayout(path)
	must(t, err)
	must(t, validate.Index(index))
	return path, digest
}

func TestSameFilesGiveTheSameDigest(t *testing.T) {
	_, first := build(t, aRoot(t, time.Unix(1e9, 0)))
	_, second := build(t, aRoot(t, time.Now()))
	if first != second {
		t.Errorf("built twice: %s and %s", first, second)
	}
	changed := aRoot(t, time.Now())
	must(t, os.WriteFile(filepath.Join(changed, "note"), []byte("hallo\n"), 0o600))
	if _, third := build(t, changed); third == first {
		t.Error("another content has the same digest")
	}
}

// What the folder says about owners, dates and modes is left behind, but for the executable bit and a sticky /tmp.
func TestALayerHoldsTheFilesAndNothingElse(t *testing.T) {
	content, err := pack(aRoot(t, time.Now()))
	must(t, err)
	if tail := content[len(content)-1024:]; !bytes.Equal(tail, make([]byte, 1024)) {
		t.Error("the archive has no end")
	}
	var seen []string
	for archive := tar.NewReader(bytes.NewReader(content)); ; {
		header, err := archive.Next()
		if err == io.EOF {
			break
		}
		must(t, err)
		seen = append(seen, fmt.Sprintf("%s %o %d:%d %d %s", header.Name, header.Mode, header.Uid, header.Gid, header.ModTime.Unix(), header.Linkname))
	}
	want := []string{"bin/ 755 0:0 0 ", "bin/alias 777 0:0 0 tool", "bin/tool 755 0:0 0 ", "note 644 0:0 0 ", "tmp/ 1777 0:0 0 "}
	if !slices.Equal(seen, want) {
		t.Errorf("%q, want %q", seen, want)
	}
}

func TestARegistryGivesBackWhatWasPushed(t *testing.T) {
	server := httptest.NewServer(registry.New(registry.Logger(log.New(io.Discard, "", 0))))
	defer server.Close()
	repository := strings.TrimPrefix(server.URL, "http://") + "/some/path/tool"
	path, digest := build(t, aRoot(t, time.Now()))
	must(t, push(path, repository))

	reference, err := name.NewDigest(repository + "@" + digest.String())
	must(t, err)
	index, err := remote.Index(reference)
	must(t, err)
	must(t, validate.Index(index))
	pulled, err := index.Digest()
	must(t, err)
	if pulled != digest {
		t.Errorf("pushed %s, pulled %s", digest, pulled)
	}
	for _, architecture := range []string{"amd64", "arm64"} {
		image, err := remote.Image(reference, remote.WithPlatform(v1.Platform{OS: "linux", Architecture: architecture}))
		must(t, err)
		file, err := image.ConfigFile()
		must(t, err)
		if file.Architecture != architecture || file.Config.User != "0" || file.Config.Env[0] != "LEAK=image-env" {
			t.Errorf("%s: unexpected configuration %+v", architecture, file)
		}
	}
}

func TestARecipeThatMakesNoSenseIsRefused(t *testing.T) {
	for _, args := range []string{"--layer .", "--env", "--colour red", "--env A=b"} {
		if err := makeLayout(filepath.Join(t.TempDir(), "layout"), strings.Fields(args)); err == nil {
			t.Errorf("%q was accepted", args)
		}
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
