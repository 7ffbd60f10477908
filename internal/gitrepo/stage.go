package gitrepo

import "context"

// Stage adds files, or all files below folders, to the index as "git add" does,
// untracked ones too. Names are literal. All of them, or on an error none: git is
// not interrupted once it has begun, for then nobody could tell which it was.
func (r *Repo) Stage(ctx context.Context, paths []string) error {
	if err := checkPaths(paths); err != nil {
		return err
	}
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	defer r.indexChanged()
	_, err := r.RunWrite(context.WithoutCancel(ctx), nul(paths), "--literal-pathspecs", "add", "--pathspec-from-file=-", "--pathspec-file-nul")
	return err
}
