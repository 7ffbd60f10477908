package gitrepo

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"iter"
	"strings"
)

// ObjectPath is an object and where it was first met: a path without what
// follows a newline in it, cut when very long, and empty for commits, tags and
// the tree of a commit.
type ObjectPath struct{ OID, Path string }

// NewObjects lists the objects that can be reached from include and not from
// exclude, both object ids: every commit, tag, tree and blob that the range
// brings, whichever merge or conflict resolution brought it. One that is not
// here gives an error that is ErrMissing, with its OID, and the list goes on;
// any other error is its end, a missing commit too. History that a shallow
// clone lacks is not an error: see CutCommits.
func (r *Repo) NewObjects(ctx context.Context, include, exclude []string) iter.Seq2[ObjectPath, error] {
	return func(yield func(ObjectPath, error) bool) {
		for line, err := range r.revList(ctx, include, exclude, "--objects", "--missing=print") {
			if err != nil {
				yield(ObjectPath{}, err)
				return
			}
			oid, path, _ := bytes.Cut(line, []byte{' '})
			name, absent := bytes.CutPrefix(oid, []byte{'?'})
			if !isOIDBytes(name, r.HashSize()) {
				yield(ObjectPath{}, badRecord("rev-list", line))
				return
			}
			o := ObjectPath{string(name), string(path)}
			if absent {
				err = missing(o.OID)
			}
			if !yield(o, err) {
				return
			}
		}
	}
}

// ReachableMissing lists the objects that the tips lead to and that are not here.
// A missing commit is an error instead, for what lies behind it nobody knows.
func (r *Repo) ReachableMissing(ctx context.Context, tips []string) (oids []string, err error) {
	for o, err := range r.NewObjects(ctx, tips, nil) {
		if err != nil && o.OID == "" {
			return oids, err
		}
		if err != nil {
			oids = append(oids, o.OID)
		}
	}
	return oids, nil
}

// Reachable is those of the wanted objects that the tips lead to, with a path.
// Objects that are not here can't hide wanted ones without an error.
func (r *Repo) Reachable(ctx context.Context, tips []string, want map[string]bool) (map[string]string, error) {
	found := make(map[string]string)
	for o, err := range r.NewObjects(ctx, tips, nil) {
		if err != nil {
			return found, err
		}
		if want[o.OID] {
			found[o.OID] = o.Path
		}
	}
	return found, nil
}

// CommitParents is one commit of a range.
type CommitParents struct {
	OID     string
	Parents []string
	// Cut says that a shallow clone lacks the parents, whose number is unknown.
	Cut bool
}

// Commits lists the commits reachable from include and not from exclude, oldest
// first: parents before children.
func (r *Repo) Commits(ctx context.Context, include, exclude []string) iter.Seq2[CommitParents, error] {
	return func(yield func(CommitParents, error) bool) {
		boundary, err := r.ShallowCommits(ctx)
		if err != nil {
			yield(CommitParents{}, err)
			return
		}
		cut := make(map[string]bool, len(boundary))
		for _, oid := range boundary {
			cut[oid] = true
		}
		for line, err := range r.revList(ctx, include, exclude, "--parents", "--topo-order", "--reverse") {
			var c CommitParents
			if err == nil {
				f := strings.Split(string(line), " ")
				c = CommitParents{f[0], f[1:], cut[f[0]]}
				if !isOID(c.OID, r.HashSize()) {
					err = badRecord("rev-list", line)
				}
			}
			if !yield(c, err) || err != nil {
				return
			}
		}
	}
}

// CutCommits lists the commits of a range whose parents a shallow clone lacks.
// Only if there are none was the range seen to its end.
func (r *Repo) CutCommits(ctx context.Context, include, exclude []string) ([]string, error) {
	boundary, err := r.ShallowCommits(ctx)
	if err != nil || len(boundary) == 0 {
		return nil, err
	}
	var cut []string
	for c, err := range r.Commits(ctx, include, exclude) {
		if err != nil {
			return nil, err
		}
		if c.Cut {
			cut = append(cut, c.OID)
		}
	}
	return cut, nil
}

// revList runs git rev-list on a range and yields its lines. The parents it
// follows are those of the commit objects: neither replacements nor grafts nor a
// commit-graph that is wrong can hide any.
func (r *Repo) revList(ctx context.Context, include, exclude []string, options ...string) iter.Seq2[[]byte, error] {
	return func(yield func([]byte, error) bool) {
		stdin, err := r.rangeLines(include, exclude)
		if err != nil {
			yield(nil, err)
			return
		}
		if stdin == nil {
			return
		}
		for line, err := range r.bulk().lines(ctx, stdin, revListArgs(options...)...) {
			if !yield(line, noSuch("range", err)) || err != nil {
				return
			}
		}
	}
}

func revListArgs(options ...string) []string {
	return append([]string{"-c", "core.commitGraph=false", "rev-list", "--stdin"}, options...)
}

// rangeLines is a range as rev-list reads it, nil if nothing is included.
func (r *Repo) rangeLines(include, exclude []string) (io.Reader, error) {
	for _, list := range [][]string{include, exclude} {
		for _, oid := range list {
			if !isOID(oid, r.HashSize()) {
				return nil, fmt.Errorf("%.200q: not an object id", oid)
			}
		}
	}
	if len(include) == 0 {
		return nil, nil
	}
	return io.MultiReader(&nameLines{names: include}, &nameLines{names: exclude, prefix: "^"}), nil
}

// MergeBase is the best common ancestor of two commits, "" if they have none.
func (r *Repo) MergeBase(ctx context.Context, a, b string) (string, error) {
	out, err := r.bulk().Run(ctx, nil, "-c", "core.commitGraph=false", "merge-base", "--end-of-options", a, b)
	if exitCode(err) == 1 {
		return "", nil
	}
	return strings.TrimSpace(string(out)), err
}

// EverHad tells whether any commit that the tips lead to changed a path.
func (r *Repo) EverHad(ctx context.Context, tips []string, path string) (bool, error) {
	if err := checkPath(path); err != nil {
		return false, err
	}
	stdin, err := r.rangeLines(tips, nil)
	if err != nil || stdin == nil {
		return false, err
	}
	// Simplified history would leave out a branch of which a merge took nothing.
	args := revListArgs("--full-history", "--max-count=1", "--", literal(path))
	out, err := r.bulk().Run(ctx, stdin, args...)
	return len(out) > 0, err
}
