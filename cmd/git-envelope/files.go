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
	"path"
	"path/filepath"
	"slices"
	"strings"

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

// What a command that is killed can leave in the work tree: a file that was not
// renamed yet, and a folder of new keys.
const (
	tmpName   = ".tmp-git-envelope-"
	asideName = ".new-"
)

// sweep removes what commands left that were killed, and lists the wrapped-key files:
// some may be whole and not staged yet. A command that runs at the same time fails
// for that, and changes nothing.
func (c *clone) sweep() (keyFiles []string, err error) {
	tree := c.tree.FS()
	left, err := fs.Glob(tree, tmpName+"*") // beside .gitattributes
	if err != nil {
		return nil, err
	}
	err = fs.WalkDir(tree, path.Dir(policyPath), func(name string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && strings.HasPrefix(d.Name(), asideName):
			left = append(left, name)
			return fs.SkipDir
		case !d.IsDir() && strings.HasPrefix(d.Name(), tmpName):
			left = append(left, name)
		default:
			if _, _, _, err := keyring.ParsePath(name); err == nil && d.Type().IsRegular() {
				keyFiles = append(keyFiles, name)
			}
		}
		return nil
	})
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	for _, name := range left {
		if err := c.tree.RemoveAll(filepath.FromSlash(name)); err != nil {
			return nil, err
		}
	}
	return keyFiles, nil
}

// writeIn replaces a file below root as a whole: it writes a neighbour and
// renames it. root keeps links from leading out.
func writeIn(root *os.Root, name string, data []byte) (err error) {
	if err := root.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		return err
	}
	tmp := filepath.Join(filepath.Dir(name), tmpName+rand.Text())
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
// that, and key files that a command wrote before it was killed. If either fails,
// they are put back as they were.
func (c *clone) put(ctx context.Context, files []keyring.File) error {
	paths, err := c.takeUp(ctx, files)
	if err != nil {
		return err
	}
	index, err := c.repo.IndexEntries(ctx)
	if err != nil {
		return err
	}
	for _, f := range files {
		if _, tracked := index[f.Path]; tracked || f.Data != nil { // git add refuses what is nowhere
			paths = append(paths, f.Path)
		}
	}
	if len(paths) == 0 {
		return nil
	}
	return c.replace(files, func() error { return c.repo.Stage(ctx, paths) })
}

// takeUp sweeps, and lists the wrapped-key files that are there beside those of a
// command. It tells of those that are not tracked: nothing in them says whether a
// command was killed or somebody put them there, who would know their key.
func (c *clone) takeUp(ctx context.Context, files []keyring.File) (paths []string, err error) {
	if paths, err = c.sweep(); err != nil {
		return nil, err
	}
	named := map[string]bool{}
	for _, f := range files {
		named[f.Path] = true
	}
	paths = slices.DeleteFunc(paths, func(path string) bool { return named[path] })
	index, err := c.repo.IndexEntries(ctx)
	if err != nil {
		return nil, err
	}
	found := slices.DeleteFunc(slices.Clone(paths), func(path string) bool { _, tracked := index[path]; return tracked })
	if len(found) > 0 {
		c.warningf("staged too, as a command that was killed leaves them: %s not tracked before, the first is %s; if you know of no such command, take them out again", plural(len(found), "wrapped key"), show(found[0]))
	}
	return paths, nil
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
