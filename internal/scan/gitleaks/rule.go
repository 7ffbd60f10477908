package gitleaks

import (
	"errors"
	"fmt"
	"regexp"
	"regexp/syntax"
	"slices"
	"strings"

	"github.com/git-envelope/git-envelope/internal/scan"
)

// How far behind a keyword an expression is tried that can match without end:
// as far as that, or as far as the engine goes if it can leave the line.
const (
	lineReach = 4 << 10
	maxReach  = 64 << 10
)

// maxGroups is how many groups are tried for which holds the secret.
const maxGroups = 8

// addRule makes rules of an expression: several if the secret may be in several
// of its groups.
func (p *parser) addRule(c *Config, r *tomlRule) error {
	re, err := p.compile(r.Regex)
	if err != nil {
		return fmt.Errorf("regex: %w", err)
	}
	if r.Path != "" {
		if _, err := p.compile(r.Path); err != nil {
			return fmt.Errorf("path: %w", err)
		}
	}
	if r.SecretGroup < 0 || r.SecretGroup > re.MaxCap() {
		return fmt.Errorf("secretGroup %d: regex has %d groups", r.SecretGroup, re.MaxCap())
	}
	if r.Entropy < 0 || r.Entropy > 8 {
		return errors.New("entropy is not in 0..8")
	}
	re = atLineStart(re)
	keywords, far := p.keywords(r, re)
	if keywords == nil {
		p.warn("%s: rule %q is not run: all it matches may be without any 3 bytes that are known; give it keywords", r.at, r.ID)
		c.Skipped = append(c.Skipped, r.ID)
		return nil
	}
	made := scan.Rule{
		ID: r.ID, Title: title(r), Severity: scan.High, Source: r.at, Keywords: keywords, Reach: reach(re),
		Entropy: r.Entropy, Path: r.Path, Inside: true, Raw: true,
	}
	if far {
		made.Reach = maxReach
	}
	for _, group := range groups(re, r.SecretGroup) {
		made.Pattern = keepGroup(re, group).String()
		if _, err := regexp.Compile(made.Pattern); err != nil {
			return fmt.Errorf("regex: %w", errCode(err))
		}
		c.Rules = append(c.Rules, made)
	}
	return nil
}

// compile parses an expression within the bounds. Its errors don't quote it.
func (p *parser) compile(expr string) (*syntax.Regexp, error) {
	if len(expr) > maxExpr {
		return nil, fmt.Errorf("longer than %d KiB", maxExpr>>10)
	}
	if p.exprs++; p.exprs > maxExprs {
		return nil, fmt.Errorf("more than %d regular expressions in all", maxExprs)
	}
	re, err := syntax.Parse(expr, syntax.Perl)
	if err != nil {
		return nil, errCode(err)
	}
	if p.cost += cost(re); p.cost > maxCost {
		return nil, errors.New("its regular expressions are too large in all")
	}
	return re, nil
}

func errCode(err error) error {
	var e *syntax.Error
	if errors.As(err, &e) {
		return errors.New(e.Code.String())
	}
	return errors.New("no regular expression")
}

// cost is about how many instructions an expression compiles to.
func cost(re *syntax.Regexp) int {
	n := 1 + len(re.Rune)
	for _, sub := range re.Sub {
		n = min(n+cost(sub), maxCost+1)
	}
	if re.Op == syntax.OpRepeat {
		n = min(n*max(1, re.Min, re.Max), maxCost+1)
	}
	return n
}

// groups are those of which one holds the secret: the one that the rule names;
// else the first that holds anything, which need not be the same each time; 0, the
// whole match, if there is none.
func groups(re *syntax.Regexp, named int) []int {
	if named > 0 || re.MaxCap() == 0 {
		return []int{named}
	}
	sure := map[int]bool{}
	sureGroups(re, sure)
	var list []int
	for g := 1; g <= min(re.MaxCap(), maxGroups); g++ {
		list = append(list, g)
		if sure[g] {
			break
		}
	}
	return list
}

// sureGroups finds the groups that hold something in every match.
func sureGroups(re *syntax.Regexp, sure map[int]bool) {
	switch re.Op {
	case syntax.OpCapture:
		if extentOf(re.Sub[0]).min > 0 {
			sure[re.Cap] = true
		}
		sureGroups(re.Sub[0], sure)
	case syntax.OpConcat:
		for _, sub := range re.Sub {
			sureGroups(sub, sure)
		}
	case syntax.OpPlus:
		sureGroups(re.Sub[0], sure)
	case syntax.OpRepeat:
		if re.Min > 0 {
			sureGroups(re.Sub[0], sure)
		}
	}
}

// keepGroup is the expression with one group only; what was in the others is
// still there. Group 0 is none.
func keepGroup(re *syntax.Regexp, group int) *syntax.Regexp {
	for re.Op == syntax.OpCapture && re.Cap != group {
		re = re.Sub[0]
	}
	kept := *re
	kept.Name = ""
	kept.Sub = make([]*syntax.Regexp, len(re.Sub))
	for i, sub := range re.Sub {
		kept.Sub[i] = keepGroup(sub, group)
	}
	if kept.Op == syntax.OpCapture {
		kept.Cap = 1
	}
	return &kept
}

// atLineStart lets an expression match at the beginning of a text without what it
// wants before the secret, if a line break would do for that: the engine runs
// expressions from the beginning of a keyword's line.
func atLineStart(re *syntax.Regexp) *syntax.Regexp {
	if re.Op != syntax.OpConcat || extentOf(re.Sub[0]).min == 0 || hasGroup(re.Sub[0]) {
		return re
	}
	first, err := regexp.Compile(`\A(?:` + re.Sub[0].String() + `)\z`)
	if err != nil || !first.MatchString("\n") {
		return re
	}
	start := &syntax.Regexp{Op: syntax.OpAlternate, Flags: re.Flags, Sub: []*syntax.Regexp{{Op: syntax.OpBeginText, Flags: re.Flags}, re.Sub[0]}}
	return &syntax.Regexp{Op: syntax.OpConcat, Flags: re.Flags, Sub: append([]*syntax.Regexp{start}, re.Sub[1:]...)}
}

func hasGroup(re *syntax.Regexp) bool {
	return re.Op == syntax.OpCapture || slices.ContainsFunc(re.Sub, hasGroup)
}

// reach is how far behind the beginning of a keyword a match can end, 0 if the
// engine's own reach does.
func reach(re *syntax.Regexp) int {
	e := extentOf(re)
	switch {
	case e.max < 0 && e.newline:
		return maxReach
	case e.max < 0:
		return lineReach
	case e.max < 512:
		return 0
	}
	return min(e.max+1, maxReach)
}

// keywords are those that the engine is to look for: texts of which every match
// has one, else those that the rule names, from which it may be far. Nil if there
// are neither.
func (p *parser) keywords(r *tomlRule, re *syntax.Regexp) (keywords []string, far bool) {
	best, implied := p.literals(re, r.Keywords)
	if best != nil {
		if best.unsafe() {
			p.warn("%s: rule %q: a match that begins on another line than, or 256 bytes before, the text it is looked for by is not found", r.at, r.ID)
		}
		if len(r.Keywords) > 0 && !implied {
			p.warn("%s: rule %q: it counts also in files without its keywords", r.at, r.ID)
		}
		return best.texts, false
	}
	for _, k := range r.Keywords {
		if k = strings.ToLower(k); len(k) >= minLiteral && isASCII(k) && !slices.Contains(keywords, k) {
			keywords = append(keywords, k)
		}
	}
	if keywords != nil {
		p.warn("%s: rule %q: it is looked for only on the line of one of its keywords, and %d KiB behind", r.at, r.ID, maxReach>>10)
	}
	return keywords, true
}
