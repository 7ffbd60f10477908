package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync"

	"github.com/git-envelope/git-envelope/filter"
	"github.com/git-envelope/git-envelope/internal/gitrepo"
	"github.com/git-envelope/git-envelope/internal/keyring"
	"github.com/git-envelope/git-envelope/internal/keys"
	"github.com/git-envelope/git-envelope/policy"
)

// Where things are in a repository.
const (
	policyPath = ".envelope/policy.yaml"
	keysDir    = ".envelope/keys"
	attrsPath  = ".gitattributes"
)

// maxSmallFile bounds what is read whole from the repository: policy,
// attributes, key files.
const maxSmallFile = 1 << 20

// clone is one opened repository with its policy, keys and filter. Everything
// beyond the repository itself is made when first asked for.
type clone struct {
	*app
	repo  *gitrepo.Repo
	blobs *gitrepo.Blobs
	tree  *os.Root // work tree; nil if bare

	providers func() (*keys.Registry, error)
	keyring   func() (*keyring.Keyring, error)
	keyAgent  func() (*keyAgent, error)
	locked    func() (lockState, error)
	policies  *policies
	attrs     *gitrepo.Attributes
	calm      undisturbed
	offline   bool // key services are not asked
	keyless   bool // no key is opened at all
}

// open finds the repository around the current folder.
func (a *app) open(ctx context.Context) (*clone, error) {
	repo, err := gitrepo.Open(ctx, ".")
	if errors.Is(err, gitrepo.ErrNotRepository) {
		return nil, withHint(err, "run it inside a Git repository, or make one with 'git init'")
	}
	if err != nil {
		return nil, err
	}
	c := &clone{app: a, repo: repo, blobs: repo.Blobs()}
	if repo.WorkTree != "" {
		if c.tree, err = os.OpenRoot(repo.WorkTree); err != nil {
			return nil, fmt.Errorf("open the work tree: %w", err)
		}
	}
	c.attrs = repo.Attributes("filter", "envelope-ring", "text", "crlf", "eol", "ident", "working-tree-encoding")
	c.policies = &policies{clone: c, byTree: map[string]*policy.Policy{}}
	c.locked = sync.OnceValues(c.readLocked)
	c.providers = sync.OnceValues(func() (*keys.Registry, error) { return c.newProviders(ctx) })
	c.keyring = sync.OnceValues(func() (*keyring.Keyring, error) { return c.newKeyring(ctx) })
	c.keyAgent = sync.OnceValues(func() (*keyAgent, error) { return c.newKeyAgent(ctx) })
	return c, nil
}

// openTree is open for commands that need a work tree.
func (a *app) openTree(ctx context.Context) (*clone, error) {
	c, err := a.open(ctx)
	if err == nil && c.tree == nil {
		c.Close()
		return nil, usage(errors.New("this repository is bare"), "run it in a clone with a work tree")
	}
	return c, err
}

// openPolicy is openTree for commands that cannot do without a policy.
func (a *app) openPolicy(ctx context.Context) (*clone, *policy.Policy, error) {
	c, err := a.openTree(ctx)
	if err != nil {
		return nil, nil, err
	}
	p, err := c.policy(ctx)
	if err != nil {
		c.Close()
		return nil, nil, err
	}
	return c, p, nil
}

// policy is the one in force, which must be there.
func (c *clone) policy(ctx context.Context) (*policy.Policy, error) {
	p, err := c.policies.CheckIn(ctx)
	if err == nil && p == nil {
		err = usage(errors.New("this repository has no "+policyPath), "run 'git envelope init'")
	}
	return p, err
}

// Close ends the git processes.
func (c *clone) Close() {
	_ = c.repo.Close()
	if c.tree != nil {
		_ = c.tree.Close()
	}
}

// state is a file below the folder this clone keeps for itself.
func (c *clone) state(name ...string) string {
	return filepath.Join(append([]string{c.repo.CommonDir, "envelope"}, name...)...)
}

// filter wires the filter of this clone.
func (c *clone) filter() *filter.Filter {
	return filter.New(filter.Config{
		Keys:       lazyKeyring{c},
		Policies:   c.policies,
		Attributes: c.attributes,
		Previous:   c.previousBlob,
		Others:     c.otherBlobs,
		DelayAfter: delayAfter,
	})
}

// lazyKeyring puts off everything that keys need until a key is needed.
type lazyKeyring struct{ c *clone }

func (l lazyKeyring) Open(ctx context.Context, id keys.ID, treeish string) (keys.Generation, error) {
	k, err := l.c.keyring()
	if err != nil {
		return keys.Generation{}, err
	}
	return k.Open(ctx, id, treeish)
}

func (l lazyKeyring) Find(ctx context.Context, id keys.ID, treeish string) (string, error) {
	k, err := l.c.keyring()
	if err != nil {
		return "", err
	}
	return k.Find(ctx, id, treeish)
}

func (l lazyKeyring) Current(ctx context.Context, ring string) (keys.Generation, error) {
	k, err := l.c.keyring()
	if err != nil {
		return keys.Generation{}, err
	}
	return k.Current(ctx, ring)
}

// previousBlob is the blob the index has for a path, nil if it has none.
func (c *clone) previousBlob(ctx context.Context, path string) (*filter.Blob, error) {
	index, err := c.repo.IndexEntries(ctx)
	if err != nil {
		return nil, err
	}
	e, ok := index[path]
	if !ok || e.IntentToAdd || !gitrepo.IsFile(e.Mode) {
		return nil, nil
	}
	return c.blob(ctx, e.OID)
}

// otherBlobs are the blob HEAD has for a path that the index has with another one,
// or those of both sides of its conflict.
func (c *clone) otherBlobs(ctx context.Context, path string) (blobs []*filter.Blob, err error) {
	index, err := c.repo.IndexEntries(ctx)
	if err != nil || strings.Contains(path, "\n") { // Git can't be asked for it by name
		return nil, err
	}
	e, ok := index[path]
	specs := []string{"HEAD:" + path}
	if !ok {
		unmerged, err := c.repo.Unmerged(ctx)
		if err != nil || !unmerged[path] {
			return nil, err
		}
		specs = []string{":2:" + path, ":3:" + path}
	}
	for _, spec := range specs {
		o, err := c.blobs.Stat(ctx, spec)
		if errors.Is(err, gitrepo.ErrMissing) || err == nil && o.OID == e.OID {
			continue
		}
		if err != nil {
			return nil, err
		}
		blob, err := c.blob(ctx, o.OID)
		if err != nil {
			return nil, err
		}
		blobs = append(blobs, blob)
	}
	return blobs, nil
}

// blob is a stored blob as the filter takes it.
func (c *clone) blob(ctx context.Context, oid string) (*filter.Blob, error) {
	o, err := c.blobs.Open(ctx, oid)
	if err != nil {
		return nil, err
	}
	if o.Size <= maxSmallFile { // it is looked at up to three times, and asked for once
		defer o.Close()
		b, err := io.ReadAll(o)
		if err != nil {
			return nil, err
		}
		return &filter.Blob{Size: o.Size, Open: func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(b)), nil }}, nil
	}
	return &filter.Blob{Size: o.Size, Open: func() (io.ReadCloser, error) { return c.blobs.Open(ctx, oid) }}, o.Close()
}

// readTree reads a small file of the work tree; fs.ErrNotExist if it is absent.
// os.Root keeps a symbolic link from leading out of it.
func (c *clone) readTree(path string) ([]byte, error) {
	f, err := c.tree.Open(filepath.FromSlash(path))
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return readSmall(f, path)
}

func readSmall(r io.Reader, name string) ([]byte, error) {
	b, err := io.ReadAll(io.LimitReader(r, maxSmallFile+1))
	if err == nil && len(b) > maxSmallFile {
		err = fmt.Errorf("%s is larger than %d bytes", name, maxSmallFile)
	}
	return b, err
}

// readObject reads a small blob by object name or REV:path; nil if there is none.
func (c *clone) readObject(ctx context.Context, spec string) ([]byte, error) {
	o, err := c.blobs.Open(ctx, spec)
	if errors.Is(err, gitrepo.ErrMissing) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	defer o.Close()
	if o.Type != "blob" {
		return nil, fmt.Errorf("%s is a %s, not a file", spec, o.Type)
	}
	return readSmall(o, spec)
}
