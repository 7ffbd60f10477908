package sweep

import (
	"context"
	"encoding/hex"
	"fmt"
	"iter"
	"maps"
	"slices"

	"github.com/git-envelope/git-envelope/internal/check"
	"github.com/git-envelope/git-envelope/internal/gitrepo"
)

// History searches everything that any reference leads to: branches, tags,
// notes, every stash entry, the originals of replaced objects, all work trees'
// HEADs. With unreachable it is everything there is: reflogs and dangling
// objects too.
//
// Objects are read as Git stores them, reachable or not, each once: that is what
// makes it quick. Which of them history leads to is asked only for those in
// which something was found.
func (s *Sweep) History(ctx context.Context, unreachable bool) (*Result, error) {
	r := new(Result)
	roots, err := s.Repo.Roots(ctx, unreachable)
	if err != nil {
		r.undetermined("%v", err)
	}
	shallow, err := s.Repo.ShallowCommits(ctx)
	if err != nil {
		return nil, err
	}
	if len(shallow) > 0 {
		r.undetermined("this clone is shallow: what came before %s is not in it ('git fetch --unshallow'; in GitHub Actions 'fetch-depth: 0')", short(shallow[0]))
	}
	cache := s.openCache(s.Repo.HashSize())
	all, todo, err := s.list(ctx, r, cache)
	if err != nil {
		return nil, err
	}
	refs := s.named(roots)

	g := newGraph(s.Repo.HashSize(), all, shallow)
	for _, root := range roots {
		g.need("", rawOID(root.OID))
	}
	found, err := s.search(ctx, r, len(todo), join(s.names(check.RefNames, rootNames(refs)), s.contents(r, s.objects(ctx, all, todo), g)))
	if err != nil {
		return nil, err
	}
	tips, err := s.tips(ctx, r, roots, g)
	if err != nil {
		return nil, err
	}
	lost, complete := cache.lost(all), true
	if len(g.holes) > 0 || lost {
		complete = s.complete(ctx, r, tips)
	}
	if left := len(todo) - g.n; left > 0 && len(found.Failed) == 0 {
		r.undetermined("%d objects were listed and not given to be read: does something else change the repository?", left)
	}
	if complete || !lost { // else the next scan must see that something was lost, too
		s.keep(cache, g, todo, found.Dirty)
	}
	x := extent{include: tips, whole: unreachable}
	byPath := s.byPath()
	byPath.follow(ctx, r, x)
	hits := append(found.Hits, byPath.hits(r, s.blobs(ctx, byPath.oids()))...)
	return r, s.attribute(ctx, r, hits, refs, x)
}

func rootNames(roots []gitrepo.Root) (names []string) {
	for _, root := range roots {
		names = append(names, root.Name)
	}
	return names
}

// list names all objects, and those that have to be read.
func (s *Sweep) list(ctx context.Context, r *Result, c *cache) (all []byte, todo []string, err error) {
	for name, err := range s.Repo.AllObjectNames(ctx) {
		if err != nil {
			return nil, nil, err
		}
		if all, err = hex.AppendDecode(all, name); err != nil {
			return nil, nil, err
		}
		switch {
		case s.Shard.Count > 1 && !s.Shard.has(string(name)):
		case c.has(all[len(all)-s.Repo.HashSize():]):
			r.Coverage.Cached++
		default:
			todo = append(todo, string(name))
		}
	}
	return all, todo, nil
}

func rawOID(oid string) []byte {
	b, err := hex.DecodeString(oid)
	if err != nil {
		panic("sweep: internal error: not an object id: " + oid)
	}
	return b
}

// objects reads what is to be read, in the order of storage.
func (s *Sweep) objects(ctx context.Context, all []byte, todo []string) iter.Seq2[gitrepo.StoredObject, error] {
	if len(todo)*s.Repo.HashSize() == len(all) {
		return s.Repo.AllObjects(ctx)
	}
	return s.Repo.ObjectsOf(ctx, todo)
}

// tips are the roots that are here; of others it is told.
func (s *Sweep) tips(ctx context.Context, r *Result, roots []gitrepo.Root, g *graph) ([]string, error) {
	var oids []string
	all := true
	for _, root := range roots {
		oids = append(oids, root.OID)
		all = all && search(g.present, rawOID(root.OID))
	}
	oids = unique(oids)
	if all {
		return oids, nil
	}
	here, err := s.Repo.Present(ctx, oids)
	if err == nil && len(here) < len(oids) {
		r.undetermined("%d references lead to objects that are not in this clone", len(oids)-len(here))
	}
	return here, err
}

// complete tells whether no hole matters: what dangling objects lead to may have
// been removed long ago.
func (s *Sweep) complete(ctx context.Context, r *Result, tips []string) bool {
	holes, err := s.Repo.ReachableMissing(ctx, tips)
	switch {
	case err != nil:
		r.undetermined("history can't be followed to its end: %v", err)
	case len(holes) > 0:
		r.undetermined("of the history, %s not in this clone, the first is %s (of a partial clone: 'git fetch --refetch --no-filter')", objects(len(holes)), short(holes[0]))
	}
	return err == nil && len(holes) == 0
}

func objects(n int) string {
	if n == 1 {
		return "1 object is"
	}
	return fmt.Sprintf("%d objects are", n)
}

// keep remembers what is clean, and what else is there. Where that can't be
// written, as in a repository to be read only, the next scan takes longer.
func (s *Sweep) keep(c *cache, g *graph, todo []string, dirty map[string]bool) {
	if c == nil || len(todo) == 0 && !c.lost(g.present) {
		return
	}
	var clean, other [][]byte
	read := map[string]bool{}
	for _, oid := range todo {
		read[oid] = true
		if name := rawOID(oid); dirty[oid] || g.leads[oid] || !g.gave(name) {
			other = append(other, name)
		} else {
			clean = append(clean, name)
		}
	}
	for i := 0; i < len(g.present); i += g.size {
		name := g.present[i : i+g.size]
		switch {
		case c.has(name):
			clean = append(clean, name)
		case search(c.other, name) && !read[gitrepo.HexOID(name)]: // of another shard
			other = append(other, name)
		}
	}
	_ = c.save(clean, other)
}

// Range searches what include leads to and exclude does not: what a merge
// request or a push brings. What the excluded states have at the same path is no
// news.
func (s *Sweep) Range(ctx context.Context, include, exclude []string) (*Result, error) {
	r := new(Result)
	cut, err := s.Repo.CutCommits(ctx, include, exclude)
	if err != nil {
		return nil, err
	}
	if len(cut) > 0 {
		r.undetermined("this clone is shallow: the range goes on behind %s, which has no parents here (fetch more: 'git fetch --unshallow')", short(cut[0]))
	}
	var oids []string
	for o, err := range s.Repo.NewObjects(ctx, include, exclude) {
		switch {
		case err == nil:
			oids = append(oids, o.OID)
		case o.OID != "":
			r.undetermined("object %s of the range is not in this clone", short(o.OID))
		default:
			return nil, err
		}
	}
	byPath := s.byPath()
	var links []string // of submodules
	// A secret that the base has can be brought to another path, or back.
	for i, err := range s.Repo.Introductions(ctx, include, exclude, nil) {
		if err != nil {
			r.undetermined("the range can't be followed to its end: %v", err)
			break
		}
		if i.Mode == gitrepo.ModeGitlink {
			links = append(links, i.Blob)
			continue
		}
		oids = append(oids, i.Blob)
		byPath.add(i.Path, i.Blob)
	}
	hidden, err := s.blobsAmong(ctx, links)
	if err != nil {
		return nil, err
	}
	oids = slices.AppendSeq(oids, maps.Keys(hidden))
	oids = slices.DeleteFunc(unique(oids), func(oid string) bool { return !s.Shard.has(oid) })
	found, err := s.search(ctx, r, len(oids), s.contents(r, s.Repo.ObjectsOf(ctx, oids), nil))
	if err != nil {
		return nil, err
	}
	hits := append(found.Hits, byPath.hits(r, s.blobs(ctx, byPath.oids()))...)
	return r, s.attribute(ctx, r, hits, nil, extent{include: include, exclude: exclude})
}
