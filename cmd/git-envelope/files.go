package main

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/git-envelope/git-envelope/internal/keyring"
)

// copyOut prints content that is not text of ours.
func copyOut(w io.Writer, r io.Reader) error {
	_, err := io.Copy(w, r)
	return err
}

// writeFile replaces a file as a whole, or leaves it as it was. Missing folders
// are made. It is for files of this clone, below .git; see writeIn for the work
// tree, where a link could lead elsewhere.
func writeFile(name string, data []byte) error {
	dir := filepath.Dir(name)
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return err
	}
	defer root.Close()
	return writeIn(root, filepath.Base(name), data)
}

// writeIn replaces a file below root as a whole: it writes a neighbour and
// renames it. root keeps links from leading out.
func writeIn(root *os.Root, name string, data []byte) (err error) {
	if err := root.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		return err
	}
	tmp := filepath.Join(filepath.Dir(name), ".tmp-git-envelope-"+rand.Text())
	f, err := root.OpenFile(tmp, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			_ = root.Remove(tmp)
		}
	}()
	_, err = f.Write(data)
	if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
		return fmt.Errorf("write %s: %w", name, err)
	}
	return root.Rename(tmp, name)
}

// put writes files into the work tree, or removes those without data, and stages
// that. If either fails, they are
// put back as they were.
func (c *clone) put(ctx context.Context, files []keyring.File) error {
	if len(files) == 0 {
		return nil
	}
	index, err := c.repo.IndexEntries(ctx)
	if err != nil {
		return err
	}
	var paths []string
	for _, f := range files {
		if _, tracked := index[f.Path]; tracked || f.Data != nil { // git add refuses what is nowhere
			paths = append(paths, f.Path)
		}
	}
	return c.replace(files, func() error { return c.repo.Stage(ctx, paths) })
}

// replace writes files into the work tree (nil data removes one) and does what
// needs them there. If either fails, they are put back as they were.
func (c *clone) replace(files []keyring.File, do func() error) (err error) {
	var old []keyring.File
	defer func() {
		for i := 0; err != nil && i < len(old); i++ {
			err = errors.Join(err, c.writeTree(old[i].Path, old[i].Data))
		}
	}()
	for _, f := range files {
		before, err := c.readTree(f.Path)
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
		old = append(old, keyring.File{Path: f.Path, Data: before})
		if err := c.writeTree(f.Path, f.Data); err != nil {
			return err
		}
	}
	return do()
}

// writeTree replaces a file of the work tree; nil removes it. Nothing is written
// where nothing changes.
func (c *clone) writeTree(path string, data []byte) error {
	old, err := c.readTree(path)
	if err == nil && bytes.Equal(old, data) && data != nil {
		return nil
	}
	if data == nil {
		if err := c.tree.Remove(filepath.FromSlash(path)); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
		return nil
	}
	return writeIn(c.tree, filepath.FromSlash(path), data)
}
