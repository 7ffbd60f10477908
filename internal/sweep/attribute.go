package sweep

import (
	"context"
	"errors"
	"io"
	"iter"
	"maps"
	"slices"
	"strings"

	"github.com/git-envelope/git-envelope/internal/check"
	"github.com/git-envelope/git-envelope/internal/gitrepo"
	"github.com/git-envelope/git-envelope/internal/report"
	"github.com/git-envelope/git-envelope/internal/scan"
)

// extent is the part of history that a scan is about.
type extent struct {
	include, exclude []string
	whole            bool // what nothing leads to counts as well
}

// maxCommits is how many of the commits that brought a finding are told.
const maxCommits = 10

// attribution is where the objects with hits are.
type attribution struct {
	paths   map[string]string // of what can be reached, with a path
	brought map[string][]gitrepo.Introduction
	details map[string]gitrepo.CommitDetail
	names   map[string]map[int]string // that hits are about, by tree and line
	texts   map[string]text           // commits and tags with hits
	refs    []gitrepo.Root
	leads   map[int]string // the commits that refs with hits lead to, by ref
	below   bringers
}

// pathOf is where a name in a tree is.
func (a attribution) pathOf(tree, name string) string {
	if dir := a.paths[tree]; dir != "" {
		return dir + "/" + name
	}
	return name
}

// attribute makes findings of hits: one for each path that has the object.
func (s *Sweep) attribute(ctx context.Context, r *Result, hits []check.Hit, refs []gitrepo.Root, x extent) error {
	if len(hits) == 0 {
		return nil
	}
	groups := byOID(hits)
	a, err := s.origins(ctx, r, hits, refs, x)
	if err != nil {
		return err
	}
	base := base{s: s, at: x.exclude, held: map[string]map[string]bool{}}
	for _, oid := range keys(groups) {
		if _, reached := a.paths[oid]; !reached && len(a.brought[oid]) == 0 && !x.whole && oid != "" {
			continue
		}
		for at, hits := range placed(groups[oid], a) {
			for _, h := range hits {
				old, err := base.has(ctx, h, at)
				if err != nil {
					r.undetermined("cannot read %s in the base: %v", s.Shown(ctx, at.path), err)
				}
				if !old {
					at.kind = s.kindAt(ctx, at.kind, at.path, h)
					s.report(ctx, r, h, at)
				}
			}
		}
	}
	r.Findings = merge(r.Findings)
	return nil
}

// origins finds paths and commits of what has hits, in two passes over the extent.
func (s *Sweep) origins(ctx context.Context, r *Result, hits []check.Hit, refs []gitrepo.Root, x extent) (a attribution, err error) {
	oids := keys(byOID(hits))
	want := map[string]bool{}
	for _, oid := range oids {
		want[oid] = oid != ""
	}
	a.paths, a.brought, a.below = map[string]string{}, map[string][]gitrepo.Introduction{}, bringers{}
	if a.names, err = s.namesIn(ctx, hits); err != nil {
		r.undetermined("cannot read the names in all trees: %v", err)
	}
	if a.texts, err = s.texts(ctx, hits); err != nil {
		r.undetermined("cannot read all commits and tags again: %v", err)
	}
	a.refs, a.leads = refs, s.commitsOf(ctx, hits, refs)
	for o, err := range s.Repo.NewObjects(ctx, x.include, x.exclude) {
		if err != nil && o.OID == "" {
			r.undetermined("history can't be followed to its end, so findings are told wherever they are: %v", err)
			for _, oid := range oids { // rather one too many than one too few
				if _, known := a.paths[oid]; !known {
					a.paths[oid] = ""
				}
			}
			break
		}
		if want[o.OID] {
			a.paths[o.OID] = o.Path
		}
	}
	commits, err := s.follow(ctx, &a, want, x)
	if err != nil {
		r.undetermined("cannot tell which commits brought all findings: %v", err)
	}
	commits = append(commits, oids...) // commits with a finding of their own
	for _, t := range a.texts {
		commits = append(commits, t.commit)
	}
	commits = slices.AppendSeq(commits, maps.Values(a.leads))
	a.details, err = s.Details(ctx, unique(withoutEmpty(commits)))
	return a, err
}

// follow finds the commits that brought wanted blobs, or files of wanted names.
func (s *Sweep) follow(ctx context.Context, a *attribution, want map[string]bool, x extent) (commits []string, err error) {
	for tree, names := range a.names {
		for _, name := range names {
			a.below[a.pathOf(tree, name)] = nil
		}
	}
	filter := want
	if len(a.below) > 0 {
		filter = nil
	}
	for i, err := range s.Repo.Introductions(ctx, x.include, x.exclude, filter) {
		if err != nil {
			return commits, err
		}
		a.below.add(i)
		if want[i.Blob] {
			a.brought[i.Blob] = append(a.brought[i.Blob], i)
			commits = append(commits, i.Commit)
		}
	}
	for _, brought := range a.below {
		commits = append(commits, brought[:min(len(brought), maxCommits)]...)
	}
	return commits, nil
}

func withoutEmpty(list []string) (out []string) {
	for _, s := range list {
		if s != "" {
			out = append(out, s)
		}
	}
	return out
}

// placed gives the hits of one object by the places where it is.
func placed(hits []check.Hit, a attribution) iter.Seq2[place, []check.Hit] {
	return func(yield func(place, []check.Hit) bool) {
		if hits[0].Place == check.File {
			for _, at := range a.places(hits[0].OID) {
				if !yield(at, check.At(at.path, hits)) {
					return
				}
			}
			return
		}
		for _, h := range check.At("", hits) {
			if !yield(textPlace(h, a), []check.Hit{h}) {
				return
			}
		}
	}
}

// textPlace is where a hit in a commit, a tag or a list of names is.
func textPlace(h check.Hit, a attribution) place {
	switch h.Place {
	case check.RefNames:
		return a.refPlace(h, a.refs[h.Line-1], a.leads[h.Line-1])
	case check.FileNames:
		name := a.names[h.OID][h.Line]
		path := a.pathOf(h.OID, name)
		return place{
			kind: "path-name", path: path, shown: a.pathOf(h.OID, without(name, h)),
			commits: a.commits(a.below[path]), all: len(a.below[path]),
		}
	case check.Tag:
		t := a.texts[h.OID]
		return a.leadsTo(place{kind: t.kind("tag", h.Line), path: short(h.OID)}, t.commit)
	}
	return a.leadsTo(place{kind: a.texts[h.OID].kind("commit", h.Line), path: short(h.OID)}, h.OID)
}

// refPlace is where a hit in the name of a reference is.
func (a attribution) refPlace(h check.Hit, ref gitrepo.Root, commit string) place {
	return a.leadsTo(place{kind: "ref-name", path: ref.Name, shown: without(ref.Name, h), oid: ref.OID}, commit)
}

// leadsTo is a place with the one commit that it is about, "" for none.
func (a attribution) leadsTo(p place, commit string) place {
	if commit != "" {
		p.commits, p.all = a.commits([]string{commit}), 1
	}
	return p
}

// places are the paths of a blob, with the commits that brought it there.
func (a attribution) places(oid string) []place {
	byPath := map[string][]string{}
	var order []string
	kinds := map[string]string{}
	for _, i := range a.brought[oid] {
		if byPath[i.Path] == nil {
			order = append(order, i.Path)
		}
		byPath[i.Path] = append(byPath[i.Path], i.Commit)
		kinds[i.Path] = kindOf(i.Mode)
	}
	if len(order) == 0 {
		path := a.paths[oid]
		if path == "" {
			path = "blob " + short(oid)
		}
		return []place{{kind: "file", path: path}}
	}
	var all []place
	for _, path := range order {
		at := place{kind: kinds[path], path: path, commits: a.commits(byPath[path]), all: len(byPath[path])}
		if isNote(path) {
			at.kind = "note"
		}
		all = append(all, at)
	}
	return all
}

// isNote tells the path of a note: the id of what it is about, with slashes
// where there are many notes.
func isNote(path string) bool {
	id := strings.ReplaceAll(path, "/", "")
	return (len(id) == 40 || len(id) == 64) && strings.Trim(id, "0123456789abcdef") == ""
}

func (a attribution) commits(oids []string) (list []report.Commit) {
	for _, oid := range oids[:min(len(oids), maxCommits)] {
		d := a.details[oid]
		list = append(list, report.Commit{OID: oid, Author: d.Author, Time: d.Time, Title: d.Title})
	}
	return list
}

// base is what the excluded states hold already.
type base struct {
	s    *Sweep
	at   []string
	held map[string]map[string]bool // by state and path
}

// maxBases is how many excluded states are looked into; a push to a repository
// with a thousand branches excludes them all.
const maxBases = 16

// has tells whether a secret is at the same path in an excluded state.
func (b *base) has(ctx context.Context, h check.Hit, at place) (bool, error) {
	if h.Place != check.File && h.Place != check.FileNames {
		return false, nil
	}
	for _, state := range b.at[:min(len(b.at), maxBases)] {
		o, err := b.s.Repo.Blobs().OpenPath(ctx, state, at.path)
		if isMissing(err) {
			continue
		}
		if err != nil {
			return false, err
		}
		oid, typ := o.OID, o.Type
		_, err = io.Copy(io.Discard, o)
		if err = errors.Join(err, o.Close()); err != nil {
			return false, err
		}
		if h.Place == check.FileNames || oid == h.OID {
			return true, nil
		}
		if typ != "blob" {
			continue
		}
		if b.held[oid] == nil {
			if b.held[oid], err = b.s.inBase(ctx, oid); err != nil {
				return false, err
			}
		}
		if b.held[oid][identity(h)] {
			return true, nil
		}
	}
	return false, nil
}

// without is a name in which a secret was found, as it may be shown.
func without(name string, h check.Hit) string {
	from, to := h.Column-1, h.EndColumn
	if from < 0 || to < from || to > len(name) {
		return h.Shown
	}
	return name[:from] + h.Shown + name[to:]
}

// Details are what a report says of commits: nothing of one whose author or
// title holds a secret.
func (s *Sweep) Details(ctx context.Context, oids []string) (map[string]gitrepo.CommitDetail, error) {
	details, err := s.Repo.CommitDetails(ctx, oids)
	if err != nil {
		return nil, err
	}
	scanner := s.Engine.Fresh().Scanner()
	for oid, d := range details {
		bad := false
		if _, err := scanner.Scan(ctx, strings.NewReader(d.Author+"\n"+d.Title), func(*scan.Match) { bad = true }); err != nil {
			return nil, err
		}
		if bad {
			details[oid] = gitrepo.CommitDetail{Title: "(not shown: it holds a secret)", Time: d.Time}
		}
	}
	return details, nil
}
