package policy

import (
	"slices"
	"strconv"
	"strings"
)

// match reports whether the glob matches the whole of a valid path. It only ever
// goes back to the latest **: what an earlier ** could still take, the latest can
// take as well. So the work is bounded by components times components.
func (g *glob) match(name string) bool {
	if !strings.HasPrefix(name, g.prefix) || !strings.HasSuffix(name, g.suffix) {
		return false
	}
	p, n := 0, 0 // n: where the next component begins; len(name)+1 when all are taken
	backP, backN := -1, 0
	for n <= len(name) {
		if p < len(g.comps) {
			if g.comps[p].deep {
				p++
				backP, backN = p, n
				continue
			}
			end := nextSlash(name, n)
			if matchElems(g.comps[p].elems, name[n:end]) {
				p, n = p+1, end+1
				continue
			}
		}
		if backP < 0 {
			return false
		}
		backN = nextSlash(name, backN) + 1
		p, n = backP, backN
	}
	return p == len(g.comps)
}

func nextSlash(s string, from int) int {
	if i := strings.IndexByte(s[from:], '/'); i >= 0 {
		return from + i
	}
	return len(s)
}

// matchElems matches one component, going back only to the latest star. That is
// enough because every token between two stars takes one length at one place.
func matchElems(elems []elem, s string) bool {
	e, i := 0, 0
	backE, backI := -1, 0
	for {
		if e == len(elems) {
			if i == len(s) {
				return true
			}
		} else if elems[e].kind == star {
			e++
			if e == len(elems) {
				return true
			}
			backE, backI = e, i
			continue
		} else if n, ok := elems[e].take(s[i:]); ok {
			e, i = e+1, i+n
			continue
		}
		if backE < 0 || backI >= len(s) {
			return false
		}
		backI++
		if next := elems[backE]; next.kind == literal { // jump, don't creep
			skip := strings.Index(s[backI:], next.text)
			if skip < 0 {
				return false
			}
			backI += skip
		}
		e, i = backE, backI
	}
}

// take says how many bytes at the start of s the token matches.
func (e *elem) take(s string) (int, bool) {
	if e.kind == literal {
		return len(e.text), strings.HasPrefix(s, e.text)
	}
	n := e.set.match(s)
	return n, n > 0
}

// A pattern is one entry of `paths` or `forbid`, compiled.
type pattern struct {
	source       string // as written
	exclude      bool   // begins with !
	globs        []glob // its alternatives
	line, column int    // where it stands in the file
}

// compile reads one entry.
func compile(source string, budget *int) (pattern, error) {
	body, exclude := strings.CutPrefix(source, "!")
	globs, err := parseGlob(body, budget)
	return pattern{source: source, exclude: exclude, globs: globs}, err
}

// canonical is the same for patterns that say the same in another spelling: a
// leading slash, the order of braces, needless escapes. The ! is left out.
func (p *pattern) canonical() string {
	lines := make([]string, len(p.globs))
	for i, g := range p.globs {
		lines[i] = g.String()
	}
	slices.Sort(lines)
	return strings.Join(lines, "\x00")
}

func (p *pattern) match(path string) bool {
	for i := range p.globs {
		if p.globs[i].match(path) {
			return true
		}
	}
	return false
}

// A list is the patterns of one rule, or of forbid.
type list struct {
	ring               string
	positive, negative []pattern
}

func newList(ring string, patterns []pattern) list {
	l := list{ring: ring}
	for _, p := range patterns {
		if p.exclude {
			l.negative = append(l.negative, p)
		} else {
			l.positive = append(l.positive, p)
		}
	}
	return l
}

// find returns the first positive pattern that matches and, if there is one,
// the first exclusion that matches as well.
func (l *list) find(path string) (hit, except *pattern) {
	if hit = first(l.positive, path); hit != nil {
		except = first(l.negative, path)
	}
	return hit, except
}

func first(patterns []pattern, path string) *pattern {
	for i := range patterns {
		if patterns[i].match(path) {
			return &patterns[i]
		}
	}
	return nil
}

// matcher is a policy's patterns in the form that answers.
type matcher struct {
	file   string
	rules  []list
	forbid list
}

func newMatcher(file string, rules []Rule, patterns [][]pattern, forbid []pattern) *matcher {
	m := &matcher{file: file, forbid: newList("", forbid)}
	for i, r := range rules {
		m.rules = append(m.rules, newList(r.Ring, patterns[i]))
	}
	return m
}

// compiled is the matcher of a policy that Parse made.
func (p *Policy) compiled() *matcher {
	if p.matcher == nil {
		panic("policy: internal error: a Policy that Parse did not make was asked about a path")
	}
	return p.matcher
}

// ValidPath reports whether s is a path as Git's index has it: relative, slash
// separated, without empty, "." or ".." parts. Any byte but NUL may occur.
func ValidPath(s string) bool {
	if s == "" || strings.IndexByte(s, 0) >= 0 {
		return false
	}
	for rest, more := s, true; more; {
		var part string
		part, rest, more = strings.Cut(rest, "/")
		if part == "" || part == "." || part == ".." {
			return false
		}
	}
	return true
}

// Reserved reports whether no rule can ever cover path: what lies below
// .envelope, which must be readable before any key is, and every .gitattributes,
// which Git reads itself.
func Reserved(path string) bool {
	return strings.HasPrefix(path, ".envelope/") ||
		path == ".gitattributes" || strings.HasSuffix(path, "/.gitattributes")
}

// RingOf returns the ring for which the rules seal path. The first rule with a
// matching pattern decides; if one of its exclusions matches too, the path is
// plain, whatever later rules say. Paths are raw bytes, relative to the top,
// slash separated and compared with regard to case; a path that is not in that
// form (see ValidPath) is never covered.
func (p *Policy) RingOf(path string) (ring string, covered bool) {
	m := p.compiled()
	if Reserved(path) || !ValidPath(path) {
		return "", false
	}
	for i := range m.rules {
		if hit, except := m.rules[i].find(path); hit != nil {
			if except != nil {
				return "", false
			}
			return m.rules[i].ring, true
		}
	}
	return "", false
}

// Forbidden returns the forbid pattern that lets path into the repository only
// sealed. An exclusion in forbid takes a path out of it again.
func (p *Policy) Forbidden(path string) (pattern string, ok bool) {
	m := p.compiled()
	if Reserved(path) || !ValidPath(path) {
		return "", false
	}
	hit, except := m.forbid.find(path)
	if hit == nil || except != nil {
		return "", false
	}
	return hit.source, true
}

// An Explanation says why a path is sealed or not.
type Explanation struct {
	Path     string
	Covered  bool
	Ring     string // of the rule that decides, also when it excludes the path
	Rule     int    // its number from 1; 0 if no rule matches
	Line     int    // where Pattern stands in the policy
	Pattern  string // the pattern that matches
	Excluded string // the exclusion that matches too, with its !; "" if none
	Reserved bool   // .envelope/** or a .gitattributes: never sealed
	Invalid  bool   // not a path as Git has it
	Forbid   string // the forbid pattern, if path may enter the repository only sealed
}

// Explain tells how RingOf and Forbidden come to their answers.
func (p *Policy) Explain(path string) Explanation {
	m := p.compiled()
	e := Explanation{Path: path, Reserved: Reserved(path), Invalid: !ValidPath(path)}
	if e.Reserved || e.Invalid {
		return e
	}
	e.Forbid, _ = p.Forbidden(path)
	for i := range m.rules {
		hit, except := m.rules[i].find(path)
		if hit == nil {
			continue
		}
		e.Rule, e.Ring, e.Pattern, e.Line = i+1, m.rules[i].ring, hit.source, hit.line
		if e.Covered = except == nil; !e.Covered {
			e.Excluded = except.source
		}
		break
	}
	return e
}

// String is the explanation as a sentence.
func (e Explanation) String() string {
	switch {
	case e.Invalid:
		return "not a path relative to the top of the repository"
	case e.Reserved:
		return "never sealed: Git and git-envelope read this file themselves"
	case e.Rule == 0:
		return "not sealed: no rule matches"
	case e.Excluded != "":
		return "not sealed: " + place(e) + " matches, but " + show(e.Excluded) + " in the same rule excludes it"
	default:
		return "sealed for ring " + e.Ring + " by " + place(e)
	}
}

func place(e Explanation) string {
	return "rule " + strconv.Itoa(e.Rule) + " (" + show(e.Pattern) + ", line " + strconv.Itoa(e.Line) + ")"
}
