package gitrepo

import "context"

// Add has git run the clean filter on tracked files and stage what comes out,
// although the files did not change: after their attributes did. What was edited
// and not yet staged is staged with it. All of the files git is given are staged,
// or on its failure none.
//
// Paths that are no tracked regular files of the work tree, are in conflict or
// behind a symbolic link come back in a *PathsError; the others are staged.
func (r *Repo) Add(ctx context.Context, paths []string) error {
	if err := checkPaths(paths); err != nil {
		return err
	}
	w, err := r.openWorkTree()
	if err != nil {
		return err
	}
	defer w.root.Close()
	report := &PathsError{Op: "stage"}
	files, err := r.trackedFiles(ctx, w, paths, false, report)
	if err != nil {
		return err
	}
	if len(files) > 0 {
		defer r.indexChanged()
		if err := r.renormalize(ctx, files); err != nil {
			report.Err = err
			report.Untried = pathsOf(files)
		}
	}
	return report.orNil()
}

func (r *Repo) renormalize(ctx context.Context, files []workFile) error {
	v, err := r.Version(ctx)
	if err != nil {
		return err
	}
	args := []string{"--literal-pathspecs", "-c", "add.ignoreErrors=false", "add", "--renormalize", "--pathspec-from-file=-", "--pathspec-file-nul"}
	if v.AtLeast(2, 34) {
		args = append(args, "--sparse")
	}
	_, err = r.RunWrite(ctx, nulFiles(files), args...)
	return err
}
