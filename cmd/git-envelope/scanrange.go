package main

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"strings"

	"github.com/git-envelope/git-envelope/internal/gitrepo"
)

func (j *judgement) span(ctx context.Context) error {
	from, to, _ := strings.Cut(j.o.span, "..")
	if to == "" {
		to = "HEAD"
	}
	base, err := j.repo.Resolve(ctx, from+"^{commit}")
	if err != nil {
		return err
	}
	rev, err := j.repo.Resolve(ctx, to+"^{commit}")
	if err != nil {
		return err
	}
	return j.commits(ctx, passage{include: []string{rev}, exclude: []string{base}, base: base})
}

// passage is what goes from one state of a repository to another.
type passage struct {
	include, exclude []string          // what include leads to and exclude does not
	base             string            // the state whose allowances count, "" for none
	old              map[string]string // what a tip of include stands in for, where that is not the base
	refs             []gitrepo.Root    // those that are set
}

func (p passage) before(tip string) string { return cmp.Or(p.old[tip], p.base) }

// commits judges a passage.
func (j *judgement) commits(ctx context.Context, p passage) error {
	s := states{base: p.base, hasBase: p.base != "", orphan: p.base == "" && j.o.preReceive && len(p.exclude) > 0}
	if len(p.include) > 0 {
		s.rev, s.hasState = p.include[len(p.include)-1], true
	}
	if err := j.prepare(ctx, s); err != nil {
		return err
	}
	if err := j.add(j.RefNames(ctx, p.refs)); err != nil || len(p.include) == 0 {
		return err
	}
	if err := j.eachCommit(ctx, p); err != nil {
		return err
	}
	return j.add(j.Range(ctx, p.include, p.exclude))
}

func (j *judgement) received(ctx context.Context) error {
	updates, err := gitrepo.ParseUpdates(j.in, j.repo.HashSize())
	if err == nil && len(updates) == 0 {
		err = errors.New("nothing was pushed: no line on standard input") // which Git never does
	}
	if err != nil {
		return usage(err, "it is to be run as a pre-receive hook")
	}
	p := passage{old: map[string]string{}}
	if p.include, p.exclude, err = j.repo.Received(ctx, updates); err != nil {
		return err
	}
	for _, u := range updates {
		if u.New != "" { // a name that is a secret can always be deleted
			p.old[u.New], p.refs = u.Old, append(p.refs, gitrepo.Root{Name: u.Ref, OID: u.New})
		}
	}
	base, born, err := j.repo.Head(ctx)
	if err == nil && born { // else HEAD names a branch that nobody pushed
		p.base = base
	}
	return j.commits(ctx, p)
}

func (j *judgement) pushed(ctx context.Context, remote string) error {
	pushes, err := gitrepo.ParsePushes(j.in, j.repo.HashSize())
	if err != nil {
		return usage(err, "it is to be run as a pre-push hook")
	}
	return j.sent(ctx, remote, pushes)
}

// sent judges what pushes send to a remote.
func (j *judgement) sent(ctx context.Context, remote string, pushes []gitrepo.Push) (err error) {
	p := passage{old: map[string]string{}}
	if p.include, p.exclude, err = j.repo.Pushed(ctx, remote, pushes); err != nil {
		return err
	}
	for _, push := range pushes {
		if push.LocalOID == "" {
			continue
		}
		p.refs = append(p.refs, gitrepo.Root{Name: push.RemoteRef, OID: push.LocalOID})
		if slices.Contains(p.exclude, push.RemoteOID) { // else it was never fetched
			p.old[push.LocalOID] = push.RemoteOID
			p.base = cmp.Or(p.base, push.RemoteOID)
		}
	}
	if p.base == "" && len(p.exclude) > 0 {
		p.base = p.exclude[len(p.exclude)-1]
		if head, err := j.repo.Resolve(ctx, "refs/remotes/"+remote+"/HEAD"); err == nil && slices.Contains(p.exclude, head) {
			p.base = head
		}
	}
	return j.commits(ctx, p)
}
