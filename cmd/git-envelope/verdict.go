package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/git-envelope/git-envelope/filter"
	"github.com/git-envelope/git-envelope/hooks"
	"github.com/git-envelope/git-envelope/internal/check"
	"github.com/git-envelope/git-envelope/internal/envelope"
	"github.com/git-envelope/git-envelope/internal/gitrepo"
	"github.com/git-envelope/git-envelope/internal/keyring"
	"github.com/git-envelope/git-envelope/internal/keys"
	"github.com/git-envelope/git-envelope/policy"
)

// verdict is what one judgement looked at and found.
type verdict struct {
	Findings []check.Finding
	Files    int
}

// parent is a commit's first parent, "" if it has none or rev is a tree. One that
// is not here (a shallow clone) leaves it undetermined whether protection was
// weakened.
func (c *clone) parent(ctx context.Context, rev string) (string, error) {
	parent, err := c.repo.Resolve(ctx, rev+"^1")
	if err == nil || !errors.Is(err, gitrepo.ErrMissing) {
		return parent, err
	}
	o, err := c.blobs.Open(ctx, rev+"^{}")
	if err != nil {
		return "", err
	}
	defer o.Close()
	text, err := readSmall(o, rev)
	if err != nil {
		return "", err
	}
	if head, _, _ := bytes.Cut(text, []byte("\n\n")); o.Type == "commit" && bytes.Contains(head, []byte("\nparent ")) {
		return "", withHint(fmt.Errorf("the parent of %s is not in this clone, so what changed cannot be judged", rev),
			"fetch it: 'git fetch --deepen=1', in GitHub Actions 'fetch-depth: 2'")
	}
	return "", nil
}

func (c *clone) treeChanges(ctx context.Context, base, rev string) ([]check.Change, error) {
	old := map[string]*check.Blob{}
	if base != "" {
		for e, err := range c.repo.TreeIter(ctx, base) {
			if err != nil {
				return nil, err
			}
			old[e.Path] = hooks.Blob(c.repo, e.Mode, e.OID)
		}
	}
	var changes []check.Change
	for e, err := range c.repo.TreeIter(ctx, rev) {
		if err != nil {
			return nil, err
		}
		was := old[e.Path]
		is := was // most are as they were
		if was == nil || was.OID != e.OID || was.Mode != e.Mode {
			is = hooks.Blob(c.repo, e.Mode, e.OID)
		}
		changes = append(changes, check.Change{Path: e.Path, Old: was, New: is})
		delete(old, e.Path)
	}
	for path, b := range old {
		changes = append(changes, check.Change{Path: path, Old: b})
	}
	return changes, nil
}

// judge runs the checker over changes from base to rev ("" as rev: the index).
func (j *judgement) judge(ctx context.Context, base, rev string, changes []check.Change) (*verdict, error) {
	checker := &check.Checker{Open: j.keyIfAny, RecipientID: func(r policy.Recipient) string { return fromPolicy(r).ID() }}
	var err error
	if base != "" {
		var done func() error
		if checker.Old, _, done, err = j.side(ctx, base); err != nil {
			return nil, err
		}
		defer func() { _ = done() }()
	}
	side, view, done, err := j.side(ctx, rev)
	if err != nil {
		return nil, err
	}
	defer func() { _ = done() }()
	checker.New, checker.RingOfKey = side, j.ringOfKey(view)
	return verdictBy(ctx, checker, changes)
}

// attributesFunc is check.Side.Attributed.
type attributesFunc = func(ctx context.Context, path string) (filter bool, ring string, err error)

// attributesOf asks for the attributes of all changed files at once.
func attributesOf(ctx context.Context, attrs *gitrepo.Attributes, changes []check.Change) (attributesFunc, error) {
	type answer struct {
		filter bool
		ring   string
	}
	known := make(map[string]answer, len(changes))
	paths := make([]string, len(changes))
	for i, ch := range changes {
		paths[i] = ch.Path
	}
	err := attrs.Each(ctx, paths, func(path string, a map[string]string) error {
		filter, ring := filtered(a)
		known[path] = answer{filter, ring}
		return nil
	})
	return func(_ context.Context, path string) (bool, string, error) {
		a, ok := known[path]
		if !ok {
			return false, "", fmt.Errorf("the attributes of %q were not asked for", path)
		}
		return a.filter, a.ring, nil
	}, err
}

// filtered is what attributes say of sealing: whether, and for which ring.
func filtered(a map[string]string) (is bool, ring string) {
	if ring = a["envelope-ring"]; !filter.Named(ring) {
		ring = ""
	}
	return a["filter"] == "envelope", ring
}

// verdictBy is the verdict of a checker that is ready.
func verdictBy(ctx context.Context, checker *check.Checker, changes []check.Change) (v *verdict, err error) {
	v = &verdict{Files: len(changes)}
	if v.Findings, err = checker.Weakened(ctx); err != nil {
		return nil, err
	}
	for _, ch := range changes {
		found, err := checker.Change(ctx, ch)
		if err != nil {
			return nil, err
		}
		v.Findings = append(v.Findings, found...)
	}
	return v, nil
}

// side is one state of the repository as the checker sees it: its own policy and
// attributes, whatever the work tree says.
func (j *judgement) side(ctx context.Context, rev string) (check.Side, *gitrepo.Repo, func() error, error) {
	var s check.Side
	var err error
	if s.Policy, err = j.policyOf(ctx, rev); err != nil {
		return s, nil, nil, err
	}
	view, done, err := j.repo.View(ctx, rev)
	if err != nil {
		return s, nil, nil, err
	}
	filtered, err := view.Filtered(ctx, "envelope")
	if err != nil {
		_ = done()
		return s, nil, nil, err
	}
	set := map[string]bool{}
	for _, e := range filtered {
		set[e.Path] = true
	}
	s.Attributed = attributed(view, s.Policy, set)
	return s, view, done, nil
}

// attributed answers for the attributes of a state. Of the paths that are in it,
// set has those that are filtered; for others, such as a file that is new on the
// other side, Git is asked.
func attributed(view *gitrepo.Repo, p *policy.Policy, set map[string]bool) attributesFunc {
	attrs := view.AttributesCached("filter", "envelope-ring")
	return func(ctx context.Context, path string) (bool, string, error) {
		there, err := view.IndexEntries(ctx)
		if err != nil {
			return false, "", err
		}
		if _, known := there[path]; known && !set[path] {
			return false, "", nil
		}
		if p != nil && set[path] {
			if _, ok := p.RingOf(path); ok {
				return true, "", nil // the rule decides the ring
			}
		}
		a, err := attrs.Get(ctx, path)
		if err != nil {
			return false, "", err
		}
		is, ring := filtered(a)
		return is, ring, nil
	}
}

// sideName is how errors name a state: the index has no name.
func sideName(rev string) string {
	switch {
	case rev == "":
		return "staged "
	case len(rev) >= 40:
		rev = rev[:10]
	}
	return rev + ":"
}

// ringOfKey looks key ids up among the wrapped-key files of that very state: a
// key that is not committed with the blob is of no use to anyone else.
func (c *clone) ringOfKey(view *gitrepo.Repo) func(context.Context, string) (string, error) {
	var rings map[string]string
	return func(ctx context.Context, id string) (string, error) {
		if rings == nil {
			files, err := c.keyFiles(ctx, view)
			if err != nil {
				return "", err
			}
			rings = map[string]string{}
			for _, e := range files {
				if err := c.noteRing(ctx, rings, e); err != nil {
					return "", err
				}
			}
		}
		if ring, ok := rings[id]; ok {
			return ring, nil
		}
		return "", check.ErrUnknownKey
	}
}

// keyFiles lists what is below keysDir in a view. The index was listed before, to
// look for sealed values.
func (c *clone) keyFiles(ctx context.Context, view *gitrepo.Repo) (files []gitrepo.IndexEntry, err error) {
	if view.IndexFile != c.repo.IndexFile {
		return view.Index(ctx, keysDir)
	}
	all, err := c.repo.IndexEntries(ctx)
	for path, e := range all {
		if strings.HasPrefix(path, keysDir+"/") {
			files = append(files, e)
		}
	}
	return files, err
}

// noteRing records the ring of one wrapped-key file, if the file is well-formed.
func (c *clone) noteRing(ctx context.Context, rings map[string]string, e gitrepo.IndexEntry) error {
	ring, id, _, err := keyring.ParsePath(e.Path)
	if err != nil {
		return nil
	}
	if _, known := rings[id.String()]; known {
		return nil
	}
	text, err := c.readObject(ctx, e.OID)
	if err != nil {
		return err
	}
	if _, err := keyring.ParseFile(e.Path, text); err == nil {
		rings[id.String()] = ring
	}
	return nil
}

// keyIfAny opens a key where that is possible here and now; the verdict does not
// need one.
func (c *clone) keyIfAny(ctx context.Context, id envelope.KeyID) (*envelope.Key, error) {
	if c.keyless {
		return nil, nil
	}
	kr, err := c.keyring()
	if err != nil {
		return nil, err
	}
	g, err := kr.Open(ctx, keys.ID(id), "")
	switch {
	case err == nil:
		return envelope.NewKey(id, g.Key.Bytes()), nil
	case isAny(err, keys.ErrNoAccess, keys.ErrLocked, keys.ErrUnknownKey, keys.ErrTransient):
		return nil, nil
	}
	return nil, fmt.Errorf("open key %s: %w", keys.ID(id).Short(), err)
}
