package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/git-envelope/git-envelope/internal/gitrepo"
	"github.com/git-envelope/git-envelope/internal/keys"
	"github.com/git-envelope/git-envelope/policy"
)

// branchesReport is the answer of 'reseal --all-branches --json'. Fields are only
// ever added.
type branchesReport struct {
	Version  int            `json:"version"`
	Branches []branchReport `json:"branches"`
}

// branchReport is what the tip of a branch holds under generations other than
// the current ones of this work tree.
type branchReport struct {
	Ref    string `json:"ref"`
	Commit string `json:"commit"`
	Sealed int    `json:"sealed"` // files that its own policy covers and that are sealed
	Old    int    `json:"old"`    // of these, under an older generation
	// Generations are the older ones, and those this work tree does not know: the
	// branch has been rotated by itself, or comes from elsewhere.
	Generations []branchGeneration `json:"generations"`
	// Error is why nothing is known of the branch.
	Error string `json:"error,omitempty"`
}

type branchGeneration struct {
	Ring  string `json:"ring"`
	KeyID string `json:"key_id"`
	Known bool   `json:"known"`
	Files int    `json:"files"`
}

// resealBranches tells what other branches still have under older generations. It
// checks nothing out and opens no key.
func (c *clone) resealBranches(ctx context.Context, p *policy.Policy, o resealOptions) error {
	s, err := c.newBranchSurvey(ctx, p, o)
	if err != nil {
		return err
	}
	refs, err := c.otherBranches(ctx)
	if err != nil {
		return err
	}
	r := branchesReport{Version: 1, Branches: []branchReport{}}
	tips := map[string]branchReport{}
	for _, ref := range refs {
		tip, seen := tips[ref.OID]
		if !seen {
			if tip, err = s.tip(ctx, ref.OID); err != nil {
				return err
			}
			tips[ref.OID] = tip
		}
		tip.Ref = ref.Name
		r.Branches = append(r.Branches, tip)
	}
	if o.json {
		err = c.printJSON(r)
	} else {
		r.print(c.app)
	}
	return errors.Join(err, r.verdict())
}

// otherBranches are local and remote-tracking branches but the one in use.
func (c *clone) otherBranches(ctx context.Context) (branches []gitrepo.Ref, err error) {
	refs, err := c.repo.Refs(ctx)
	if err != nil {
		return nil, err
	}
	current, err := c.repo.Branch(ctx)
	if err != nil {
		return nil, err
	}
	for _, ref := range refs {
		branch := strings.HasPrefix(ref.Name, "refs/heads/") || strings.HasPrefix(ref.Name, "refs/remotes/")
		if branch && ref.Type == "commit" && ref.Symref == "" && ref.Name != current {
			branches = append(branches, ref)
		}
	}
	return branches, nil
}

// branchSurvey looks at tips of branches, at each blob once.
type branchSurvey struct {
	*clone
	rings  []string                   // that were asked for; none: all
	policy *policy.Policy             // the one here, which knows former names
	known  map[keys.ID]generationHere // generations this work tree has
	heads  map[string]stored
}

type generationHere struct {
	ring    string
	current bool
}

func (c *clone) newBranchSurvey(ctx context.Context, p *policy.Policy, o resealOptions) (*branchSurvey, error) {
	if _, err := o.wanted(p); err != nil {
		return nil, err
	}
	kr, err := c.keyring()
	if err != nil {
		return nil, err
	}
	s := &branchSurvey{clone: c, rings: o.rings, policy: p, known: map[keys.ID]generationHere{}, heads: map[string]stored{}}
	for _, name := range everyName(p, ringNames(p)...) {
		all, err := kr.Generations(ctx, name)
		if err != nil {
			return nil, err
		}
		for i, g := range all {
			ring := p.Today(name)
			s.known[g.ID] = generationHere{ring, i == 0 && name == ring}
		}
	}
	return s, nil
}

// tip looks at the tree of a commit, by its own policy.
func (s *branchSurvey) tip(ctx context.Context, commit string) (r branchReport, err error) {
	r = branchReport{Commit: commit, Generations: []branchGeneration{}}
	p, err := s.policies.fromObject(ctx, commit+":"+policyPath)
	if err != nil || p == nil {
		if err != nil {
			r.Error = err.Error()
		}
		return r, ctx.Err() // without a policy nothing is covered
	}
	for e, err := range s.repo.TreeIter(ctx, commit) {
		if err != nil {
			r.Error = err.Error()
			return r, ctx.Err()
		}
		ring, covered := p.RingOf(e.Path)
		if !covered || !gitrepo.IsFile(e.Mode) {
			continue
		}
		head, seen := s.heads[e.OID]
		if !seen {
			if head, err = s.head(ctx, e.OID); err != nil {
				r.Error = fmt.Sprintf("%s: %v", e.Path, err)
				return r, ctx.Err()
			}
			s.heads[e.OID] = head
		}
		if head.magic && head.err == nil {
			s.count(&r, ring, head)
		}
	}
	slices.SortFunc(r.Generations, func(a, b branchGeneration) int {
		return cmp.Or(strings.Compare(a.Ring, b.Ring), strings.Compare(a.KeyID, b.KeyID))
	})
	return r, nil
}

// count counts a sealed file. Its ring is that of its key, or where that is not
// known here, what the branch's policy says.
func (s *branchSurvey) count(r *branchReport, ring string, head stored) {
	g, known := s.known[head.id]
	if known {
		ring = g.ring
	}
	if now := s.policy.Today(ring); now != "" {
		ring = now
	}
	if len(s.rings) > 0 && !slices.Contains(s.rings, ring) {
		return
	}
	r.Sealed++
	if g.current {
		return
	}
	if known {
		r.Old++
	}
	id := head.id.String()
	for i := range r.Generations {
		if r.Generations[i].KeyID == id {
			r.Generations[i].Files++
			return
		}
	}
	r.Generations = append(r.Generations, branchGeneration{ring, id, known, 1})
}

func (r branchesReport) print(a *app) {
	old := 0
	for _, b := range r.Branches {
		name := show(b.Ref)
		switch {
		case b.Error != "":
			a.warningf("%s: %s", name, b.Error)
			continue
		case b.Old > 0:
			old++
			a.printf("%s: %d of %s under an older generation\n", name, b.Old, plural(b.Sealed, "sealed file"))
		default:
			a.printf("%s: none of %s under an older generation\n", name, plural(b.Sealed, "sealed file"))
		}
		for _, g := range b.Generations {
			what := "generation"
			if !g.Known {
				what = "unknown here (merge it, or compare its " + keysDir + "): generation"
			}
			a.printf("  ring %s, %s %s: %s\n", g.Ring, what, g.KeyID[:8], plural(g.Files, "file"))
		}
	}
	if len(r.Branches) == 0 {
		a.printf("there is no other branch\n")
	}
	if old > 0 {
		a.hintf("merge the branch that was rotated into each of them, then: git envelope reseal")
	}
}

// verdict is errFindings if a branch has older generations.
func (r branchesReport) verdict() error {
	var errs []error
	for _, b := range r.Branches {
		if b.Error != "" {
			errs = append(errs, errUndetermined)
		}
		if b.Old > 0 {
			errs = append(errs, errFindings)
		}
	}
	return errors.Join(errs...)
}
