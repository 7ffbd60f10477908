package main

import (
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
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
