package sweep

import (
	"context"
	"crypto/sha256"
	"io"
	"iter"
	"maps"
	"slices"

	"github.com/git-envelope/git-envelope/internal/check"
	"github.com/git-envelope/git-envelope/internal/gitrepo"
	"github.com/git-envelope/git-envelope/internal/scan"
)

// byPath gathers the blobs at paths that a rule of Sweep.PathRules is about, with
// those rules.
type byPath struct {
	s    *Sweep
	want map[string]map[*scan.Rule]bool
}

func (s *Sweep) byPath() byPath { return byPath{s: s, want: map[string]map[*scan.Rule]bool{}} }

// add notes a blob, or another name of a content, at a path.
func (b byPath) add(path, oid string) {
	for i := range b.s.PathRules {
		rule := &b.s.PathRules[i]
		if !b.s.Shard.has(oid) || !rule.Applies(path) {
			continue
		}
		if b.want[oid] == nil {
			b.want[oid] = map[*scan.Rule]bool{}
		}
		b.want[oid][rule] = true
	}
}

// follow adds all that history has, or a range: it is asked for nothing else, so
// it costs nothing where there are no such rules.
func (b byPath) follow(ctx context.Context, r *Result, x extent) {
	if len(b.s.PathRules) == 0 {
		return
	}
	for i, err := range b.s.Repo.Introductions(ctx, x.include, x.exclude, nil) {
		if err != nil {
			r.undetermined("history can't be followed to its end: %v", err)
			return
		}
		if i.Mode != gitrepo.ModeGitlink {
			b.add(i.Path, i.Blob)
		}
	}
}

func (b byPath) oids() []string { return slices.Sorted(maps.Keys(b.want)) }

// hits are those of the contents that hold anything in clear.
func (b byPath) hits(r *Result, contents iter.Seq2[check.Content, error]) (hits []check.Hit) {
	if len(b.want) == 0 {
		return nil
	}
	for content, err := range contents {
		sum, clear := sha256.New(), false
		if err == nil {
			clear, err = check.InClear(io.TeeReader(content.Read, sum))
		}
		if err != nil {
			r.undetermined("not read: %v", err)
			continue
		}
		for rule := range b.want[content.OID] {
			if clear {
				hits = append(hits, b.s.hitByPath(content, rule, [sha256.Size]byte(sum.Sum(nil))))
			}
		}
	}
	return hits
}

// hitByPath is a hit of a rule by path. Whether it counts at a path is check.At's to
// say, and who allows it that of whoever knows its commits.
func (s *Sweep) hitByPath(content check.Content, rule *scan.Rule, sum [sha256.Size]byte) check.Hit {
	h := check.Hit{Place: check.File, OID: content.OID, Name: content.Name, Rule: rule, Secret: sum, Named: true}
	if s.Excuse != nil {
		h.Excused = s.Excuse(&scan.Match{Rule: rule})
	}
	return h
}
