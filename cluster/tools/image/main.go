// Command image makes, pushes and serves container images without a container engine.
//
//	image make LAYOUT [--env NAME=VALUE]… [--user ID] [--workdir DIR] [--entrypoint WORD]… {--platform OS/ARCH --layer DIR…}…
//	image digest LAYOUT
//	image push LAYOUT HOST/PATH/NAME
//	image registry HOST:PORT
//
// What an image is called by, everywhere, is the digest of its index over all platforms: the same files give the same digest.
package main

import (
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"

	"github.com/google/go-containerregistry/pkg/authn"
	"github.com/google/go-containerregistry/pkg/name"
	"github.com/google/go-containerregistry/pkg/registry"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/empty"
	"github.com/google/go-containerregistry/pkg/v1/layout"
	"github.com/google/go-containerregistry/pkg/v1/remote"
)

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "image:", err)
		os.Exit(1)
	}
}

func run(args []string) error {
	switch {
	case len(args) > 2 && args[0] == "make":
		return makeLayout(args[1], args[2:])
	case len(args) == 2 && args[0] == "digest":
		_, digest, err := readLayout(args[1])
		fmt.Println(digest)
		return err
	case len(args) == 3 && args[0] == "push":
		return push(args[1], args[2])
	case len(args) == 2 && args[0] == "registry":
		return serve(args[1])
	}
	return errors.New("usage: image make LAYOUT … | digest LAYOUT | push LAYOUT HOST/PATH/NAME | registry HOST:PORT")
}

func makeLayout(path string, args []string) error {
	recipe, err := parseRecipe(args)
	if err != nil {
		return err
	}
	index, err := recipe.build()
	if err != nil {
		return err
	}
	digest, err := writeLayout(path, index)
	if err == nil {
		fmt.Println(digest)
	}
	return err
}

// writeLayout makes a folder anew that holds exactly one image index.
func writeLayout(path string, index v1.ImageIndex) (v1.Hash, error) {
	if err := os.RemoveAll(path); err != nil {
		return v1.Hash{}, err
	}
	target, err := layout.Write(path, empty.Index)
	if err != nil {
		return v1.Hash{}, err
	}
	if err := target.AppendIndex(index); err != nil {
		return v1.Hash{}, err
	}
	return index.Digest()
}

func readLayout(path string) (v1.ImageIndex, v1.Hash, error) {
	outer, err := layout.ImageIndexFromPath(path)
	if err != nil {
		return nil, v1.Hash{}, err
	}
	manifest, err := outer.IndexManifest()
	if err != nil {
		return nil, v1.Hash{}, err
	}
	if len(manifest.Manifests) != 1 {
		return nil, v1.Hash{}, fmt.Errorf("%s holds %d images instead of one", path, len(manifest.Manifests))
	}
	digest := manifest.Manifests[0].Digest
	index, err := outer.ImageIndex(digest)
	return index, digest, err
}

// push sends an image to where it is asked for by digest; who may do so is read from the user's Docker configuration.
func push(path, repository string) error {
	index, digest, err := readLayout(path)
	if err != nil {
		return err
	}
	target, err := name.NewRepository(repository, name.StrictValidation)
	if err != nil {
		return err
	}
	reference := target.Digest(digest.String())
	if err := remote.WriteIndex(reference, index, remote.WithAuthFromKeychain(authn.DefaultKeychain)); err != nil {
		return err
	}
	fmt.Println(reference)
	return nil
}

// serve is a registry for tests: in memory, without passwords.
func serve(address string) error {
	listener, err := net.Listen("tcp", address)
	if err != nil {
		return err
	}
	fmt.Println(listener.Addr())
	return http.Serve(listener, registry.New())
}
