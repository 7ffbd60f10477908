package main

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"path/filepath"

	"github.com/git-envelope/git-envelope/filter"
	"github.com/git-envelope/git-envelope/internal/envelope"
	"github.com/git-envelope/git-envelope/internal/gitrepo"
	"github.com/git-envelope/git-envelope/internal/keys"
	"github.com/git-envelope/git-envelope/policy"
)

// coveredFile is a tracked file that is to be sealed: a rule of the policy says
// so, or Git's attributes do.
type coveredFile struct {
	entry  gitrepo.IndexEntry
	ring   string // "" if none can be decided
	rule   bool   // a rule of the policy covers it
	filter bool   // Git gives it to our filter
	stored stored
}

// stored is what a blob's beginning tells.
type stored struct {
	size  int64
	magic bool    // begins as a sealed blob does
	id    keys.ID // of a well-formed header
	err   error   // a header that is not well-formed
}

func (f coveredFile) sealed() bool { return f.stored.magic && f.stored.err == nil }

// covered lists the tracked files that are to be sealed, in index order. Links
// and submodules are not among them: Git filters neither.
func (c *clone) covered(ctx context.Context) ([]coveredFile, error) {
	p, err := c.policies.CheckIn(ctx)
	if err != nil {
		return nil, err
	}
	entries, err := c.repo.Index(ctx)
	if err != nil {
		return nil, err
	}
	filtered, err := c.filtered(ctx)
	if err != nil {
		return nil, err
	}
	var out []coveredFile
	for _, e := range entries {
		if e.Stage != 0 || e.IntentToAdd || !gitrepo.IsFile(e.Mode) || policy.Reserved(e.Path) {
			continue
		}
		f := coveredFile{entry: e, filter: filtered[e.Path]}
		if p != nil {
			f.ring, f.rule = p.RingOf(e.Path)
		}
		if !f.rule && !f.filter {
			continue
		}
		if !f.rule && p != nil {
			if f.ring, err = c.ringByAttribute(ctx, e.Path); err != nil {
				return nil, err
			}
		}
		if f.stored, err = c.head(ctx, e.OID); err != nil {
			return nil, err
		}
		out = append(out, f)
	}
	return out, nil
}

// filtered is the set of tracked paths whose attribute is filter=envelope: Git's
// own answer, in one call.
func (c *clone) filtered(ctx context.Context) (map[string]bool, error) {
	entries, err := c.repo.Filtered(ctx, "envelope")
	if err != nil {
		return nil, err
	}
	m := make(map[string]bool, len(entries))
	for _, e := range entries {
		m[e.Path] = true
	}
	return m, nil
}

// ringByAttribute decides the ring of a path that no rule covers; "" if nothing does.
func (c *clone) ringByAttribute(ctx context.Context, path string) (string, error) {
	p, err := c.policies.CheckIn(ctx)
	if err != nil || p == nil {
		return "", err
	}
	attrs, err := c.attributes(ctx, path)
	if err != nil {
		return "", err
	}
	ring, err := filter.Choose(p, path, attrs.Ring)
	if err != nil {
		return "", nil
	}
	return ring, nil
}

// head looks at the beginning of a stored blob.
func (c *clone) head(ctx context.Context, oid string) (stored, error) {
	o, err := c.blobs.Open(ctx, oid)
	if err != nil {
		return stored{}, err
	}
	defer o.Close()
	s, err := readHead(o)
	s.size = o.Size
	return s, err
}

func readHead(r io.Reader) (stored, error) {
	b := make([]byte, envelope.HeaderSize)
	n, err := io.ReadFull(r, b)
	if err != nil && err != io.EOF && err != io.ErrUnexpectedEOF {
		return stored{}, err
	}
	s := stored{magic: envelope.IsSealed(b[:n])}
	if s.magic {
		h, err := envelope.ParseHeader(b[:n])
		s.id, s.err = keys.ID(h.KeyID), err
	}
	return s, nil
}

// headOf is what a blob's beginning tells, or why it cannot be read.
type headOf struct {
	stored
	err error
}

// wholeUpTo is the size up to which a blob is read whole for its beginning: git
// gives it with the others. Of a larger one only that is read.
const wholeUpTo = 64 << 10

// heads looks at the beginning of many blobs, at each once.
func (c *clone) heads(ctx context.Context, blobs []string) (map[string]headOf, error) {
	heads := make(map[string]headOf, len(blobs))
	var oids, small, rest []string
	for _, oid := range blobs {
		if _, seen := heads[oid]; !seen {
			heads[oid] = headOf{}
			oids = append(oids, oid)
		}
	}
	sizes, _ := c.repo.Sizes(ctx, oids) // what it does not tell is asked for one by one
	for _, oid := range oids {
		if size, known := sizes[oid]; known && size <= wholeUpTo {
			small = append(small, oid)
		} else {
			rest = append(rest, oid)
		}
	}
	for o, err := range c.repo.ObjectsOf(ctx, small) {
		if err != nil && o.OID == "" {
			return nil, err
		}
		head := headOf{err: err}
		if err == nil {
			head.stored, head.err = readHead(o)
			head.size = o.Size
		}
		heads[o.OID] = head
	}
	for _, oid := range rest {
		head, err := c.head(ctx, oid)
		if err != nil && ctx.Err() != nil {
			return nil, err
		}
		heads[oid] = headOf{head, err}
	}
	return heads, ctx.Err()
}

// treeState is what the work tree has at a path.
type treeState string

const (
	treeAbsent treeState = "absent"
	treeSealed treeState = "locked"   // ciphertext
	treePlain  treeState = "unlocked" // plaintext
	treeOther  treeState = "replaced" // a folder, a link, something unreadable
)

// treeState looks at the beginning of a file in the work tree, without
// following a link.
func (c *clone) treeState(path string) treeState {
	name := filepath.FromSlash(path)
	info, err := c.tree.Lstat(name)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return treeAbsent
	case err != nil || !info.Mode().IsRegular():
		return treeOther
	}
	f, err := c.tree.Open(name)
	if err != nil {
		return treeOther
	}
	defer f.Close()
	s, err := readHead(f)
	switch {
	case err != nil:
		return treeOther
	case s.magic:
		return treeSealed
	}
	return treePlain
}
