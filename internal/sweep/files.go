package sweep

import (
	"context"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/git-envelope/git-envelope/internal/check"
)

// Stdin is the path that stands for standard input.
const Stdin = "-"

// Files searches files and folders of the disk, Git or not. Symbolic links are
// not followed: the text of a link is a content of its own. The .git folder of a
// repository is left out; --history is for what is in it.
func (s *Sweep) Files(ctx context.Context, paths []string, stdin io.Reader) (*Result, error) {
	r := new(Result)
	var names []string
	walk := func(yield func(check.Content, error) bool) {
		for _, path := range paths {
			if path == Stdin {
				if !yield(check.Content{Place: check.File, OID: Stdin, Name: "(standard input)", Read: stdin}, nil) {
					return
				}
				continue
			}
			if !s.walk(ctx, path, yield, &names) {
				return
			}
		}
		if len(names) > 0 {
			yield(check.Content{Place: check.FileNames, Read: strings.NewReader(nameList(names))}, nil)
		}
	}
	found, err := s.search(ctx, r, 0, walk)
	if err != nil {
		return nil, err
	}
	groups := byOID(append(found.Hits, s.filesByPath(r, names)...))
	for _, h := range groups[""] {
		name := names[h.Line-1]
		s.report(ctx, r, h, place{kind: "path-name", path: name, shown: without(name, h)})
	}
	for _, path := range keys(groups) {
		for _, h := range check.At(filepath.ToSlash(path), groups[path]) {
			h.OID = ""
			s.report(ctx, r, h, place{kind: kindOnDisk(path, h), path: h.Name})
		}
	}
	r.Findings = merge(r.Findings)
	return r, nil
}

// filesByPath reads those of the files again that a rule of paths is about.
func (s *Sweep) filesByPath(r *Result, names []string) []check.Hit {
	byPath := s.byPath()
	for _, name := range names {
		byPath.add(filepath.ToSlash(name), name)
	}
	return byPath.hits(r, func(yield func(check.Content, error) bool) {
		for _, name := range byPath.oids() {
			info, err := os.Lstat(name)
			if err != nil && !yield(check.Content{OID: name}, err) || err == nil && !s.file(name, info.Mode().Type(), yield) {
				return
			}
		}
	})
}

func kindOnDisk(path string, h check.Hit) string {
	if info, err := os.Lstat(path); err == nil && info.Mode()&fs.ModeSymlink != 0 {
		return "symlink"
	}
	if filepath.Base(path) == modules {
		return fileKind("file", h, func() (io.ReadCloser, error) { return os.Open(path) })
	}
	return "file"
}

// walk gives the files at and below a path; false: no more are wanted.
func (s *Sweep) walk(ctx context.Context, root string, yield func(check.Content, error) bool, names *[]string) bool {
	more := true
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err == nil {
			err = ctx.Err()
		}
		if err != nil {
			if more = yield(check.Content{OID: path}, err); !more || ctx.Err() != nil {
				return fs.SkipAll
			}
			if d != nil && d.IsDir() {
				return fs.SkipDir
			}
			return nil
		}
		if d.IsDir() {
			if d.Name() == ".git" && path != root {
				return fs.SkipDir
			}
			return nil
		}
		if d.Name() == ".git" || !s.Shard.has(filepath.ToSlash(path)) {
			return nil // of a linked worktree or a submodule
		}
		*names = append(*names, path)
		more = s.file(path, d.Type(), yield)
		if !more {
			return fs.SkipAll
		}
		return nil
	})
	if err != nil && more {
		more = yield(check.Content{OID: root}, err)
	}
	return more
}

// file gives one file. Devices, pipes and sockets hold nothing to be committed.
func (s *Sweep) file(path string, kind fs.FileMode, yield func(check.Content, error) bool) bool {
	content := check.Content{Place: check.File, OID: path, Name: path}
	switch {
	case kind&fs.ModeSymlink != 0:
		target, err := os.Readlink(path)
		if err != nil {
			return yield(content, err)
		}
		content.Read = strings.NewReader(target)
		return yield(content, nil)
	case !kind.IsRegular():
		return true
	}
	f, err := os.Open(path)
	if err != nil {
		return yield(content, err)
	}
	defer f.Close()
	if info, err := f.Stat(); err != nil || !info.Mode().IsRegular() {
		return yield(content, fmt.Errorf("open %s: it is no regular file any more", path))
	}
	content.Read = f
	return yield(content, nil)
}
