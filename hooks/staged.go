package hooks

import (
	"context"
	"errors"
	"io"

	"github.com/git-envelope/git-envelope/internal/check"
	"github.com/git-envelope/git-envelope/internal/gitrepo"
)

// Staged lists what a commit of the index has to be judged for: what differs
// from HEAD; what differs from HEAD's first parent too, since 'git commit
// --amend' makes a commit of that; and every path if the policy or attributes
// are among it, since then old content is under new rules.
func Staged(ctx context.Context, repo *gitrepo.Repo) ([]check.Change, error) {
	changes, err := repo.Staged(ctx, "")
	if err != nil {
		return nil, err
	}
	var out []check.Change
	judged := map[string]bool{}
	everything := false
	for _, c := range changes {
		judged[c.Path] = true
		everything = everything || check.Governs(c.Path)
		out = append(out, change(repo, c))
	}
	if everything {
		index, err := repo.Index(ctx)
		if err != nil {
			return nil, err
		}
		for _, e := range index {
			if e.Stage == 0 && !e.IntentToAdd && !judged[e.Path] {
				same := blob(repo, e.Mode, e.OID)
				out = append(out, check.Change{Path: e.Path, Old: same, New: same})
			}
		}
		return out, nil
	}
	return amended(ctx, repo, judged, out)
}

// amended adds what HEAD itself brought. The index has it as HEAD does.
func amended(ctx context.Context, repo *gitrepo.Repo, judged map[string]bool, out []check.Change) ([]check.Change, error) {
	parent, err := repo.Resolve(ctx, "HEAD^1")
	if errors.Is(err, gitrepo.ErrMissing) {
		return out, nil // no commit yet, the first one, or the end of a shallow clone
	}
	if err != nil {
		return nil, err
	}
	changes, err := repo.Staged(ctx, parent)
	if err != nil {
		return nil, err
	}
	for _, c := range changes {
		if !judged[c.Path] && c.NewMode != 0 {
			same := blob(repo, c.NewMode, c.NewOID)
			out = append(out, check.Change{Path: c.Path, Old: same, New: same})
		}
	}
	return out, nil
}

func change(repo *gitrepo.Repo, c gitrepo.Change) check.Change {
	return check.Change{Path: c.Path, Old: blob(repo, c.OldMode, c.OldOID), New: blob(repo, c.NewMode, c.NewOID)}
}

func blob(repo *gitrepo.Repo, mode uint32, oid string) *check.Blob {
	if mode == 0 {
		return nil
	}
	return Blob(repo, mode, oid)
}

// Blob is a stored object as the verdict reads it.
func Blob(repo *gitrepo.Repo, mode uint32, oid string) *check.Blob {
	return &check.Blob{Mode: mode, OID: oid, Open: func(ctx context.Context) (io.ReadCloser, error) {
		o, err := repo.Blobs().Open(ctx, oid)
		if err != nil {
			return nil, err
		}
		return o, nil
	}}
}
