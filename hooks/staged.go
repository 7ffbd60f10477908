package hooks

import (
	"context"
	"errors"
	"io"

	"github.com/git-envelope/git-envelope/internal/check"
	"github.com/git-envelope/git-envelope/internal/gitrepo"
)

// Stage is what a commit of the index has to be judged for.
type Stage struct {
	Changes []check.Change
	Born    bool // HEAD names a commit, from which the changes are
}

// Staged lists what a commit of the index has to be judged for: what differs
// from HEAD; what differs from HEAD's first parent too, since 'git commit
// --amend' makes a commit of that; and every path if the policy or attributes
// are among it, since then old content is under new rules.
//
// Each commit waits for this, so Git is asked for both differences at once, by
// the names of their bases, before it is known that there are any. The second is
// asked for as what HEAD brought, which needs no index: where the index is as HEAD
// that is the same, and where it is not the first has the path.
func Staged(ctx context.Context, repo *gitrepo.Repo) (*Stage, error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	brought := startDiff(ctx, repo)
	s := &Stage{Born: true}
	changes, err := repo.Staged(ctx, "HEAD")
	if err != nil { // mostly since there is no commit yet
		if _, s.Born, err = repo.Head(ctx); err == nil {
			changes, err = repo.Staged(ctx, "")
		}
	}
	if err != nil {
		return nil, err
	}
	judged := map[string]bool{}
	everything := false
	for _, c := range changes {
		judged[c.Path] = true
		everything = everything || check.Governs(c.Path)
		s.Changes = append(s.Changes, change(repo, c))
	}
	if everything {
		return s, s.addIndex(ctx, repo, judged)
	}
	return s, s.addAmended(ctx, repo, judged, <-brought)
}

// addIndex adds all paths.
func (s *Stage) addIndex(ctx context.Context, repo *gitrepo.Repo, judged map[string]bool) error {
	index, err := repo.Index(ctx)
	if err != nil {
		return err
	}
	for _, e := range index {
		if e.Stage == 0 && !e.IntentToAdd && !judged[e.Path] {
			s.addSame(repo, e.Path, e.Mode, e.OID)
		}
	}
	return nil
}

// difference is what HEAD changed.
type difference struct {
	changes []gitrepo.Change
	err     error
}

func startDiff(ctx context.Context, repo *gitrepo.Repo) <-chan difference {
	c := make(chan difference, 1)
	go func() {
		changes, err := repo.Between(ctx, "HEAD^1", "HEAD")
		c <- difference{changes, err}
	}()
	return c
}

// addAmended adds what HEAD itself brought. The index has it as HEAD does.
func (s *Stage) addAmended(ctx context.Context, repo *gitrepo.Repo, judged map[string]bool, d difference) error {
	if d.err != nil {
		parent, err := repo.Resolve(ctx, "HEAD^1")
		if errors.Is(err, gitrepo.ErrMissing) {
			return nil // no commit yet, the first one, or the end of a shallow clone
		}
		if err != nil {
			return err
		}
		if d.changes, err = repo.Between(ctx, parent, "HEAD"); err != nil {
			return err
		}
	}
	for _, c := range d.changes {
		if !judged[c.Path] && c.NewMode != 0 {
			s.addSame(repo, c.Path, c.NewMode, c.NewOID)
		}
	}
	return nil
}

// addSame adds a path that is in the index as it is in HEAD.
func (s *Stage) addSame(repo *gitrepo.Repo, path string, mode uint32, oid string) {
	same := blob(repo, mode, oid)
	s.Changes = append(s.Changes, check.Change{Path: path, Old: same, New: same})
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
