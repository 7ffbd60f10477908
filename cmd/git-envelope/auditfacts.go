package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/git-envelope/git-envelope/filter"
	"github.com/git-envelope/git-envelope/internal/audit"
	"github.com/git-envelope/git-envelope/internal/gitrepo"
	"github.com/git-envelope/git-envelope/internal/keyring"
	"github.com/git-envelope/git-envelope/internal/keys"
	"github.com/git-envelope/git-envelope/policy"
)

// auditor collects what an audit judges: of the index and the work tree, or of
// one commit.
type auditor struct {
	*clone
	rev    string         // the commit; "" is the index
	state  *gitrepo.Repo  // the repository as that state has it
	policy *policy.Policy // of that state
	facts  audit.Facts
	known  map[string]bool   // wrapped-key files of that state, by path
	names  map[string]string // of rings: what they are called now
}

// audited is the report on a revision, or on the index for "".
func (a *app) audited(ctx context.Context, rev string) (*audit.Report, error) {
	c, err := a.open(ctx)
	if err != nil {
		return nil, err
	}
	defer c.Close()
	d, done, err := c.newAuditor(ctx, rev)
	if err != nil {
		return nil, err
	}
	defer done()
	if err := d.present(ctx); err != nil {
		return nil, err
	}
	h, err := d.history(ctx)
	if err != nil {
		return nil, err
	}
	r := audit.Build(d.facts)
	if len(r.Removed) == 0 {
		return r, nil // nobody's past matters
	}
	if err := d.past(ctx, h); err != nil {
		return nil, err
	}
	return audit.Build(d.facts), nil
}

func (c *clone) newAuditor(ctx context.Context, rev string) (d *auditor, done func(), err error) {
	d, done = &auditor{clone: c, state: c.repo, known: map[string]bool{}, names: map[string]string{}}, func() {}
	d.facts = audit.Facts{State: rev, Now: c.now(), Recipients: map[string]audit.Recipient{}}
	if rev == "" {
		if c.tree == nil {
			return nil, nil, usage(errors.New("this repository is bare"), "say what to look at: git envelope audit --rev HEAD")
		}
		d.policy, err = c.policies.CheckIn(ctx)
		if head, born, headErr := c.repo.Head(ctx); born {
			d.facts.Head, err = head, errors.Join(err, headErr)
		}
	} else {
		d.rev, err = c.repo.Resolve(ctx, rev+"^{commit}")
		if errors.Is(err, gitrepo.ErrMissing) {
			return nil, nil, usage(fmt.Errorf("there is no commit %s", show(rev)), "name a commit, a branch or a tag")
		}
		if err == nil {
			d.facts.Head = d.rev
			d.policy, err = c.policies.fromObject(ctx, d.rev+":"+policyPath)
		}
	}
	if err == nil && d.policy == nil {
		err = usage(errors.New("there is no "+policyPath+" to audit"), "run 'git envelope init'")
	}
	if err == nil && d.rev != "" {
		var end func() error
		if d.state, end, err = c.repo.View(ctx, d.rev); err == nil {
			done = func() { _ = end() }
		}
	}
	return d, done, err
}

// present collects rings, keys and files of the state.
func (d *auditor) present(ctx context.Context) error {
	d.facts.Repository = d.policy.Repository
	for _, ring := range d.policy.Rings {
		r := audit.Ring{Name: ring.Name, RotateEvery: ring.RotateEvery, Require: ring.Require}
		for _, rec := range ring.Recipients {
			r.Recipients = append(r.Recipients, d.recipient(fromPolicy(rec)))
		}
		d.facts.Rings = append(d.facts.Rings, r)
	}
	if err := d.generations(ctx); err != nil {
		return err
	}
	files, err := d.covered(ctx)
	if err != nil {
		return err
	}
	d.facts.Files, err = d.stored(ctx, files)
	return err
}

// recipient notes a recipient and gives its id.
func (d *auditor) recipient(r keys.Recipient) string {
	id := r.ID()
	if _, known := d.facts.Recipients[id]; !known {
		// One that is a secret by mistake stays out of the report.
		uri := r.URI
		if shown := r.Display(); strings.HasSuffix(shown, "]") {
			uri = strings.TrimPrefix(shown, r.Kind+" ")
		}
		d.facts.Recipients[id] = audit.Recipient{ID: id, Kind: r.Kind, URI: uri}
	}
	return id
}

func (d *auditor) generations(ctx context.Context) error {
	sources := newKeySources(d.clone)
	var lister keyring.Lister = sources
	if d.rev != "" {
		lister = stateKeys{sources, d.rev}
	}
	kr := keyring.New(keyring.Config{Repository: d.policy.Repository, Current: lister, Warn: func(msg string) { d.warningf("%s", msg) }})
	tracked, err := sources.list(ctx, d.rev)
	if err != nil {
		return err
	}
	var names []string // of the keys' folders, for each ring its newest name first
	for _, ring := range d.policy.Rings {
		names = append(names, ring.Name)
		for _, old := range slices.Backward(ring.Formerly) {
			names = append(names, old)
		}
	}
	for _, path := range slices.Sorted(maps.Keys(tracked)) {
		d.known[path] = true // also if it can't be read
		if ring, _, _, err := keyring.ParsePath(path); err == nil && !slices.Contains(names, ring) {
			names = append(names, ring)
		}
	}
	for _, name := range names {
		list, err := kr.Generations(ctx, name)
		if err != nil {
			return err
		}
		for _, m := range list {
			d.generation(name, m)
		}
	}
	return nil
}

// today is what a ring of a name is called now; the name itself if there is none.
func (d *auditor) today(name string) string {
	now, known := d.names[name]
	if !known {
		now = cmp.Or(d.policy.Today(name), name)
		d.names[name] = now
	}
	return now
}

// generation adds one. Keys of before a ring was renamed are in a folder of the
// name of then.
func (d *auditor) generation(name string, m keyring.Metadata) {
	g := audit.Generation{Ring: d.today(name), KeyID: m.ID.String(), Created: m.Created}
	for _, r := range m.Recipients {
		id := d.recipient(r)
		g.Wrapped = append(g.Wrapped, id)
		d.known[keyring.Path(name, m.ID, id)] = true
	}
	d.facts.Generations = append(d.facts.Generations, g)
}

// blobAt is a file to be looked at.
type blobAt struct{ path, ring, oid string }

// covered lists the files of the state that are to be sealed.
func (d *auditor) covered(ctx context.Context) ([]blobAt, error) {
	entries, err := d.state.Index(ctx)
	if err != nil {
		return nil, err
	}
	filtered, err := d.state.Filtered(ctx, "envelope")
	if err != nil {
		return nil, err
	}
	byHand := map[string]bool{}
	for _, e := range filtered {
		byHand[e.Path] = true
	}
	var out []blobAt
	var ask []string // whose ring an attribute may name
	for _, e := range entries {
		if e.Stage != 0 || e.IntentToAdd || !gitrepo.IsFile(e.Mode) || policy.Reserved(e.Path) {
			continue
		}
		ring, rule := d.policy.RingOf(e.Path)
		if !rule && !byHand[e.Path] {
			continue
		}
		if !rule {
			ask = append(ask, e.Path)
		}
		out = append(out, blobAt{e.Path, ring, e.OID})
	}
	return out, d.ringsByAttribute(ctx, out, ask)
}

func (d *auditor) ringsByAttribute(ctx context.Context, files []blobAt, ask []string) error {
	if len(ask) == 0 {
		return nil
	}
	attrs := d.state.Attributes("envelope-ring")
	defer attrs.Close()
	rings := map[string]string{}
	err := attrs.Each(ctx, ask, func(path string, a map[string]string) error {
		rings[path], _ = filter.Choose(d.policy, path, a["envelope-ring"]) // none is a finding of status
		return nil
	})
	for i := range files {
		if files[i].ring == "" {
			files[i].ring = rings[files[i].path]
		}
	}
	return err
}

// stored tells how each file is stored.
func (d *auditor) stored(ctx context.Context, files []blobAt) ([]audit.File, error) {
	blobs := make([]string, len(files))
	for i, f := range files {
		blobs[i] = f.oid
	}
	heads, err := d.heads(ctx, blobs)
	if err != nil {
		return nil, err
	}
	out := make([]audit.File, len(files))
	for i, f := range files {
		out[i] = audit.File{Path: f.path, Ring: f.ring, Stored: audit.Damaged}
		head := heads[f.oid]
		if head.err != nil {
			d.cut(fmt.Sprintf("a file's content can't be read: %v", head.err))
			continue
		}
		out[i].Size = head.size
		switch {
		case head.size == 0:
			out[i].Stored = audit.Empty
		case head.magic && head.stored.err == nil:
			out[i].Stored, out[i].KeyID = audit.Sealed, head.id.String()
		case !head.magic:
			out[i].Stored = audit.Plain
		}
	}
	return out, nil
}

// cut notes, once, why not all is known.
func (d *auditor) cut(why string) {
	if cut := &d.facts.History.Cut; len(*cut) < 10 && !slices.Contains(*cut, why) {
		*cut = append(*cut, why)
	}
}
