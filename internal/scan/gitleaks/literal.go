package gitleaks

import (
	"regexp/syntax"
	"slices"
	"strings"
	"unicode/utf8"
)

// Bounds of the search for literals.
const (
	minLiteral = 3   // bytes: the engine's least keyword
	goodLength = 4   // more is not worth more keywords
	maxLength  = 64  // of a keyword
	maxTexts   = 128 // that stand for one place of an expression
	maxEmpty   = 8   // of them, as long as one is empty
	maxClass   = 16  // bytes of a set that is spelt out
	maxCopies  = 8   // of what is repeated
	ruleItems  = 1_000
	maxItems   = 1 << 17 // of all expressions
)

// An item is a part of an expression, in sequence with others.
type item struct {
	// exact are all texts that it matches, in lower case. Nil: too many.
	exact []string
	// starts, if exact is nil, are texts of which it begins with one, as exact.
	starts []string
	// inner, if exact is nil, are literals of which each match of it has one.
	inner *literals
	extent
}

// extent is how long a match may be, in bytes; max is -1 if there is no end.
type extent struct {
	min, max int
	newline  bool // it may hold a line break
}

// then is the extent of two parts in sequence.
func (e extent) then(f extent) extent {
	e.min, e.newline = min(e.min+f.min, maxReach), e.newline || f.newline
	if e.max < 0 || f.max < 0 {
		e.max = -1
	} else {
		e.max = min(e.max+f.max, maxReach)
	}
	return e
}

// or is the extent of two alternatives.
func (e extent) or(f extent) extent {
	e.min, e.newline = min(e.min, f.min), e.newline || f.newline
	if e.max < 0 || f.max < 0 {
		e.max = -1
	} else {
		e.max = max(e.max, f.max)
	}
	return e
}

// times is the extent of a repeated part.
func (e extent) times(least, most int) extent {
	e.min = min(e.min*least, maxReach)
	switch {
	case e.max == 0 || most == 0:
		return extent{}
	case e.max < 0 || most < 0:
		e.max = -1
	default:
		e.max = min(e.max*most, maxReach)
	}
	return e
}

// literals are texts of which every match has one.
type literals struct {
	texts  []string
	before extent // what of the match may stand before them
}

// unsafe tells whether the engine, which begins at the keyword's line and at most
// 256 bytes before it, may see too little of what must stand before.
func (l *literals) unsafe() bool {
	b := l.before
	return b.min > 0 && (b.newline || b.max < 0 || b.max > 256)
}

// better tells which literals are rarer, or can be searched near at all.
func (l *literals) better(than *literals) bool {
	switch {
	case than == nil:
		return true
	case l.unsafe() != than.unsafe():
		return !l.unsafe()
	}
	mine, others := shortest(l.texts), shortest(than.texts)
	if a, b := min(mine, goodLength), min(others, goodLength); a != b {
		return a > b
	}
	if len(l.texts) != len(than.texts) {
		return len(l.texts) < len(than.texts)
	}
	return mine > others
}

// literals finds the best for an expression, nil if there are none; implied says
// that every match has one of the given keywords.
func (p *parser) literals(re *syntax.Regexp, keywords []string) (best *literals, implied bool) {
	f := flattener{left: min(ruleItems, maxItems-p.items)}
	before := f.left
	items := f.flatten(nil, re)
	p.items += before - f.left
	lower := make([]string, len(keywords))
	for i, k := range keywords {
		lower[i] = strings.ToLower(k)
	}
	best = bestOf(items, func(l *literals) {
		implied = implied || !slices.ContainsFunc(l.texts, func(text string) bool {
			return !slices.ContainsFunc(lower, func(k string) bool { return strings.Contains(text, k) })
		})
	})
	return best, implied
}

// bestOf looks at each place of a sequence, and says so to seen if it is not nil.
func bestOf(items []item, seen func(*literals)) (best *literals) {
	consider := func(texts []string, before extent) {
		if shortest(texts) < minLiteral {
			return
		}
		l := &literals{texts: texts, before: before}
		if seen != nil {
			seen(l)
		}
		if l.better(best) {
			best = l
		}
	}
	var before extent
	for i, it := range items {
		if it.inner != nil {
			consider(it.inner.texts, before.then(it.inner.before))
		}
		texts := []string{""}
		for _, next := range items[i:] {
			var more bool
			if texts, more = grow(texts, next); texts != nil {
				consider(texts, before)
			}
			if !more {
				break
			}
		}
		before = before.then(it.extent)
	}
	return best
}

// grow are the texts with those of the next item behind them, nil if they are too
// many; more says that they can grow on.
func grow(texts []string, next item) (grown []string, more bool) {
	n := shortest(texts)
	with := next.exact
	if with == nil {
		with = next.starts
	}
	if with == nil || n >= maxLength || n == 0 && len(texts) > maxEmpty || len(texts)*len(with) > maxTexts {
		return nil, false
	}
	return product(texts, with), next.exact != nil
}

// product are all texts of one list with one of the other behind it.
func product(a, b []string) []string {
	texts := make([]string, 0, len(a)*len(b))
	for _, x := range a {
		for _, y := range b {
			texts = append(texts, x+y)
		}
	}
	return unique(texts)
}

func unique(texts []string) []string {
	slices.Sort(texts)
	return slices.Compact(texts)
}

func shortest(texts []string) int {
	if len(texts) == 0 {
		return 0
	}
	n := len(texts[0])
	for _, t := range texts {
		n = min(n, len(t))
	}
	return n
}

// flattener makes sequences of expressions, of a bounded number of items.
type flattener struct{ left int }

func (f *flattener) flatten(items []item, re *syntax.Regexp) []item {
	add := func(it item) []item { f.left--; return append(items, it) }
	if f.left <= 0 {
		return append(items, opaque(re))
	}
	switch re.Op {
	case syntax.OpLiteral:
		for _, r := range re.Rune {
			items = add(literal(r))
		}
		return items
	case syntax.OpCharClass:
		return add(class(re))
	case syntax.OpCapture:
		return f.flatten(items, re.Sub[0])
	case syntax.OpConcat:
		for _, sub := range re.Sub {
			items = f.flatten(items, sub)
		}
		return items
	case syntax.OpAlternate:
		return add(f.alternate(re))
	case syntax.OpQuest:
		it := f.join(f.flatten(nil, re.Sub[0]))
		it.starts, it.inner = nil, nil
		if it.exact != nil {
			it.exact = unique(append(it.exact, ""))
		}
		it.min = 0
		return add(it)
	case syntax.OpPlus:
		items = f.flatten(items, re.Sub[0])
		return append(items, item{extent: extentOf(re.Sub[0]).times(0, -1)})
	case syntax.OpRepeat:
		return f.repeat(items, re)
	case syntax.OpStar, syntax.OpAnyChar, syntax.OpAnyCharNotNL, syntax.OpNoMatch:
		return add(opaque(re))
	}
	return items // of no width
}

// repeat spells out as many copies as there must be, and what there may be more.
func (f *flattener) repeat(items []item, re *syntax.Regexp) []item {
	copies := min(re.Min, maxCopies)
	for range copies {
		items = f.flatten(items, re.Sub[0])
	}
	more := -1
	if re.Max >= 0 {
		more = re.Max - copies
	}
	if more == 0 {
		return items
	}
	f.left--
	return append(items, item{extent: extentOf(re.Sub[0]).times(re.Min-copies, more)})
}

func opaque(re *syntax.Regexp) item { return item{extent: extentOf(re)} }

// alternate joins branches: all their texts, or how each begins, and a literal of
// each.
func (f *flattener) alternate(re *syntax.Regexp) item {
	all := f.join(f.flatten(nil, re.Sub[0]))
	best := all.literals()
	for _, sub := range re.Sub[1:] {
		branch := f.join(f.flatten(nil, sub))
		best = best.or(branch.literals())
		starts := union(all.begins(), branch.begins())
		all.extent = all.or(branch.extent)
		if all.exact != nil && branch.exact != nil {
			all.exact, all.starts = starts, nil
		} else {
			all.exact, all.starts = nil, starts
		}
	}
	if all.inner = best; all.exact != nil {
		all.inner = nil
	}
	return all
}

// begins are the texts that it begins with.
func (it item) begins() []string {
	if it.exact != nil {
		return it.exact
	}
	return it.starts
}

// literals are the texts of which each match of it has one.
func (it item) literals() *literals {
	if shortest(it.exact) >= minLiteral {
		return &literals{texts: it.exact}
	}
	return it.inner
}

// or are literals for one of two, nil if one has none.
func (l *literals) or(m *literals) *literals {
	if l == nil || m == nil {
		return nil
	}
	if texts := union(l.texts, m.texts); texts != nil {
		return &literals{texts: texts, before: l.before.or(m.before)}
	}
	return nil
}

// union is nil if one of the lists is, or both are too many.
func union(a, b []string) []string {
	if a == nil || b == nil || len(a)+len(b) > maxTexts {
		return nil
	}
	return unique(slices.Concat(a, b))
}

// join makes one item of a sequence.
func (f *flattener) join(items []item) item {
	all := item{exact: []string{""}}
	more := true
	texts := all.exact
	for _, it := range items {
		all.extent = all.then(it.extent)
		if !more {
			continue
		}
		var grown []string
		if grown, more = grow(texts, it); grown != nil {
			texts = grown
		}
	}
	if more {
		all.exact = texts
	} else {
		all.exact, all.starts = nil, texts
		all.inner = bestOf(items, nil)
	}
	return all
}

func literal(r rune) item {
	it := item{extent: extent{min: utf8.RuneLen(r), max: utf8.RuneLen(r), newline: r == '\n'}}
	if r < 0x80 {
		it.min, it.max = 1, 1
		if 'A' <= r && r <= 'Z' {
			r += 'a' - 'A'
		}
		it.exact = []string{string(r)}
	}
	return it
}

// class spells a small set out. Of the signs for kelvin and the long s, which are
// in it beside k and s in any case, it takes no notice.
func class(re *syntax.Regexp) item {
	it := opaque(re)
	var texts []string
	for i := 0; i+1 < len(re.Rune); i += 2 {
		lo, hi := re.Rune[i], re.Rune[i+1]
		if lo == hi && (lo == '\u212a' || lo == '\u017f') {
			continue
		}
		if hi >= 0x80 {
			return it
		}
		for r := lo; r <= hi; r++ {
			texts = append(texts, strings.ToLower(string(r)))
		}
	}
	if texts = unique(texts); len(texts) > 0 && len(texts) <= maxClass {
		it.exact = texts
	}
	return it
}

// extentOf is how long a match of an expression may be.
func extentOf(re *syntax.Regexp) (e extent) {
	switch re.Op {
	case syntax.OpLiteral:
		for _, r := range re.Rune {
			e = e.then(literal(r).extent)
		}
		if re.Flags&syntax.FoldCase != 0 && e.max > 0 {
			e.max = min(4*e.max, maxReach)
		}
	case syntax.OpCharClass:
		e = extent{min: 4}
		for i := 0; i+1 < len(re.Rune); i += 2 {
			e.min, e.max = min(e.min, runeLen(re.Rune[i])), max(e.max, runeLen(re.Rune[i+1]))
			e.newline = e.newline || re.Rune[i] <= '\n' && '\n' <= re.Rune[i+1]
		}
	case syntax.OpAnyChar:
		e = extent{min: 1, max: 4, newline: true}
	case syntax.OpAnyCharNotNL:
		e = extent{min: 1, max: 4}
	case syntax.OpCapture, syntax.OpConcat:
		for _, sub := range re.Sub {
			e = e.then(extentOf(sub))
		}
	case syntax.OpAlternate:
		e = extentOf(re.Sub[0])
		for _, sub := range re.Sub[1:] {
			e = e.or(extentOf(sub))
		}
	case syntax.OpQuest:
		e = extentOf(re.Sub[0]).times(0, 1)
	case syntax.OpStar:
		e = extentOf(re.Sub[0]).times(0, -1)
	case syntax.OpPlus:
		e = extentOf(re.Sub[0]).times(1, -1)
	case syntax.OpRepeat:
		e = extentOf(re.Sub[0]).times(re.Min, re.Max)
	}
	return e
}

func runeLen(r rune) int {
	if n := utf8.RuneLen(r); n > 0 {
		return n
	}
	return 3 // a surrogate, at the end of a range
}

func isASCII(s string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool { return r >= 0x80 })
}
