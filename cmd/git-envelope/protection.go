package main

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/git-envelope/git-envelope/hooks"
	"github.com/git-envelope/git-envelope/internal/check"
	"github.com/git-envelope/git-envelope/internal/gitrepo"
	"github.com/git-envelope/git-envelope/internal/report"
	"github.com/git-envelope/git-envelope/policy"
)

// protection joins verdicts 1 and 2 on changes from base ("": none) to rev ("":
// the index). Of the findings those that keep wants are taken; nil: all.
func (j *judgement) protection(ctx context.Context, base, rev string, changes []check.Change, keep func(check.Finding) bool) error {
	v, err := j.judge(ctx, base, rev, changes)
	if err != nil {
		return err
	}
	j.take(ctx, v, keep)
	return nil
}

// take puts a verdict into the report.
func (j *judgement) take(ctx context.Context, v *verdict, keep func(check.Finding) bool) {
	j.r.Coverage.Files += v.Files
	for _, f := range v.Findings {
		if keep == nil || keep(f) {
			j.r.Findings = append(j.r.Findings, j.finding(ctx, f))
		}
	}
}

// finding puts a finding of verdict 1 or 2 into the report's form.
func (j *judgement) finding(ctx context.Context, f check.Finding) report.Finding {
	rule := check.RuleOf(f.Rule)
	place := "file"
	if rule.Verdict == 2 && f.OID == "" {
		place = "repository"
	}
	return report.Finding{
		Fingerprint: report.Fingerprint(j.rules.key, f.Rule, f.Path, nil, f.Ring, f.Base, f.Key),
		Rule:        f.Rule, Verdict: rule.Verdict, Severity: rule.Severity, Place: place, Path: j.Shown(ctx, f.Path), OID: f.OID,
		Message: f.Message, Hint: f.Hint, Ring: f.Ring, Base: f.Base, Key: f.Key, Integrity: f.Integrity,
	}
}

// eachCommit judges a range: what it weakens as a whole, and of every commit in
// it what it leaves unsealed, since that stays in history whatever comes later.
func (j *judgement) eachCommit(ctx context.Context, p passage) error {
	for c, err := range j.repo.Commits(ctx, p.include, p.exclude) {
		if err != nil {
			return err
		}
		parent := ""
		if len(c.Parents) > 0 {
			parent = c.Parents[0]
		}
		if err := j.oneCommit(ctx, parent, c.OID); err != nil {
			return err
		}
	}
	for _, tip := range p.include {
		if err := j.weakened(ctx, p.before(tip), tip); err != nil {
			return err
		}
	}
	return nil
}

// oneCommit is verdict 1 on what a commit changes.
func (j *judgement) oneCommit(ctx context.Context, parent, oid string) error {
	governed, err := j.governed(ctx, parent, oid)
	if err != nil || !governed {
		return err
	}
	changes, err := j.treeChanges(ctx, parent, oid)
	if err != nil {
		return err
	}
	before := len(j.r.Findings)
	err = j.protection(ctx, parent, oid, changed(changes), func(f check.Finding) bool { return check.RuleOf(f.Rule).Verdict == 1 })
	if err != nil {
		return err
	}
	details, err := j.Details(ctx, []string{oid})
	if err != nil {
		return err
	}
	for i := range j.r.Findings[before:] {
		d := details[oid]
		j.r.Findings[before+i].Commits = []report.Commit{{OID: oid, Author: d.Author, Time: d.Time, Title: d.Title}}
	}
	return nil
}

// changed leaves out what is the same on both sides, unless it is under new rules.
func changed(all []check.Change) (out []check.Change) {
	for _, ch := range all {
		if check.Governs(ch.Path) && !same(ch) {
			return all
		}
	}
	for _, ch := range all {
		if !same(ch) {
			out = append(out, ch)
		}
	}
	return out
}

func same(ch check.Change) bool {
	return ch.Old != nil && ch.New != nil && ch.Old.OID == ch.New.OID && ch.Old.Mode == ch.New.Mode
}

// weakened is verdict 2 from the base to a tip of the range.
func (j *judgement) weakened(ctx context.Context, base, tip string) error {
	if base == "" {
		return nil
	}
	if _, err := j.repo.Resolve(ctx, tip+"^{commit}"); errors.Is(err, gitrepo.ErrMissing) {
		return nil // a tag of something else
	}
	// What the base's own branch did since they parted is no doing of the range.
	fork, err := j.repo.MergeBase(ctx, base, tip)
	if err != nil {
		return err
	}
	governed, err := j.governed(ctx, fork, tip)
	if err != nil || !governed {
		return err
	}
	changes, err := j.treeChanges(ctx, fork, tip)
	if err != nil {
		return err
	}
	return j.protection(ctx, fork, tip, changes, func(f check.Finding) bool { return check.RuleOf(f.Rule).Verdict == 2 })
}

// governed tells whether either state has a policy: without one nothing is ever
// sealed.
func (j *judgement) governed(ctx context.Context, revs ...string) (bool, error) {
	for _, rev := range revs {
		if rev == "" {
			continue
		}
		p, err := j.policyOf(ctx, rev)
		if p != nil || err != nil {
			return p != nil, err
		}
	}
	return false, nil
}

// plainOnce finds what a policy of its time wanted sealed and a commit of
// history has in plaintext. Most blobs were never at a path that any policy
// seals, and policies are few, so only the rest is looked at commit by commit.
func (j *judgement) plainOnce(ctx context.Context) error {
	roots, err := j.repo.Roots(ctx, false)
	if err != nil {
		return nil // the sweep has said so
	}
	var tips []string
	for _, root := range roots {
		tips = append(tips, root.OID)
	}
	if tips, err = j.repo.Present(ctx, tips); err != nil {
		return err
	}
	if ever, err := j.repo.EverHad(ctx, tips, policyPath); err == nil && !ever {
		return nil
	}
	h := pastPolicies{j: j, known: map[string]bool{}, rules: map[string]*policy.Policy{}}
	// Of most histories next to nothing is kept: a commit's policy is one that it or
	// one before it has brought, so what those known by its end do not cover is out.
	var candidates []gitrepo.Introduction
	judged := 0 // of candidates
	settle := func() {
		kept := slices.DeleteFunc(candidates[judged:], func(i gitrepo.Introduction) bool { return !h.covers(i.Path) })
		judged += len(kept)
		candidates = candidates[:judged]
	}
	commit := ""
	for i, err := range j.repo.Introductions(ctx, tips, nil, nil) {
		if err != nil {
			j.r.Undetermined = append(j.r.Undetermined, fmt.Sprintf("history can't be judged to its end: %v", err))
			break
		}
		if i.Commit != commit {
			settle()
			commit = i.Commit
		}
		if i.Path == policyPath {
			if err := h.learn(ctx, i.Blob); err != nil {
				return err
			}
		}
		if gitrepo.IsFile(i.Mode) {
			candidates = append(candidates, i)
		}
	}
	settle()
	for _, i := range candidates {
		if err := h.judge(ctx, i); err != nil {
			return err
		}
	}
	return nil
}

// pastPolicies are what the policies that a history ever had want sealed. A
// stranger can make a history of any number of large ones, so there are limits.
type pastPolicies struct {
	j      *judgement
	known  map[string]bool           // blobs that were read
	rules  map[string]*policy.Policy // one for each different set of rules
	text   int                       // bytes read
	unlike int                       // bytes of the different sets
}

// Limits of what is read of policies of the past, and of what is kept: each file
// of the history is held against all that is kept.
const (
	maxPastText  = 32 << 20
	maxPastRules = policy.MaxSize
)

func (h *pastPolicies) learn(ctx context.Context, blob string) error {
	if h.known[blob] {
		return nil
	}
	h.known[blob] = true
	if h.text > maxPastText {
		h.full()
		return nil
	}
	text, err := h.j.readObject(ctx, blob)
	if err != nil {
		return err
	}
	h.text += len(text)
	p, err := policy.Parse(text, "policy "+blob[:10])
	if err != nil {
		return nil // it was never in force: the filter refuses it
	}
	rules := fmt.Sprintf("%q %q", p.Rules, p.Forbid)
	switch {
	case h.rules[rules] != nil:
	case h.unlike > maxPastRules:
		h.full()
	default:
		h.rules[rules] = p
		h.unlike += len(rules)
	}
	return nil
}

// full says, once, that not all of the past is judged.
func (h *pastPolicies) full() {
	const why = "the history has too many, or too large, policies: what only some of them wanted sealed was not looked for"
	if !slices.Contains(h.j.r.Undetermined, why) {
		h.j.r.Undetermined = append(h.j.r.Undetermined, why)
	}
}

func (h *pastPolicies) covers(path string) bool {
	for _, p := range h.rules {
		if _, covered := p.RingOf(path); covered {
			return true
		}
		if _, forbidden := p.Forbidden(path); forbidden {
			return true
		}
	}
	return false
}

// judge looks at one file of one commit.
func (h *pastPolicies) judge(ctx context.Context, i gitrepo.Introduction) error {
	p, err := h.j.policyOf(ctx, i.Commit)
	if err != nil || p == nil {
		return nil // an impossible policy of the past protects nothing and is no news
	}
	checker := check.Checker{New: check.Side{Policy: p}, RingOfKey: func(context.Context, string) (string, error) { return "", check.ErrUnknownKey }}
	found, err := checker.Change(ctx, check.Change{Path: i.Path, New: hooks.Blob(h.j.repo, i.Mode, i.Blob)})
	if err != nil {
		return err
	}
	for _, f := range found {
		if f.Rule != check.PlainAtSealedPath && f.Rule != check.ForbiddenPlain {
			continue
		}
		finding := h.j.finding(ctx, f)
		details, err := h.j.Details(ctx, []string{i.Commit})
		if err != nil {
			return err
		}
		d := details[i.Commit]
		finding.Commits = []report.Commit{{OID: i.Commit, Author: d.Author, Time: d.Time, Title: d.Title}}
		h.j.r.Findings = append(h.j.r.Findings, finding)
	}
	return nil
}
