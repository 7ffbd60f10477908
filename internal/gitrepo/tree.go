package gitrepo

import (
	"bytes"
	"context"
	"iter"
	"strings"
)

// TreeEntry is one file of a tree.
type TreeEntry struct {
	Mode            uint32
	Type, OID, Path string // Type: "blob", or "commit" for a submodule
	Size            int64  // -1 where git was not asked or does not know
}

// Tree lists all files below a tree, or below the given paths of it (literal, not
// patterns), with their sizes. In a partial clone that lacks some of the blobs
// sizes are -1.
func (r *Repo) Tree(ctx context.Context, treeish string, paths ...string) ([]TreeEntry, error) {
	all, err := collectTree(r.tree(ctx, []string{"-l"}, treeish, paths))
	if err != nil && ctx.Err() == nil {
		all, err = collectTree(r.TreeIter(ctx, treeish, paths...))
	}
	return all, err
}

// TreeIter is Tree one entry at a time and without sizes, which spares git a look
// at every blob.
func (r *Repo) TreeIter(ctx context.Context, treeish string, paths ...string) iter.Seq2[TreeEntry, error] {
	return r.tree(ctx, nil, treeish, paths)
}

func collectTree(entries iter.Seq2[TreeEntry, error]) ([]TreeEntry, error) {
	var all []TreeEntry
	for e, err := range entries {
		if err != nil {
			return nil, err
		}
		all = append(all, e)
	}
	return all, nil
}

func (r *Repo) tree(ctx context.Context, options []string, treeish string, paths []string) iter.Seq2[TreeEntry, error] {
	args := append([]string{"ls-tree", "-r", "-z", "--full-tree"}, options...)
	args = append(append(args, "--end-of-options", treeish), paths...) // a "--" would be a path
	return func(yield func(TreeEntry, error) bool) {
		for rec, err := range r.records(ctx, nil, args...) {
			var e TreeEntry
			if err == nil {
				e, err = parseTreeEntry(rec, r.HashSize())
			}
			if !yield(e, noSuch(treeish, err)) || err != nil {
				return
			}
		}
	}
}

// noSuch makes git's complaints about a revision that does not exist ErrMissing.
func noSuch(treeish string, err error) error {
	if exitCode(err) == 128 {
		msg := strings.ToLower(err.Error())
		for _, sign := range []string{"not a valid object name", "not a tree object", "unknown revision", "bad object", "bad revision", "needed a single revision"} {
			if strings.Contains(msg, sign) {
				return missingError{treeish, err}
			}
		}
	}
	return err
}

// missingError is ErrMissing with git's own words.
type missingError struct {
	spec string
	err  error
}

func (e missingError) Error() string        { return e.err.Error() }
func (e missingError) Unwrap() error        { return e.err }
func (e missingError) Is(target error) bool { return target == ErrMissing }

// parseTreeEntry reads one record of "ls-tree -z", with or without -l:
// mode, space, type, space, object[, spaces, size], tab, path.
func parseTreeEntry(rec []byte, hashSize int) (TreeEntry, error) {
	head, path, ok := bytes.Cut(rec, []byte{'\t'})
	f := strings.Fields(string(head))
	if !ok || len(path) == 0 || len(f) < 3 || len(f) > 4 || !isOID(f[2], hashSize) {
		return TreeEntry{}, badRecord("ls-tree", rec)
	}
	mode, ok := parseMode(f[0])
	if !ok {
		return TreeEntry{}, badRecord("ls-tree", rec)
	}
	e := TreeEntry{Mode: mode, Type: f[1], OID: f[2], Path: string(path), Size: -1}
	if len(f) == 4 && f[3] != "-" && f[3] != "BAD" {
		if e.Size, ok = parseSize(f[3]); !ok {
			return TreeEntry{}, badRecord("ls-tree", rec)
		}
	}
	return e, nil
}
