package main

import (
	"archive/tar"
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/empty"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/tarball"
	"github.com/google/go-containerregistry/pkg/v1/types"
)

// recipe is an image to be: one configuration, and the layers of each platform.
type recipe struct {
	config    v1.Config
	platforms []platform
}

type platform struct {
	v1.Platform
	layers []string // folders, each the root of a file system
}

func parseRecipe(args []string) (recipe, error) {
	var r recipe
	if len(args)%2 != 0 {
		return r, fmt.Errorf("%s has no value", args[len(args)-1])
	}
	for ; len(args) > 0; args = args[2:] {
		switch flag, value := args[0], args[1]; flag {
		case "--env":
			r.config.Env = append(r.config.Env, value)
		case "--user":
			r.config.User = value
		case "--workdir":
			r.config.WorkingDir = value
		case "--entrypoint":
			r.config.Entrypoint = append(r.config.Entrypoint, value)
		case "--platform":
			parsed, err := v1.ParsePlatform(value)
			if err != nil {
				return r, err
			}
			r.platforms = append(r.platforms, platform{Platform: *parsed})
		case "--layer":
			if len(r.platforms) == 0 {
				return r, errors.New("--layer comes after the --platform it belongs to")
			}
			last := &r.platforms[len(r.platforms)-1]
			last.layers = append(last.layers, value)
		default:
			return r, fmt.Errorf("unknown flag %s", flag)
		}
	}
	if len(r.platforms) == 0 {
		return r, errors.New("an image needs at least one --platform")
	}
	return r, nil
}

func (r recipe) build() (v1.ImageIndex, error) {
	index := mutate.IndexMediaType(empty.Index, types.OCIImageIndex)
	for _, p := range r.platforms {
		image, err := r.image(p)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", p, err)
		}
		index = mutate.AppendManifests(index, mutate.IndexAddendum{Add: image, Descriptor: v1.Descriptor{Platform: &p.Platform}})
	}
	return index, nil
}

func (r recipe) image(p platform) (v1.Image, error) {
	image := mutate.ConfigMediaType(mutate.MediaType(empty.Image, types.OCIManifestSchema1), types.OCIConfigJSON)
	for _, folder := range p.layers {
		content, err := pack(folder)
		if err != nil {
			return nil, err
		}
		layer, err := tarball.LayerFromOpener(func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(content)), nil },
			tarball.WithMediaType(types.OCILayer), tarball.WithCompressedCaching)
		if err != nil {
			return nil, err
		}
		image, err = mutate.Append(image, mutate.Addendum{Layer: layer, MediaType: types.OCILayer,
			History: v1.History{CreatedBy: "corral " + filepath.Base(folder)}})
		if err != nil {
			return nil, err
		}
	}
	file, err := image.ConfigFile()
	if err != nil {
		return nil, err
	}
	file = file.DeepCopy()
	file.OS, file.Architecture, file.Variant = p.OS, p.Architecture, p.Variant
	file.Created = v1.Time{Time: time.Unix(0, 0).UTC()}
	file.Config = r.config
	return mutate.ConfigFile(image, file)
}

// pack makes a tar archive of a folder that depends on nothing but names, contents, links and the executable bits:
// sorted, owned by 0, from 1970, without set-user-id.
func pack(folder string) ([]byte, error) {
	var content bytes.Buffer
	archive := tar.NewWriter(&content)
	err := filepath.WalkDir(folder, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || path == folder {
			return err
		}
		relative, err := filepath.Rel(folder, path)
		if err != nil {
			return err
		}
		info, err := entry.Info()
		if err != nil {
			return err
		}
		header := &tar.Header{Name: filepath.ToSlash(relative), ModTime: time.Unix(0, 0), Mode: 0o644, Typeflag: tar.TypeReg, Format: tar.FormatPAX}
		switch {
		case info.IsDir():
			header.Name, header.Typeflag, header.Mode = header.Name+"/", tar.TypeDir, 0o755
			if info.Mode()&fs.ModeSticky != 0 {
				header.Mode = 0o1777
			}
			return archive.WriteHeader(header)
		case info.Mode()&fs.ModeSymlink != 0:
			header.Typeflag, header.Mode = tar.TypeSymlink, 0o777
			if header.Linkname, err = os.Readlink(path); err != nil {
				return err
			}
			return archive.WriteHeader(header)
		case !info.Mode().IsRegular():
			return fmt.Errorf("%s is neither a file, a folder nor a link", path)
		}
		if info.Mode()&0o111 != 0 {
			header.Mode = 0o755
		}
		bytes, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		header.Size = int64(len(bytes))
		if err := archive.WriteHeader(header); err != nil {
			return err
		}
		_, err = archive.Write(bytes)
		return err
	})
	if err == nil {
		err = archive.Close()
	}
	return content.Bytes(), err
}
