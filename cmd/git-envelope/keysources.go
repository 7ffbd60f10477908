package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"
	"sync"
	"syscall"

	"github.com/git-envelope/git-envelope/internal/gitrepo"
	"github.com/git-envelope/git-envelope/internal/keyring"
	"github.com/git-envelope/git-envelope/internal/keys"
)

// maxRefs bounds the last resort of looking for a key.
const maxRefs = 2_000

// keySources finds wrapped-key files in the order of DESIGN §2: work tree,
// index, the treeish being checked out, HEAD, this clone's cache, any ref. Git
// may smudge a file before the key files of that commit are on disk.
type keySources struct {
	c     *clone
	mu    sync.Mutex
	trees map[string]objects // by treeish; "" is the index
}

// objects are the key files of one tree: path to object name.
type objects map[string]string

func newKeySources(c *clone) *keySources { return &keySources{c: c, trees: map[string]objects{}} }

func (s *keySources) all() []keyring.Source {
	return []keyring.Source{
		source{"the work tree", func(_ context.Context, id keys.ID, _ string) ([]keyring.File, error) {
			return s.folder(s.c.tree, keysDir, id.String())
		}},
		source{"the index", func(ctx context.Context, id keys.ID, _ string) ([]keyring.File, error) { return s.treeish(ctx, "", id) }},
		source{"the tree being checked out", func(ctx context.Context, id keys.ID, treeish string) ([]keyring.File, error) {
			if treeish == "" {
				return nil, nil
			}
			return s.treeish(ctx, treeish, id)
		}},
		source{"HEAD", func(ctx context.Context, id keys.ID, _ string) ([]keyring.File, error) {
			return s.treeish(ctx, "HEAD", id)
		}},
		source{"this clone's cache", func(_ context.Context, id keys.ID, _ string) ([]keyring.File, error) { return s.cache(id) }},
		lastResort{source{"any ref", func(ctx context.Context, id keys.ID, _ string) ([]keyring.File, error) { return s.refs(ctx, id) }}},
	}
}

// source is a keyring.Source made of a function.
type source struct {
	name   string
	lookup func(context.Context, keys.ID, string) ([]keyring.File, error)
}

// lastResort is a source that is asked only for keys that no other one knows.
type lastResort struct{ source }

func (lastResort) LastResort() {}

func (s source) Name() string { return s.name }

func (s source) Lookup(ctx context.Context, id keys.ID, treeish string) ([]keyring.File, error) {
	return s.lookup(ctx, id, treeish)
}

// Generations lists every key file of a ring where clean looks for the current
// one: the work tree, then the index.
func (s *keySources) Generations(ctx context.Context, ring string) ([]keyring.File, error) {
	var files []keyring.File
	if s.c.tree != nil {
		var err error
		if files, err = s.glob(s.c.tree, path.Join(keysDir, ring, "*", "*.json")); err != nil {
			return nil, err
		}
	}
	index, err := s.match(ctx, "", func(p string) bool { return strings.HasPrefix(p, path.Join(keysDir, ring)+"/") })
	return append(files, index...), err
}

func (s *keySources) folder(root *os.Root, dir, id string) ([]keyring.File, error) {
	if root == nil {
		return nil, nil
	}
	return s.glob(root, path.Join(dir, "*", id, "*.json"))
}

func (s *keySources) glob(root *os.Root, pattern string) ([]keyring.File, error) {
	names, err := fs.Glob(root.FS(), pattern)
	if err != nil {
		return nil, err
	}
	if len(names) > keyring.MaxRingFiles {
		return nil, fmt.Errorf("%s: more than %d files", pattern, keyring.MaxRingFiles)
	}
	var files []keyring.File
	for _, name := range names {
		b, err := fs.ReadFile(limited{root.FS()}, name)
		if err != nil {
			return nil, fmt.Errorf("read a wrapped key: %w", err)
		}
		files = append(files, keyring.File{Path: name, Data: b})
	}
	return files, nil
}

// limited refuses files larger than maxSmallFile.
type limited struct{ fs.FS }

func (l limited) ReadFile(name string) ([]byte, error) {
	f, err := l.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return readSmall(f, name)
}

// treeish looks in a tree, or in the index for "".
func (s *keySources) treeish(ctx context.Context, treeish string, id keys.ID) ([]keyring.File, error) {
	part := "/" + id.String() + "/"
	return s.match(ctx, treeish, func(p string) bool { return strings.Contains(p, part) })
}

func (s *keySources) match(ctx context.Context, treeish string, want func(path string) bool) ([]keyring.File, error) {
	all, err := s.list(ctx, treeish)
	if err != nil {
		return nil, err
	}
	var files []keyring.File
	for name, oid := range all {
		if !want(name) {
			continue
		}
		b, err := s.c.readObject(ctx, oid)
		if err != nil {
			return nil, fmt.Errorf("read a wrapped key: %w", err)
		}
		if b != nil {
			files = append(files, keyring.File{Path: name, Data: b})
		}
	}
	return files, nil
}

func (s *keySources) list(ctx context.Context, treeish string) (objects, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if found, ok := s.trees[treeish]; ok {
		return found, nil
	}
	found := objects{}
	if treeish == "" {
		entries, err := s.c.repo.Index(ctx, keysDir)
		if err != nil {
			return nil, err
		}
		for _, e := range entries {
			found[e.Path] = e.OID
		}
	} else {
		for e, err := range s.c.repo.TreeIter(ctx, treeish, keysDir) {
			if errors.Is(err, gitrepo.ErrMissing) {
				break
			}
			if err != nil {
				return nil, err
			}
			found[e.Path] = e.OID
		}
	}
	s.trees[treeish] = found
	return found, nil
}

// refs is the last resort: the tips of all refs.
func (s *keySources) refs(ctx context.Context, id keys.ID) ([]keyring.File, error) {
	refs, err := s.c.repo.Refs(ctx)
	if err != nil {
		return nil, err
	}
	seen := map[string]bool{}
	for _, ref := range refs[:min(len(refs), maxRefs)] {
		if seen[ref.OID] {
			continue
		}
		seen[ref.OID] = true
		files, err := s.treeish(ctx, ref.OID, id)
		if err == nil && len(files) > 0 {
			return files, nil
		}
	}
	return nil, nil
}

// cache looks among the key files that opened in this clone before.
func (s *keySources) cache(id keys.ID) ([]keyring.File, error) {
	root, err := os.OpenRoot(s.c.state("keys"))
	if err != nil {
		return nil, nil // no cache yet
	}
	defer root.Close()
	files, err := s.folder(root, ".", id.String())
	for i := range files {
		files[i].Path = path.Join(keysDir, files[i].Path)
	}
	return files, err
}

// rememberKey puts a wrapped-key file that opened into this clone's cache. It is
// as public there as in the repository. A clone that cannot be written to works
// without a cache.
func (c *clone) rememberKey(f keyring.File) error {
	rel, ok := strings.CutPrefix(f.Path, keysDir+"/")
	if !ok || !filepath.IsLocal(filepath.FromSlash(rel)) {
		return nil
	}
	name := c.state("keys", filepath.FromSlash(rel))
	if old, err := os.ReadFile(name); err == nil && string(old) == string(f.Data) {
		return nil
	}
	err := writeFile(name, f.Data)
	if errors.Is(err, fs.ErrPermission) || errors.Is(err, syscall.EROFS) {
		return nil
	}
	return err
}
