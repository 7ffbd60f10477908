package gitrepo

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
)

// Filtered lists the index entries whose attribute filter names driver, by the
// attributes in force on check-in. It is git's own answer, for all paths at once.
func (r *Repo) Filtered(ctx context.Context, driver string) ([]IndexEntry, error) {
	return r.Index(ctx, ":(top,attr:filter="+driver+")")
}

// View is the repository as if treeish ("": the index in use) were its index and
// its work tree were empty, so that attributes are those of that very tree and
// nothing in the real work tree has a say. Object names are all it puts on disk,
// in a temporary folder that close removes.
func (r *Repo) View(ctx context.Context, treeish string) (view *Repo, close func() error, err error) {
	dir, err := os.MkdirTemp("", "git-envelope-view-*")
	if err != nil {
		return nil, nil, fmt.Errorf("make a temporary folder: %w", err)
	}
	view = &Repo{GitDir: r.GitDir, CommonDir: r.CommonDir, WorkTree: filepath.Join(dir, "empty"), IndexFile: r.IndexFile, ObjectFormat: r.ObjectFormat}
	if treeish != "" {
		view.IndexFile = filepath.Join(dir, "index")
	}
	env := environ(r.git.read)
	for _, v := range [][2]string{{"GIT_DIR", view.GitDir}, {"GIT_COMMON_DIR", view.CommonDir}, {"GIT_WORK_TREE", view.WorkTree}, {"GIT_INDEX_FILE", view.IndexFile}} {
		env = env.set(v[0], v[1])
	}
	view.git = runner{dir: view.WorkTree, read: env, write: env}
	err = os.Mkdir(view.WorkTree, 0o700)
	if err == nil && treeish != "" {
		_, err = view.Run(ctx, nil, "read-tree", "--end-of-options", treeish)
	}
	if err != nil {
		_ = os.RemoveAll(dir)
		return nil, nil, err
	}
	return view, func() error {
		err := view.Close()
		if gone := os.RemoveAll(dir); err == nil {
			err = gone
		}
		return err
	}, nil
}

// Modified is the set of tracked paths whose work tree file differs from the
// index, as "git status" sees it: unmerged and deleted paths count too.
func (r *Repo) Modified(ctx context.Context) (map[string]bool, error) {
	set := map[string]bool{}
	for rec, err := range r.records(ctx, nil, "status", "--porcelain=v1", "-z", "--untracked-files=no", "--no-renames", "--ignore-submodules=all") {
		if err != nil {
			return nil, err
		}
		if len(rec) < 4 || rec[2] != ' ' {
			return nil, badRecord("status", rec)
		}
		if rec[1] != ' ' {
			set[string(rec[3:])] = true
		}
	}
	return set, nil
}
