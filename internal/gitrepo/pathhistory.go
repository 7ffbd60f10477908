package gitrepo

import (
	"context"
	"iter"
)

// PathStep is what one commit does to the paths of a PathHistory, against one of
// its parents. A merge has a step for each parent from which it differs there.
type PathStep struct {
	Commit  string
	Changes []Change
}

// PathHistory lists, oldest first, every step that a commit the tips lead to
// takes with files at or below paths: on side branches that a merge threw away,
// too. Neither configuration nor attributes have a say, and renames are a
// deletion and an addition. At the cut of a shallow clone files appear as added.
func (r *Repo) PathHistory(ctx context.Context, tips []string, paths ...string) iter.Seq2[PathStep, error] {
	return func(yield func(PathStep, error) bool) {
		for _, path := range paths {
			if err := checkPath(path); err != nil {
				yield(PathStep{}, err)
				return
			}
		}
		var s PathStep
		var open *Change // whose path comes next
		for rec, err := range r.rawDiffs(ctx, tips, nil, "-m", paths...) {
			switch {
			case err != nil:
				yield(PathStep{}, err)
				return
			case open != nil && len(rec) > 0:
				open.Path = string(rec)
				s.Changes, open = append(s.Changes, *open), nil
			case open == nil && isOIDBytes(rec, r.HashSize()):
				if len(s.Changes) > 0 && !yield(s, nil) {
					return
				}
				s = PathStep{Commit: string(rec)}
			default:
				c, ok := parseChange(string(rec), r.HashSize())
				if open != nil || s.Commit == "" || !ok {
					yield(PathStep{}, badRecord("diff-tree", rec))
					return
				}
				open = &c
			}
		}
		switch {
		case open != nil:
			yield(PathStep{}, badRecord("diff-tree", nil))
		case len(s.Changes) > 0:
			yield(s, nil)
		}
	}
}
