package gitrepo

import (
	"context"
	"strings"
)

// Unstaged is how the work tree differs from the index, without a run of the
// filter driver that is named: of its files those are listed whose dates, sizes or
// modes differ, and those that are as old as the index itself, so that content
// would have to be compared. Some of them have the content they had. A path in
// conflict appears as U, one of "git add -N" as A.
func (r *Repo) Unstaged(ctx context.Context, driver string) ([]Change, error) {
	filter := "filter." + driver
	changes, err := collectChanges(r.records(ctx, nil, "-c", filter+".process=", "-c", filter+".clean=", "-c", filter+".required=false",
		"diff-files", "--raw", "-z", "--no-renames", "--no-abbrev", "--no-relative", "--ignore-submodules=all", "--no-ext-diff", "--no-textconv", "--"), r.HashSize())
	if err != nil {
		return nil, err
	}
	// A conflict is listed twice: once more as the change to one of its sides.
	var out []Change
	for _, c := range changes {
		if n := len(out); n > 0 && out[n-1].Status == 'U' && out[n-1].Path == c.Path {
			continue
		}
		out = append(out, c)
	}
	return out, nil
}

// Matching lists the tracked paths that a pathspec matches, each once and in the
// index's order, as seen from a folder of the work tree (slash-separated, from its
// top). ErrMissing says that one of the pathspecs matches nothing.
func (r *Repo) Matching(ctx context.Context, folder string, pathspec ...string) ([]string, error) {
	args := append([]string{"-C", r.Path(folder), "ls-files", "--cached", "--full-name", "-z", "--error-unmatch", "--"}, pathspec...)
	var all []string
	for rec, err := range r.records(ctx, nil, args...) {
		if err != nil {
			if exitCode(err) == 1 { // that is all that --error-unmatch has to say
				err = missingError{strings.Join(pathspec, " "), err}
			}
			return nil, err
		}
		if p := string(rec); len(all) == 0 || all[len(all)-1] != p {
			all = append(all, p)
		}
	}
	return all, nil
}
