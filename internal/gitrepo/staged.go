package gitrepo

import (
	"context"
	"iter"
	"slices"
	"strings"
)

// Change is one path that differs between two states.
type Change struct {
	OldMode, NewMode uint32
	OldOID, NewOID   string // all zeros where the path does not exist
	Path             string
	Status           byte // A added, D deleted, M modified, T type changed, U unmerged
}

// Staged is what a commit of the index would change against base ("": HEAD, or
// the empty tree before the first commit). Renames are shown as delete and add,
// and neither configuration nor attributes hide anything. It looks at the index
// that GIT_INDEX_FILE names, which in a hook is the one being committed.
func (r *Repo) Staged(ctx context.Context, base string) ([]Change, error) {
	if base == "" {
		oid, born, err := r.Head(ctx)
		if err != nil {
			return nil, err
		}
		if base = oid; !born {
			base = r.EmptyTree()
		}
	}
	changes, err := r.diffIndex(ctx, base, "--ita-invisible-in-index")
	return changes, noSuch(base, err)
}

// rawDiff are the options of a difference that neither configuration nor
// attributes have a say in.
var rawDiff = []string{"--raw", "-r", "-z", "--no-renames", "--no-abbrev", "--no-relative", "--ignore-submodules=none", "--no-ext-diff", "--no-textconv"}

func (r *Repo) diffIndex(ctx context.Context, base string, options ...string) ([]Change, error) {
	args := slices.Concat([]string{"diff-index", "--cached"}, rawDiff, options, []string{"--end-of-options", base, "--"})
	return collectChanges(r.records(ctx, nil, args...), r.HashSize())
}

// Between is what differs between two trees, told as Staged tells it. It reads no
// index, and of the trees only the folders that differ.
func (r *Repo) Between(ctx context.Context, old, new string) ([]Change, error) {
	args := slices.Concat([]string{"diff-tree"}, rawDiff, []string{"--end-of-options", old, new, "--"})
	return collectChanges(r.records(ctx, nil, args...), r.HashSize())
}

// collectChanges pairs the records of "--raw -z": a line of states, then a path.
func collectChanges(records iter.Seq2[[]byte, error], hashSize int) ([]Change, error) {
	var all []Change
	var open *Change
	for rec, err := range records {
		if err != nil {
			return nil, err
		}
		if open == nil {
			c, ok := parseChange(string(rec), hashSize)
			if !ok {
				return nil, badRecord("diff", rec)
			}
			open = &c
			continue
		}
		if len(rec) == 0 {
			return nil, badRecord("diff", rec)
		}
		open.Path = string(rec)
		all, open = append(all, *open), nil
	}
	if open != nil {
		return nil, badRecord("diff", nil)
	}
	return all, nil
}

// parseChange reads ":oldmode newmode oldid newid status".
func parseChange(rec string, hashSize int) (Change, bool) {
	rest, ok := strings.CutPrefix(rec, ":")
	f := strings.Split(rest, " ")
	if !ok || len(f) != 5 || !isOID(f[2], hashSize) || !isOID(f[3], hashSize) || len(f[4]) != 1 || !strings.Contains("ADMTU", f[4]) {
		return Change{}, false
	}
	old, ok1 := parseMode(f[0])
	now, ok2 := parseMode(f[1])
	return Change{OldMode: old, NewMode: now, OldOID: f[2], NewOID: f[3], Status: f[4][0]}, ok1 && ok2
}
