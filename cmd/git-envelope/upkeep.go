package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/git-envelope/git-envelope/internal/check"
	"github.com/git-envelope/git-envelope/internal/gitrepo"
	"github.com/git-envelope/git-envelope/internal/keyring"
	"github.com/git-envelope/git-envelope/policy"
)

// upkeep judges whether the keys of the state a scan ends at are kept as its
// policy wants them. Of older states that is no news: nobody can mend them.
func (j *judgement) upkeep(ctx context.Context) error {
	if j.repo == nil || !j.states.hasState || len(j.o.paths) > 0 || j.o.preReceive || j.o.part.Index > 1 {
		return nil
	}
	found, err := j.upkeepOf(ctx, j.states.rev)
	var git *gitrepo.GitError
	if j.o.history && (errors.Is(err, gitrepo.ErrMissing) || errors.As(err, &git)) {
		j.r.Undetermined = append(j.r.Undetermined, fmt.Sprintf("the keys' age can't be judged: %v", err))
		return ctx.Err()
	}
	for _, f := range found {
		j.r.Findings = append(j.r.Findings, j.finding(ctx, f))
	}
	return err
}

// warnOfUpkeep is for the hook: a key that has grown old, or a colleague who lacks
// one since the last merge, is no reason to refuse somebody's commit. Nobody shall
// wait for it either, so where only a merge could be of consequence it looks at
// merges only.
func (j *judgement) warnOfUpkeep(ctx context.Context, hook string) {
	p, err := j.policyOf(ctx, "")
	aging := func(r policy.Ring) bool { return r.RotateEvery > 0 }
	if err != nil || p == nil || hook != "pre-merge-commit" && !slices.ContainsFunc(p.Rings, aging) {
		return // what is wrong with the policy, the verdict has said
	}
	found, err := j.upkeepOf(ctx, "")
	if err != nil {
		j.warningf("whether keys are to be rotated can't be told: %v", err)
	}
	for _, f := range found {
		j.warningf("%s", f.Message)
		j.hintf("%s", f.Hint)
	}
}

// upkeepOf judges the keys of a state; "" is the index.
func (j *judgement) upkeepOf(ctx context.Context, rev string) ([]check.Finding, error) {
	p, err := j.policyOf(ctx, rev)
	if p == nil || err != nil {
		return nil, err
	}
	kr := keyring.New(keyring.Config{Current: stateKeys{newKeySources(j.clone), rev}})
	have := map[string][]check.Generation{}
	for _, ring := range p.Rings {
		generations, err := everyGeneration(ctx, kr, ring)
		if err != nil {
			return nil, err
		}
		have[ring.Name] = claims(generations)
	}
	return check.Upkeep(p, j.now(), func(ring string) []check.Generation { return have[ring] }), nil
}

// addUpkeep tells where the keys are not as rotate_every and require want them.
// Recipients without a wrapped key are told by recipientProblems already.
func (r *statusReport) addUpkeep(p *policy.Policy, now time.Time) {
	rings := map[string]*ringStatus{}
	for i, ring := range p.Rings {
		s := &r.Rings[i]
		rings[ring.Name] = s
		s.Require = ring.Require
		if ring.RotateEvery > 0 {
			s.RotateEvery = period(ring.RotateEvery)
		}
		if len(s.metadata) > 0 {
			if age := check.AgeOf(ring, s.metadata[0].Created, now); !age.Due.IsZero() {
				s.RotationDue, s.Overdue = &age.Due, age.Overdue
			}
		}
	}
	for _, f := range check.Upkeep(p, now, func(ring string) []check.Generation { return claims(rings[ring].metadata) }) {
		switch f.Rule {
		case check.RecipientWithoutKey:
			continue
		case check.RequiredRecipientMissing:
			rings[f.Ring].Missing = append(rings[f.Ring].Missing, f.Base)
		}
		r.add(f.Path, f.Message, f.Hint)
	}
}

// period is a duration as a policy has it: in days where it is of whole ones.
func period(d time.Duration) string {
	const day = 24 * time.Hour
	if d%day == 0 {
		return fmt.Sprintf("%dd", d/day)
	}
	return brief(d)
}

// claims are generations as the verdict, which knows nothing of keys, takes them.
func claims(generations []keyring.Metadata) []check.Generation {
	out := make([]check.Generation, len(generations))
	for i, m := range generations {
		out[i] = check.Generation{ID: m.ID.String(), Created: m.Created}
		for _, r := range m.Recipients {
			r = r.Public() // a key file may name anything; what a policy names is no secret
			out[i].Recipients = append(out[i].Recipients, policy.Recipient{Kind: r.Kind, URI: r.URI})
		}
	}
	return out
}

// stateKeys lists the wrapped-key files of one state of the repository.
type stateKeys struct {
	s   *keySources
	rev string
}

func (k stateKeys) Generations(ctx context.Context, ring string) ([]keyring.File, error) {
	all, err := k.s.list(ctx, k.rev)
	if err != nil {
		return nil, err
	}
	var files []keyring.File
	for name, oid := range all {
		if !strings.HasPrefix(name, keyring.RingDir(ring)+"/") {
			continue
		}
		b, err := k.s.c.readObject(ctx, oid)
		if err == nil && b == nil {
			err = fmt.Errorf("%s: %w", show(name), gitrepo.ErrMissing)
		}
		if err != nil {
			return nil, fmt.Errorf("read a wrapped key: %w", err)
		}
		files = append(files, keyring.File{Path: name, Data: b})
	}
	return files, nil
}
