package sweep

import (
	"context"
	"encoding/hex"
	"iter"
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
	names := unique(rootNames(roots))
	names = slices.DeleteFunc(names, func(n string) bool { return !s.Shard.has(n) })

	g := newGraph(s.Repo.HashSize(), all, shallow)
	for _, root := range roots {
		g.need("", binary(root.OID))
	}
	found, err := s.search(ctx, r, len(todo), join(s.names(check.RefNames, names), s.contents(r, s.objects(ctx, all, todo), g)))
	if err != nil {
		return nil, err
	}
	tips, err := s.tips(ctx, r, roots)
	if err != nil {
		return nil, err
	}
	if len(g.holes) > 0 {
		s.missing(ctx, r, tips)
	}
	if left := len(todo) - g.n; left > 0 && len(found.Failed) == 0 {
		r.undetermined("%d objects were listed and not given to be read: does something else change the repository?", left)
	}
	if err := s.keep(cache, g, todo, found.Dirty); err != nil {
		return nil, err
	}
	return r, s.attribute(ctx, r, found.Hits, names, extent{include: tips, whole: unreachable})
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
		oid := string(name)
		raw := binary(oid)
		all = append(all, raw...)
		switch {
		case !s.Shard.has(oid):
		case c.has(raw):
			r.Coverage.Cached++
		default:
			todo = append(todo, oid)
		}
	}
	return all, todo, nil
}

func binary(oid string) []byte {
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
func (s *Sweep) tips(ctx context.Context, r *Result, roots []gitrepo.Root) ([]string, error) {
	var oids []string
	for _, root := range roots {
		oids = append(oids, root.OID)
	}
	oids = unique(oids)
	here, err := s.Repo.Present(ctx, oids)
	if err == nil && len(here) < len(oids) {
		r.undetermined("%d references lead to objects that are not in this clone", len(oids)-len(here))
	}
	return here, err
}

// missing tells which of the holes matter: what dangling objects lead to may
// have been removed long ago.
func (s *Sweep) missing(ctx context.Context, r *Result, tips []string) {
	holes, err := s.Repo.ReachableMissing(ctx, tips)
	switch {
	case err != nil:
		r.undetermined("history can't be followed to its end: %v", err)
	case len(holes) > 0:
		r.undetermined("%d objects of the history are not in this clone, the first is %s (of a partial clone: 'git fetch --refetch --no-filter')", len(holes), short(holes[0]))
	}
}

// keep remembers what is clean: what was read, in which nothing was found, and
// which leads to nothing that is missing.
func (s *Sweep) keep(c *cache, g *graph, todo []string, dirty map[string]bool) error {
	if c == nil || len(todo) == 0 {
		return nil
	}
	var names [][]byte
	for i := 0; i < len(g.present); i += g.size {
		if name := g.present[i : i+g.size]; c.has(name) {
			names = append(names, name)
		}
	}
	for _, oid := range todo {
		if name := binary(oid); !dirty[oid] && !g.leads[oid] && g.gave(name) {
			names = append(names, name)
		}
	}
	return c.save(names)
}

// Range searches what include leads to and exclude does not: what a merge
// request or a push brings, with the names of references that are new. What the
// excluded states have at the same path is no news.
func (s *Sweep) Range(ctx context.Context, include, exclude, names []string) (*Result, error) {
	r := new(Result)
	names = slices.DeleteFunc(unique(names), func(n string) bool { return !s.Shard.has(n) })
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
	// A secret that the base has can be brought to another path, or back.
	for i, err := range s.Repo.Introductions(ctx, include, exclude, nil) {
		if err != nil {
			r.undetermined("the range can't be followed to its end: %v", err)
			break
		}
		if i.Mode != gitrepo.ModeGitlink {
			oids = append(oids, i.Blob)
		}
	}
	oids = slices.DeleteFunc(unique(oids), func(oid string) bool { return !s.Shard.has(oid) })
	found, err := s.search(ctx, r, len(oids), join(s.names(check.RefNames, names), s.contents(r, s.Repo.ObjectsOf(ctx, oids), nil)))
	if err != nil {
		return nil, err
	}
	return r, s.attribute(ctx, r, found.Hits, names, extent{include: include, exclude: exclude})
}
