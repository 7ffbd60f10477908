package sweep

import (
	"context"
	"errors"
	"iter"
	"slices"
	"strings"

	"github.com/git-envelope/git-envelope/internal/check"
	"github.com/git-envelope/git-envelope/internal/gitrepo"
)

// Item is a file of a state of the repository: what it is and what it was.
type Item struct {
	Path string
	Mode uint32
	OID  string
	// Base is the blob at this path in the base, "" if there is none: what is
	// there already is no news.
	Base string
}

// Items searches the files of an index or a tree. With news, a secret that the
// base has at the same path is not told again.
func (s *Sweep) Items(ctx context.Context, items []Item, news bool) (*Result, error) {
	r := new(Result)
	paths := map[string][]Item{} // by blob
	hidden, err := s.hidden(ctx, items)
	if err != nil {
		return nil, err
	}
	byPath := s.byPath()
	var names []string
	for _, item := range items {
		content := item.Mode != gitrepo.ModeGitlink || hidden[item.OID]
		if content && item.OID != item.Base && s.Shard.has(item.OID) {
			paths[item.OID] = append(paths[item.OID], item)
			byPath.add(item.Path, item.OID)
		}
		if item.Base == "" && s.Shard.has(item.Path) {
			names = append(names, item.Path)
		}
	}
	var oids []string
	for _, item := range items { // in the order of the tree, which is how Git packs
		if len(paths[item.OID]) > 0 && paths[item.OID][0].Path == item.Path {
			oids = append(oids, item.OID)
		}
	}
	slices.Sort(names)
	found, err := s.search(ctx, r, len(oids), join(s.blobs(ctx, oids), s.names(check.FileNames, names)))
	if err != nil {
		return nil, err
	}
	groups := byOID(append(found.Hits, byPath.hits(r, s.blobs(ctx, byPath.oids()))...))
	for _, h := range groups[""] {
		name := names[h.Line-1]
		s.report(ctx, r, h, place{kind: "path-name", path: name, shown: without(name, h)})
	}
	for _, oid := range oids {
		for _, item := range paths[oid] {
			for _, h := range check.At(item.Path, groups[oid]) {
				if news && item.Base != "" {
					old, err := s.inBase(ctx, item.Base)
					if err != nil {
						r.undetermined("cannot read the base of a change: %v", err)
					} else if old[identity(h)] {
						continue
					}
				}
				s.report(ctx, r, h, place{kind: s.kindAt(ctx, kindOf(item.Mode), item.Path, h), path: item.Path})
			}
		}
	}
	r.Findings = merge(r.Findings)
	return r, nil
}

// hidden are the blobs that entries for submodules name: such an entry can name
// anything, and Git asks of it only that its name is one.
func (s *Sweep) hidden(ctx context.Context, items []Item) (map[string]bool, error) {
	var links []string
	for _, item := range items {
		if item.Mode == gitrepo.ModeGitlink && item.OID != item.Base {
			links = append(links, item.OID)
		}
	}
	return s.blobsAmong(ctx, links)
}

// blobsAmong are those of the objects that are here, and blobs. Of commits, which
// is what submodules are, none is here but by accident.
func (s *Sweep) blobsAmong(ctx context.Context, oids []string) (map[string]bool, error) {
	if len(oids) == 0 {
		return nil, nil
	}
	here, err := s.Repo.Present(ctx, oids)
	if err != nil {
		return nil, err
	}
	blobs := map[string]bool{}
	for _, oid := range here {
		o, err := s.Repo.Blobs().Stat(ctx, oid)
		if err != nil {
			return nil, err
		}
		if o.Type == "blob" {
			blobs[oid] = true
		}
	}
	return blobs, nil
}

func kindOf(mode uint32) string {
	if mode == gitrepo.ModeSymlink {
		return "symlink"
	}
	return "file"
}

// identity is what makes two hits the same secret.
func identity(h check.Hit) string { return h.Rule.ID + "\x00" + string(h.Secret[:]) }

// inBase is what a blob of the base holds.
func (s *Sweep) inBase(ctx context.Context, oid string) (map[string]bool, error) {
	searcher := check.Searcher{Engine: s.Engine.Fresh(), Workers: 1, Redact: redact}
	found, err := searcher.Search(ctx, s.blobs(ctx, []string{oid}))
	if err != nil {
		return nil, err
	}
	set := map[string]bool{}
	for _, h := range found.Hits {
		set[identity(h)] = true
	}
	return set, errors.Join(found.Failed...)
}

// blobs are the contents of objects that are known to be blobs.
func (s *Sweep) blobs(ctx context.Context, oids []string) iter.Seq2[check.Content, error] {
	return func(yield func(check.Content, error) bool) {
		if len(oids) <= fewBlobs {
			s.fewBlobs(ctx, oids, yield)
			return
		}
		for o, err := range s.Repo.ObjectsOf(ctx, oids) {
			if !yield(check.Content{Place: check.File, OID: o.OID, Read: o}, err) {
				return
			}
		}
	}
}

// fewBlobs is up to how many objects the git that answers single questions is
// asked: it runs already, and to start one that streams costs more.
const fewBlobs = 24

func (s *Sweep) fewBlobs(ctx context.Context, oids []string, yield func(check.Content, error) bool) {
	for _, oid := range oids {
		content := check.Content{Place: check.File, OID: oid}
		o, err := s.Repo.Blobs().Open(ctx, oid)
		if err != nil {
			if !yield(content, err) {
				return
			}
			continue
		}
		content.Read = o
		more := yield(content, nil)
		if err := o.Close(); err != nil && more {
			more = yield(content, err)
		}
		if !more {
			return
		}
	}
}

// names is a content of names, one a line.
func (s *Sweep) names(p check.Place, names []string) iter.Seq2[check.Content, error] {
	if len(names) == 0 {
		return func(func(check.Content, error) bool) {}
	}
	return one(check.Content{Place: p, Read: strings.NewReader(nameList(names))})
}

func join(all ...iter.Seq2[check.Content, error]) iter.Seq2[check.Content, error] {
	return func(yield func(check.Content, error) bool) {
		for _, seq := range all {
			for c, err := range seq {
				if !yield(c, err) {
					return
				}
			}
		}
	}
}
