package gitrepo

import (
	"bytes"
	"context"
	"path/filepath"
	"strings"
)

// Worktree is one work tree of the repository, or the bare repository itself.
type Worktree struct {
	Path, Head, Branch               string // Branch "" if detached
	Bare, Detached, Locked, Prunable bool
}

// Worktrees lists the main work tree, first, and all linked ones.
func (r *Repo) Worktrees(ctx context.Context) ([]Worktree, error) {
	v, err := r.Version(ctx)
	if err != nil {
		return nil, err
	}
	args, end := []string{"worktree", "list", "--porcelain", "-z"}, "\x00"
	if !v.AtLeast(2, 36) {
		args, end = args[:3], "\n" // wrong only for paths with a newline
	}
	out, err := r.Run(ctx, nil, args...)
	if err != nil {
		return nil, err
	}
	return parseWorktrees(out, end)
}

// parseWorktrees reads attributes, one a record, and an empty record after each
// work tree.
func parseWorktrees(out []byte, end string) ([]Worktree, error) {
	var all []Worktree
	for rec := range bytes.SplitSeq(bytes.TrimSuffix(out, []byte(end)), []byte(end)) {
		name, value, _ := strings.Cut(string(rec), " ")
		if name == "worktree" {
			all = append(all, Worktree{Path: filepath.FromSlash(value)})
			continue
		}
		if len(all) == 0 {
			return nil, badRecord("worktree", rec)
		}
		w := &all[len(all)-1]
		switch name {
		case "HEAD":
			w.Head = value
		case "branch":
			w.Branch = value
		case "bare":
			w.Bare = true
		case "detached":
			w.Detached = true
		case "locked":
			w.Locked = true
		case "prunable":
			w.Prunable = true
		}
	}
	return all, nil
}
