package gitrepo

import (
	"context"
	"strings"
)

// Unstaged is how the work tree differs from the index, as far as file dates,
// sizes and modes tell: a file that was only touched is among them, with the
// content it had. A path in conflict appears as U, one of "git add -N" as A.
//
// In all but the rare case that a file is as old as the index itself, git
// compares no content, and so runs no filter.
func (r *Repo) Unstaged(ctx context.Context) ([]Change, error) {
	changes, err := collectChanges(r.records(ctx, nil, "diff-files", "--raw", "-z", "--no-renames", "--no-abbrev", "--no-relative",
		"--ignore-submodules=all", "--no-ext-diff", "--no-textconv", "--"), r.HashSize())
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
