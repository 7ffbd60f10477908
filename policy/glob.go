package policy

import (
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"
)

// kind tells the tokens of a glob apart.
type kind uint8

const (
	literal kind = iota // text without a slash
	slash               // between components (only before they are split)
	star                // *: any bytes but a slash, none included
	deep                // **: any number of whole components
	class               // ? or [...]: one symbol
	brace               // {a,b} (only before expansion)
)

// An elem is one token.
type elem struct {
	kind kind
	text string   // literal
	set  set      // class
	alts [][]elem // brace
}

// A component is what stands between two slashes: either ** alone (deep), or a
// sequence of literal, star and class.
type component struct {
	deep  bool
	elems []elem
}

// A glob is one alternative of a pattern, braces expanded. A trailing ** is held
// as **/* (at least one component, as Git has it), so deep never stands last.
type glob struct {
	comps          []component
	prefix, suffix string // literal text every match begins and ends with
}

// parseGlob reads a pattern without its leading "!" into its alternatives. The
// errors are complete sentences for a person, without position.
//
// budget is what all patterns of a policy may still expand to, in bytes; it is
// looked at before expanding.
func parseGlob(pattern string, budget *int) ([]glob, error) {
	if err := checkShape(pattern); err != nil {
		return nil, err
	}
	s := scanner{text: strings.TrimPrefix(pattern, "/")}
	elems, err := s.sequence(0)
	if err != nil {
		return nil, err
	}
	n := count(elems)
	if n > MaxAlternatives {
		return nil, fmt.Errorf("its braces expand to more than %d alternatives: use several patterns or a wildcard", MaxAlternatives)
	}
	if *budget -= n * len(pattern); *budget < 0 {
		return nil, errors.New("all patterns together expand to too much: use fewer braces")
	}
	var globs []glob
	seen := map[string]bool{}
	for _, alternative := range expand(elems) {
		g, err := newGlob(alternative)
		if err != nil {
			return nil, err
		}
		if key := g.String(); !seen[key] {
			seen[key] = true
			globs = append(globs, g)
		}
	}
	return globs, nil
}

// checkShape refuses what no scanning is needed for.
func checkShape(pattern string) error {
	switch {
	case strings.Trim(pattern, "/") == "":
		return errors.New("the pattern is empty")
	case len(pattern) > MaxPatternLen:
		return fmt.Errorf("the pattern is longer than %d bytes", MaxPatternLen)
	case !utf8.ValidString(pattern):
		return errors.New("the pattern is not valid UTF-8")
	case strings.ContainsRune(pattern, 0):
		return errors.New("the pattern contains a NUL, no path does")
	case strings.HasSuffix(pattern, "/"):
		return fmt.Errorf("a pattern matches files, so it cannot end in a slash: for everything below the folder write %s", show(pattern+"**"))
	}
	return nil
}

// scanner turns the text of a pattern into tokens.
type scanner struct {
	text string
	pos  int
}

// sequence reads up to the end, or inside braces up to an unescaped , or }.
func (s *scanner) sequence(depth int) ([]elem, error) {
	var out []elem
	var text strings.Builder
	flush := func() {
		if text.Len() > 0 {
			out = append(out, elem{kind: literal, text: text.String()})
			text.Reset()
		}
	}
	for s.pos < len(s.text) {
		c := s.text[s.pos]
		if depth > 0 && (c == ',' || c == '}') {
			break
		}
		if !strings.ContainsRune(`/*?[{}\`, rune(c)) {
			text.WriteByte(c)
			s.pos++
			continue
		}
		if c == '\\' {
			r, err := s.escape()
			if err != nil {
				return nil, err
			}
			text.WriteRune(r)
			continue
		}
		flush()
		e, err := s.special(c, depth)
		if err != nil {
			return nil, err
		}
		out = append(out, e)
	}
	flush()
	return out, nil
}

// special reads the one token that begins with c.
func (s *scanner) special(c byte, depth int) (elem, error) {
	switch c {
	case '/':
		s.pos++
		return elem{kind: slash}, nil
	case '?':
		s.pos++
		return elem{kind: class, set: anything}, nil
	case '*':
		return s.stars()
	case '[':
		return s.class()
	case '{':
		return s.brace(depth)
	default:
		return elem{}, errors.New("} without a { before it: write \\} for a brace in a name")
	}
}

func (s *scanner) stars() (elem, error) {
	start := s.pos
	for s.pos < len(s.text) && s.text[s.pos] == '*' {
		s.pos++
	}
	switch s.pos - start {
	case 1:
		return elem{kind: star}, nil
	case 2:
		return elem{kind: deep}, nil
	}
	return elem{}, errors.New("more than two * in a row")
}

// escape reads \c. A backslash before a letter or digit is always a mistake
// (usually a Windows path) and would silently match something else.
func (s *scanner) escape() (rune, error) {
	r, n := utf8.DecodeRuneInString(s.text[s.pos+1:])
	switch {
	case n == 0:
		return 0, errors.New("a backslash at the end escapes nothing")
	case r == '/':
		return 0, errors.New("a slash cannot be escaped")
	case r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9':
		return 0, fmt.Errorf("\\%c: a backslash only takes the meaning from a special character; folders are separated by /", r)
	}
	s.pos += 1 + n
	return r, nil
}

// class reads [...]: single characters, ranges, a leading ! or ^.
func (s *scanner) class() (elem, error) {
	s.pos++
	negate := s.pos < len(s.text) && (s.text[s.pos] == '!' || s.text[s.pos] == '^')
	if negate {
		s.pos++
	}
	var spans []span
	for first := true; ; first = false {
		if s.pos >= len(s.text) {
			return elem{}, errors.New("[ is never closed: write \\[ for a bracket in a name")
		}
		if s.text[s.pos] == ']' {
			if first {
				return elem{}, errors.New("[] matches nothing: write \\] for a bracket inside a class")
			}
			s.pos++
			break
		}
		x, err := s.span()
		if err != nil {
			return elem{}, err
		}
		spans = append(spans, x)
	}
	set := newSet(spans, negate)
	if len(set) == 0 {
		return elem{}, errors.New("a class in it can match nothing")
	}
	if r, ok := set.only(); ok {
		return elem{kind: literal, text: string(r)}, nil
	}
	return elem{kind: class, set: set}, nil
}

// span reads c or lo-hi inside a class.
func (s *scanner) span() (span, error) {
	if strings.HasPrefix(s.text[s.pos:], "[:") {
		return span{}, errors.New("classes such as [:alpha:] are not known: write the ranges, [a-zA-Z]")
	}
	lo, err := s.member()
	if err != nil {
		return span{}, err
	}
	rest := s.text[s.pos:]
	if len(rest) < 2 || rest[0] != '-' || rest[1] == ']' {
		return span{lo, lo}, nil
	}
	s.pos++
	hi, err := s.member()
	if err != nil {
		return span{}, err
	}
	if hi < lo {
		return span{}, fmt.Errorf("the range %c-%c runs backwards", lo, hi)
	}
	return span{lo, hi}, nil
}

func (s *scanner) member() (rune, error) {
	r, n := utf8.DecodeRuneInString(s.text[s.pos:])
	switch r {
	case '\\':
		return s.escape()
	case '/':
		return 0, errors.New("a class cannot contain a slash")
	}
	s.pos += n
	return r, nil
}

func (s *scanner) brace(depth int) (elem, error) {
	if depth == maxBraceDepth {
		return elem{}, fmt.Errorf("braces nested more than %d deep", maxBraceDepth)
	}
	out := elem{kind: brace}
	for {
		s.pos++ // { or ,
		alt, err := s.sequence(depth + 1)
		if err != nil {
			return elem{}, err
		}
		if s.pos >= len(s.text) {
			return elem{}, errors.New("{ is never closed: write \\{ for a brace in a name")
		}
		out.alts = append(out.alts, alt)
		if s.text[s.pos] == '}' {
			s.pos++
			break
		}
	}
	if len(out.alts) == 1 && len(out.alts[0]) == 0 {
		return elem{}, errors.New("{} holds no alternative")
	}
	return out, nil
}

// String writes the glob in the policy's own syntax, one spelling for each.
func (g glob) String() string {
	comps := g.comps
	if g.trailingDeep() {
		comps = comps[:len(comps)-1]
	}
	var b strings.Builder
	for i, c := range comps {
		if i > 0 {
			b.WriteByte('/')
		}
		if c.deep {
			b.WriteString("**")
		}
		for _, e := range c.elems {
			b.WriteString(e.String())
		}
	}
	return b.String()
}

func (e elem) String() string {
	switch e.kind {
	case star:
		return "*"
	case class:
		return e.set.String()
	}
	var b strings.Builder
	for _, r := range e.text {
		if strings.ContainsRune(`*?[]{},\`, r) {
			b.WriteByte('\\')
		}
		b.WriteRune(r)
	}
	return b.String()
}

// trailingDeep reports whether the glob ends in **, held as **/*.
func (g glob) trailingDeep() bool {
	n := len(g.comps)
	return n >= 2 && g.comps[n-2].deep && len(g.comps[n-1].elems) == 1 && g.comps[n-1].elems[0].kind == star
}
