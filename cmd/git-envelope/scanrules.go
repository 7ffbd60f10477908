package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"slices"
	"strings"

	"github.com/git-envelope/git-envelope/internal/check"
	"github.com/git-envelope/git-envelope/internal/gitrepo"
	"github.com/git-envelope/git-envelope/internal/report"
	"github.com/git-envelope/git-envelope/internal/scan"
	"github.com/git-envelope/git-envelope/internal/scan/gitleaks"
	"github.com/git-envelope/git-envelope/internal/scan/rules"
	"github.com/git-envelope/git-envelope/policy"
)

// ruleSet is what one scan looks for.
type ruleSet struct {
	rules    []scan.Rule
	engine   *scan.Engine
	key      []byte // of fingerprints
	values   int    // sealed values that are looked for
	cacheKey string
	gitleaks *gitleaks.Config // nil: none
}

// newRules joins the built-in rules with the repository's own. A built-in one is
// off only if both states say so; own ones count from either.
func (j *judgement) newRules(ctx context.Context, s states) (*ruleSet, error) {
	set := &ruleSet{rules: rules.All(), key: []byte("git-envelope")}
	builtin := len(set.rules)
	var policies []*policy.Policy
	if s.hasBase {
		p, err := j.policyOf(ctx, s.base)
		if err != nil {
			return nil, err
		}
		policies = append(policies, p)
	}
	if s.hasState {
		p, err := j.policyOf(ctx, s.rev)
		if err != nil {
			return nil, err
		}
		policies = append(policies, p)
	}
	known := ruleIDs(set.rules)
	off := map[string]int{}
	for _, p := range policies {
		if p == nil {
			continue
		}
		set.key = []byte(p.Repository)
		if p.Scan == nil {
			continue
		}
		for _, id := range p.Scan.Disable {
			if !known[id] {
				return nil, unknownRule(id)
			}
			off[id]++
		}
		set.addOwn(p.Scan.Rules)
	}
	changed := len(set.rules) > builtin || len(off) > 0
	set.rules = slices.DeleteFunc(set.rules, func(r scan.Rule) bool { return !s.orphan && off[r.ID] > 0 && off[r.ID] == len(policies) })
	if err := j.addGitleaks(ctx, set, s); err != nil {
		return nil, err
	}
	if len(set.rules) == 0 {
		return nil, usage(errors.New("no rules are left to scan with"), "take some out of 'disable' in "+policyPath)
	}
	values, err := j.knownValues(ctx, set, s, policies)
	if err != nil {
		return nil, err
	}
	if changed || set.gitleaks != nil {
		j.builtin = nil
	}
	if set.engine, err = j.engine(set.rules, values); err != nil {
		return nil, usage(err, "mend the rule in "+policyPath)
	}
	return set, nil
}

// engine makes the engine, or takes the one that was made ahead.
func (j *judgement) engine(list []scan.Rule, values scan.Exact) (*scan.Engine, error) {
	if j.builtin == nil {
		return scan.New(j.engineOptions(list, values))
	}
	e, err := j.builtin()
	if err == nil && values != nil {
		e = e.With(values)
	}
	return e, err
}

// engineOptions: what is staged is no series of versions, so a memory of it would be
// of no use. The policy has looked at its own patterns.
func (j *judgement) engineOptions(list []scan.Rule, values scan.Exact) scan.Options {
	return scan.Options{Rules: list, Exact: values, NoMemory: j.o.staged, Sound: true}
}

// addGitleaks adds what a configuration of gitleaks in the governing state says.
func (j *judgement) addGitleaks(ctx context.Context, set *ruleSet, s states) error {
	rev, ok := s.governing()
	if !ok {
		return nil
	}
	p, err := j.policyOf(ctx, rev)
	if err != nil || p != nil && p.Scan != nil && !p.Scan.Gitleaks {
		return err
	}
	text, err := j.readObject(ctx, rev+":"+gitleaksFile)
	if err != nil || text == nil {
		return err
	}
	read := func(name string) ([]byte, error) {
		text, err := j.readObject(ctx, rev+":"+path.Clean(name))
		if err == nil && text == nil {
			err = errors.New("the file that it extends is not in the repository")
		}
		return text, err
	}
	config, warnings, err := gitleaks.Parse(sideName(rev)+gitleaksFile, text, gitleaks.Options{Ours: set.rules, Read: read, Around: true})
	if err != nil {
		return usage(err, "mend it, or say 'gitleaks: false' below 'scan' in "+policyPath)
	}
	for _, w := range warnings {
		j.warningf("%s", w)
	}
	if n := len(config.Skipped); n > 0 {
		j.r.Undetermined = append(j.r.Undetermined, fmt.Sprintf("%s of %s can't be run: %s", plural(n, "rule"), gitleaksFile, strings.Join(config.Skipped, ", ")))
	}
	set.gitleaks, set.rules = config, config.Apply(set.rules)
	return nil
}

// excuse asks the allowlists of gitleaks.
func (set *ruleSet) excuse(m *scan.Match) check.Excuse {
	return set.gitleaks.Judge(gitleaks.Found{Rule: m.Rule.ID, Secret: m.Secret, Match: m.Extent, Line: m.Lines}).Allows
}

// knownValues is what is sealed in the newer state, nil if that is nothing.
func (j *judgement) knownValues(ctx context.Context, set *ruleSet, s states, policies []*policy.Policy) (scan.Exact, error) {
	set.cacheKey = currentVersion()
	if j.o.noKeys || !s.hasState || policies[len(policies)-1] == nil {
		return nil, nil
	}
	m, key, err := j.sealedValues(ctx, s.rev, policies[len(policies)-1])
	if m == nil || err != nil {
		return nil, err
	}
	set.values = m.Len()
	set.cacheKey += " " + key
	return m, nil
}

// addOwn adds rules of the policy. One that both states have is added once.
func (set *ruleSet) addOwn(own []policy.ScanRule) {
	for _, o := range own {
		r := scan.Rule{ID: o.ID, Title: o.Title, Keywords: o.Keywords, Pattern: o.Pattern, Value: o.Value, Path: o.Path, NotPath: o.NotPath, Entropy: o.Entropy}
		r.Severity = map[string]scan.Severity{"low": scan.Low, "medium": scan.Medium, "high": scan.High, "critical": scan.Critical}[o.Severity]
		same := func(x scan.Rule) bool {
			return x.ID == r.ID && x.Pattern == r.Pattern && x.Value == r.Value && x.Path == r.Path && x.NotPath == r.NotPath &&
				x.Entropy == r.Entropy && slices.Equal(x.Keywords, r.Keywords)
		}
		if !slices.ContainsFunc(set.rules, same) {
			set.rules = append(set.rules, r)
		}
	}
}

func ruleIDs(list []scan.Rule) map[string]bool {
	known := map[string]bool{}
	for _, r := range list {
		known[r.ID] = true
	}
	return known
}

func unknownRule(id string) error {
	return usage(fmt.Errorf("%s: scan: disable names %q, which is no built-in rule", policyPath, id), "'git envelope rules' lists them")
}

// describe lists the rules that a report's findings name.
func (set *ruleSet) describe(r *report.Report) (list []report.Rule) {
	used := map[string]bool{}
	for _, f := range r.Findings {
		used[f.Rule] = true
	}
	for _, f := range r.Allowed {
		used[f.Rule] = true
	}
	for _, x := range check.Rules {
		if used[x.ID] {
			list = append(list, report.Rule{ID: x.ID, Title: x.Summary, Severity: x.Severity})
		}
	}
	all := set.rules
	if set.gitleaks != nil {
		all = slices.Concat(all, set.gitleaks.PathRules)
	}
	for _, x := range all {
		if used[x.ID] {
			list = append(list, report.Rule{ID: x.ID, Title: x.Title, Severity: x.Severity.String(), Source: x.Source})
		}
	}
	if x := report.ExpiredAllowance; used[x.ID] {
		list = append(list, x)
	}
	if x := scan.SealedValue; used[x.ID] {
		list = append(list, report.Rule{ID: x.ID, Title: x.Title, Severity: x.Severity.String()})
	}
	return list
}

// Where allowances are kept.
const (
	allowPath    = ".envelope/allow"
	baselinePath = ".envelope/baseline.json"
	gitleaksList = ".gitleaksignore"
	gitleaksFile = ".gitleaks.toml"
)

// applyAllowed takes out what the governing state and the baseline allow.
func (j *judgement) applyAllowed(ctx context.Context) error {
	if err := j.addExpired(ctx); err != nil {
		return err
	}
	allow, err := j.allowances(ctx)
	if err != nil {
		return err
	}
	baseline, err := j.readBaseline(ctx)
	if err != nil {
		return err
	}
	if j.o.update {
		report.Apply(j.r, allow, nil, j.now())
		return j.updateBaseline(baseline)
	}
	report.Apply(j.r, allow, baseline, j.now())
	j.foresee(ctx)
	return nil
}

// addExpired makes findings of the allowances that have expired, where a state is
// judged as a whole: to a change it does not matter what day it is.
func (j *judgement) addExpired(ctx context.Context) error {
	if j.o.tree == "" && !j.o.history || j.o.part.Index > 1 || !j.states.hasState {
		return nil
	}
	allow, err := j.allowFile(ctx, j.states.rev)
	if err == nil {
		j.r.Findings = append(j.r.Findings, allow.Expired(allowPath, j.rules.key, j.now())...)
	}
	return err
}

// foresee tells for what is left whether the change itself allows it. What of that
// can't be read is no matter of this change, which is refused anyway.
func (j *judgement) foresee(ctx context.Context) {
	s := j.states
	if len(j.r.Findings) == 0 || !s.hasBase || !s.hasState {
		return
	}
	allow, err := j.allowFile(ctx, s.rev)
	if err != nil {
		return
	}
	baseline, err := j.baselineOf(ctx, s.rev)
	if err != nil {
		return
	}
	report.Foresee(j.r, allow, baseline, j.now())
}

// allowFile is .envelope/allow of a state.
func (j *judgement) allowFile(ctx context.Context, rev string) (*report.Allow, error) {
	text, err := j.readObject(ctx, rev+":"+allowPath)
	if err != nil {
		return nil, err
	}
	allow, err := report.ParseAllow(allowPath, text)
	if err != nil {
		return nil, usage(fmt.Errorf("%s%w", sideName(rev), err), "one entry a line: a fingerprint, rule:ID or path:GLOB, then until=YYYY-MM-DD if it is to end, then the reason")
	}
	return allow, nil
}

func (j *judgement) allowances(ctx context.Context) (*report.Allow, error) {
	rev, ok := j.states.governing()
	if !ok {
		return new(report.Allow), nil
	}
	allow, err := j.allowFile(ctx, rev)
	if err != nil {
		return nil, err
	}
	p, err := j.policyOf(ctx, rev)
	if err != nil || p != nil && p.Scan != nil && !p.Scan.Gitleaks {
		return allow, err
	}
	text, err := j.readObject(ctx, rev+":"+gitleaksList)
	if err != nil || text == nil {
		return allow, err
	}
	known := ruleIDs(j.rules.rules)
	theirs, warnings, err := report.ParseGitleaksIgnore(gitleaksList, text, func(id string) bool { return known[id] })
	if err != nil {
		return nil, usage(err, "mend it, or say 'gitleaks: false' below 'scan' in "+policyPath)
	}
	for _, w := range warnings {
		j.warningf("%s", w)
	}
	allow.Add(theirs)
	return allow, nil
}

// readBaseline reads the file that was named, or else what the governing state
// has in its place.
func (j *judgement) readBaseline(ctx context.Context) (*report.Baseline, error) {
	name := j.o.baseline
	if name == "" {
		rev, ok := j.states.governing()
		if !ok {
			return nil, nil
		}
		return j.baselineOf(ctx, rev)
	}
	f, err := os.Open(name)
	if errors.Is(err, os.ErrNotExist) && j.o.update {
		return nil, nil
	}
	if err != nil {
		return nil, usage(fmt.Errorf("read the baseline: %w", err), "make it with --update-baseline")
	}
	defer f.Close()
	return parseBaseline(name, f)
}

// baselineOf is the baseline of a state, nil if it has none.
func (j *judgement) baselineOf(ctx context.Context, rev string) (*report.Baseline, error) {
	o, err := j.blobs.Open(ctx, rev+":"+baselinePath)
	if errors.Is(err, gitrepo.ErrMissing) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	defer o.Close()
	return parseBaseline(sideName(rev)+baselinePath, o)
}

func parseBaseline(name string, from io.Reader) (*report.Baseline, error) {
	b, err := report.ReadBaseline(from)
	if err != nil {
		return nil, usage(fmt.Errorf("baseline %s: %w", name, err), "make it anew with --update-baseline")
	}
	return b, nil
}

// updateBaseline writes what counts now, and then nothing of it does.
func (j *judgement) updateBaseline(old *report.Baseline) error {
	if !j.r.Proved() {
		return withHint(errors.New("the scan is incomplete, so a baseline of it would be: "+strings.Join(j.r.Undetermined, "; ")), "mend that first")
	}
	b := report.NewBaseline(j.r, old, j.now())
	var text strings.Builder
	if err := report.WriteBaseline(&text, b); err != nil {
		return err
	}
	if err := writeFile(j.o.baseline, []byte(text.String())); err != nil {
		return err
	}
	report.Apply(j.r, new(report.Allow), b, j.now())
	j.hintf("%s holds %s now; commit it", j.o.baseline, plural(len(b.Findings), "finding"))
	return nil
}
