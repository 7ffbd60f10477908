package main

import (
	"bytes"
	"context"
	"errors"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"sync"

	"github.com/git-envelope/git-envelope/filter"
	"github.com/git-envelope/git-envelope/policy"
)

// attributes is what Git says of a path on check-in. Asking Git costs a round
// trip to another process for every file, more than sealing it, so that the
// ordinary case is decided here: a rule covers the path and nothing outranks the
// block that 'sync' wrote.
func (c *clone) attributes(ctx context.Context, name string) (filter.Attributes, error) {
	if c.undisturbed(ctx, name) {
		return filter.Attributes{Text: "unset", Ident: "unset", Encoding: "unset"}, nil
	}
	a, err := c.attrs.Get(ctx, name)
	if err != nil {
		return filter.Attributes{}, err
	}
	return filter.Attributes{Ring: a["envelope-ring"], Text: a["text"], CRLF: a["crlf"], EOL: a["eol"], Ident: a["ident"], Encoding: a["working-tree-encoding"]}, nil
}

// undisturbed remembers what it found out about the clone and its folders, for
// the one Git command that this process serves.
type undisturbed struct {
	mu    sync.Mutex
	asked bool
	block bool            // the block is the policy's, last in its file, and info/attributes is absent
	dirs  map[string]bool // no .gitattributes in the folder or above it, but for the top
}

// undisturbed tells whether the block alone decides about a path. By gitattributes(5)
// a line later in a file wins over one before it, a nested file over the one at
// the top, $GIT_DIR/info/attributes over them all; other files rank below.
func (c *clone) undisturbed(ctx context.Context, name string) bool {
	p, err := c.policies.CheckIn(ctx)
	if err != nil || p == nil || c.tree == nil {
		return false
	}
	if _, byRule := p.RingOf(name); !byRule {
		return false
	}
	u := &c.calm
	u.mu.Lock()
	defer u.mu.Unlock()
	if !u.asked {
		u.asked, u.block, u.dirs = true, c.blockRules(p), map[string]bool{".": true}
	}
	return u.block && c.noneNested(ctx, path.Dir(name))
}

func (c *clone) blockRules(p *policy.Policy) bool {
	if _, err := os.Lstat(filepath.Join(c.repo.CommonDir, "info", "attributes")); !errors.Is(err, fs.ErrNotExist) {
		return false
	}
	text, err := c.readTree(attrsPath)
	if err != nil {
		return false
	}
	have, last, err := policy.Block(text)
	if err != nil || !last {
		return false
	}
	want, err := p.Attributes()
	return err == nil && bytes.Equal(have, want)
}

// noneNested looks where Git does: in the work tree, and for a file that is
// missing there in the index.
func (c *clone) noneNested(ctx context.Context, dir string) bool {
	if known, ok := c.calm.dirs[dir]; ok {
		return known
	}
	file := path.Join(dir, attrsPath)
	_, err := c.tree.Lstat(filepath.FromSlash(file))
	index, indexErr := c.repo.IndexEntries(ctx)
	_, tracked := index[file]
	none := errors.Is(err, fs.ErrNotExist) && indexErr == nil && !tracked && c.noneNested(ctx, path.Dir(dir))
	c.calm.dirs[dir] = none
	return none
}
