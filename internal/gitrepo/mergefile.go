package gitrepo

import (
	"context"
	"errors"
	"fmt"
)

// MergeOptions are those of git-merge-file(1).
type MergeOptions struct {
	MarkerSize                        int
	BaseLabel, OursLabel, TheirsLabel string
}

// MergeFile merges the changes from base to theirs into ours as git would, with
// merge.conflictStyle as configured, and tells whether conflict markers are left
// in the result. The contents reach git through memory alone; where the system
// cannot do that, the error is ErrNoMemoryFile. Binary content is an error.
func (r *Repo) MergeFile(ctx context.Context, base, ours, theirs []byte, o MergeOptions) (merged []byte, conflict bool, err error) {
	args, err := o.args()
	if err != nil {
		return nil, false, err
	}
	return mergedFile(r.git.withMemoryFiles(ctx, args, ours, base, theirs))
}

// MergeNamed is MergeFile for files that are on disk anyway, by their full names.
func (r *Repo) MergeNamed(ctx context.Context, base, ours, theirs string, o MergeOptions) (merged []byte, conflict bool, err error) {
	args, err := o.args()
	if err != nil {
		return nil, false, err
	}
	return mergedFile(r.git.output(ctx, r.git.read, nil, append(args, ours, base, theirs)))
}

func (o MergeOptions) args() ([]string, error) {
	if o.MarkerSize < 1 || o.MarkerSize > 1000 {
		return nil, fmt.Errorf("a conflict marker of %d characters", o.MarkerSize)
	}
	return append(safe[:len(safe):len(safe)], "merge-file", "--stdout", fmt.Sprintf("--marker-size=%d", o.MarkerSize),
		"-L", o.OursLabel, "-L", o.BaseLabel, "-L", o.TheirsLabel), nil
}

// mergedFile reads the exit code: the number of conflicts, at most 127; beyond is
// failure.
func mergedFile(out []byte, err error) ([]byte, bool, error) {
	if code := exitCode(err); code > 0 && code <= 127 {
		return out, true, nil
	}
	return out, false, err
}

// ErrNoMemoryFile says that this system has no files in memory, so that content
// which must not touch a disk cannot be handed to another program.
var ErrNoMemoryFile = errors.New("this system cannot pass plaintext to git without writing it to a disk")
