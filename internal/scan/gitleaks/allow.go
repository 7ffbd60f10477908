package gitleaks

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/git-envelope/git-envelope/internal/scan"
)

// allowlist says which findings don't count.
type allowlist struct {
	reason string
	rules  []string // that it is about, by gitleaks' ids and ours; nil: all
	and    bool     // every test must hold, not any

	commits   map[string]bool
	paths     []*regexp.Regexp
	regexes   []*regexp.Regexp
	target    target
	stopWords []string // lower case
}

// target is what the regexes of an allowlist are for.
type target uint8

const (
	onSecret target = iota
	onMatch
	onLine
)

// addList makes an allowlist; targets are the rules that it is about, none for all.
func (p *parser) addList(c *Config, l *tomlList, targets []string) error {
	a := &allowlist{reason: clean(l.Description), commits: map[string]bool{}}
	if a.reason == "" {
		a.reason = l.at
	}
	switch strings.ToUpper(l.Condition) {
	case "", "OR", "||":
	case "AND", "&&":
		a.and = true
	default:
		return fmt.Errorf("%s: condition is neither AND nor OR", l.at)
	}
	switch strings.ToLower(l.RegexTarget) {
	case "", "secret":
	case "match":
		a.target = onMatch
	case "line":
		a.target = onLine
	default:
		return fmt.Errorf("%s: regexTarget is none of secret, match and line", l.at)
	}
	if a.target != onSecret && len(l.Regexes) > 0 && !p.o.Around {
		p.warn("%s: its regexes are for the %s, but are tried on the secret alone", l.at, strings.ToLower(l.RegexTarget))
	}
	for _, id := range targets {
		a.rules = append(a.rules, id)
		a.rules = append(a.rules, p.same(id)...)
	}
	if err := p.fill(a, l); err != nil {
		return err
	}
	if len(a.commits)+len(a.paths)+len(a.regexes)+len(a.stopWords) == 0 {
		p.warn("%s: allows nothing: it has no commits, paths, regexes or stopwords", l.at)
		return nil
	}
	c.lists = append(c.lists, a)
	return nil
}

func (p *parser) fill(a *allowlist, l *tomlList) (err error) {
	for _, commit := range l.Commits {
		a.commits[strings.ToLower(commit)] = true
	}
	for _, word := range l.StopWords {
		if word != "" {
			a.stopWords = append(a.stopWords, strings.ToLower(word))
		}
	}
	if a.paths, err = p.compileAll(l.Paths); err != nil {
		return fmt.Errorf("%s: paths: %w", l.at, err)
	}
	if a.regexes, err = p.compileAll(l.Regexes); err != nil {
		return fmt.Errorf("%s: regexes: %w", l.at, err)
	}
	return nil
}

func (p *parser) compileAll(exprs []string) (list []*regexp.Regexp, err error) {
	for i, expr := range exprs {
		if _, err := p.compile(expr); err != nil {
			return nil, fmt.Errorf("number %d: %w", i+1, err)
		}
		re, err := regexp.Compile(expr)
		if err != nil {
			return nil, fmt.Errorf("number %d: %w", i+1, errCode(err))
		}
		list = append(list, re)
	}
	return list, nil
}

// Found is a finding at the moment it is made. Nothing of it is kept.
type Found struct {
	Rule   string
	Secret []byte // nil of one that a rule makes by its path alone
	// Match is all that the rule's expression matched, Line the lines on which the
	// secret is. Where they are not known, nil, tests are made on the secret.
	Match, Line []byte
}

// Judgement is what allowlists say of a finding by its content. It holds none of
// it, so that it can be kept until path and commits are known.
type Judgement struct {
	allowed *allowlist
	open    []*allowlist // those for which path and commits decide
}

// Judge makes the tests on a finding's content. A value that is sealed elsewhere
// is no affair of gitleaks': nothing allows it.
func (c *Config) Judge(f Found) (j Judgement) {
	if f.Rule == scan.SealedValue.ID {
		return j
	}
	for _, a := range c.lists {
		if a.rules != nil && !slices.Contains(a.rules, f.Rule) {
			continue
		}
		holds := a.content(f)
		switch {
		case !a.and && holds || a.and && holds && !a.located():
			return Judgement{allowed: a}
		case a.located() && (holds || !a.and):
			j.open = append(j.open, a)
		}
	}
	return j
}

// located tells whether the allowlist tests path or commit.
func (a *allowlist) located() bool { return len(a.paths) > 0 || len(a.commits) > 0 }

// content makes the tests on secret, match and line: any, or every one there is.
func (a *allowlist) content(f Found) bool {
	if f.Secret == nil { // its path is all there is to it
		return a.and && len(a.regexes)+len(a.stopWords) == 0
	}
	text := f.Secret
	switch {
	case a.target == onMatch && f.Match != nil:
		text = f.Match
	case a.target == onLine && f.Line != nil:
		text = f.Line
	}
	matches := slices.ContainsFunc(a.regexes, func(re *regexp.Regexp) bool { return re.Match(text) })
	stopped := false
	if len(a.stopWords) > 0 {
		secret := strings.ToLower(string(f.Secret))
		stopped = slices.ContainsFunc(a.stopWords, func(word string) bool { return strings.Contains(secret, word) })
	}
	if a.and {
		return (matches || len(a.regexes) == 0) && (stopped || len(a.stopWords) == 0)
	}
	return matches || stopped
}

// Allows tells whether the finding does not count at a path, and why. The commits
// are all that brought it: an allowlist by commit must have every one of them.
func (j Judgement) Allows(path string, commits []string) (reason string, ok bool) {
	if j.allowed != nil {
		return j.allowed.reason, true
	}
	for _, a := range j.open {
		inPath := slices.ContainsFunc(a.paths, func(re *regexp.Regexp) bool { return re.MatchString(path) })
		inCommits := len(commits) > 0 && !slices.ContainsFunc(commits, func(id string) bool { return !a.commits[strings.ToLower(id)] })
		if a.and {
			ok = (inPath || len(a.paths) == 0) && (inCommits || len(a.commits) == 0)
		} else {
			ok = inPath || inCommits
		}
		if ok {
			return a.reason, true
		}
	}
	return "", false
}
