package scan

import (
	"regexp/syntax"
	"strings"
)

// sequence is a pattern of nothing but repeated sets of bytes, in which the
// longest match needs no second try: prefix, alphabet, length, as most tokens
// are. It matches what package regexp would, without it.
type sequence []item

type item struct {
	set      *[256]bool
	min, max int // max -1: no end
}

// maxExpand bounds the texts that the place of a keyword may stand for.
const maxExpand = 256

// compileSequence makes a sequence of a pattern, nil if it is none.
func compileSequence(re *syntax.Regexp) sequence {
	s, ok := appendItems(nil, re)
	if !ok || len(s) == 0 || !s.decided() {
		return nil
	}
	return s
}

func appendItems(s sequence, re *syntax.Regexp) (sequence, bool) {
	if len(s) > 512 {
		return nil, false
	}
	switch re.Op {
	case syntax.OpEmptyMatch:
		return s, true
	case syntax.OpLiteral:
		for _, r := range re.Rune {
			set, ok := literalSet(r, re.Flags&syntax.FoldCase != 0)
			if !ok {
				return nil, false
			}
			s = append(s, item{set, 1, 1})
		}
		return s, true
	case syntax.OpCharClass:
		set, ok := classSet(re.Rune)
		return append(s, item{set, 1, 1}), ok
	case syntax.OpConcat:
		for _, sub := range re.Sub {
			var ok bool
			if s, ok = appendItems(s, sub); !ok {
				return nil, false
			}
		}
		return s, true
	case syntax.OpStar, syntax.OpPlus, syntax.OpQuest, syntax.OpRepeat:
		return appendRepeat(s, re)
	}
	return nil, false
}

func appendRepeat(s sequence, re *syntax.Regexp) (sequence, bool) {
	one, ok := appendItems(nil, re.Sub[0])
	if !ok || len(one) != 1 || one[0].min != 1 || one[0].max != 1 || re.Flags&syntax.NonGreedy != 0 {
		return nil, false
	}
	it := item{set: one[0].set, min: re.Min, max: re.Max}
	switch re.Op {
	case syntax.OpStar:
		it.min, it.max = 0, -1
	case syntax.OpPlus:
		it.min, it.max = 1, -1
	case syntax.OpQuest:
		it.min, it.max = 0, 1
	}
	return append(s, it), true
}

// literalSet and classSet refuse what is not ASCII: it is more than one byte. But
// for the third k and s of Unicode, the signs of Kelvin and long s, which (?i)
// adds: nobody meant them, and no secret has them.
func literalSet(r rune, fold bool) (*[256]bool, bool) {
	var set [256]bool
	if r >= 0x80 {
		return nil, false
	}
	set[r] = true
	if fold {
		if lower := r | 0x20; lower >= 'a' && lower <= 'z' {
			set[lower], set[lower-0x20] = true, true
		}
	}
	return &set, true
}

func classSet(ranges []rune) (*[256]bool, bool) {
	var set [256]bool
	for i := 0; i < len(ranges); i += 2 {
		if ranges[i] == ranges[i+1] && (ranges[i] == 'ſ' || ranges[i] == '\u212a') {
			continue
		}
		if ranges[i+1] >= 0x80 {
			return nil, false
		}
		for r := ranges[i]; r <= ranges[i+1]; r++ {
			set[r] = true
		}
	}
	return &set, len(ranges) > 0
}

// decided tells whether taking as many bytes as possible for an item is always
// right: what may follow it begins with none of its bytes.
func (s sequence) decided() bool {
	for i, it := range s {
		if it.min == it.max {
			continue
		}
		for _, next := range s[i+1:] {
			if next.max != 0 && meet(it.set, next.set) {
				return false
			}
			if next.min > 0 {
				break
			}
		}
	}
	return true
}

func meet(a, b *[256]bool) bool {
	for i := range a {
		if a[i] && b[i] {
			return true
		}
	}
	return false
}

// match is the end of the match that begins at start, -1 if none does.
func (s sequence) match(text []byte, start int) int {
	p := start
	for i := range s {
		it := &s[i]
		limit := len(text)
		if it.max >= 0 {
			limit = min(limit, p+it.max)
		}
		q := p
		for q < limit && it.set[text[q]] {
			q++
		}
		if q-p < it.min {
			return -1
		}
		p = q
	}
	return p
}

// anchor is how far from its beginning every match has one of the keywords.
func (s sequence) anchor(keywords []string) (offset int, ok bool) {
	longest := 0
	for _, k := range keywords {
		longest = max(longest, len(k))
	}
	fixed := s.fixed(256)
	for o := range fixed {
		if spells(fixed[o:min(len(fixed), o+longest)], keywords, nil, new(int)) {
			return o, true
		}
	}
	return 0, false
}

// fixed is the beginning of the sequence that has one length, a set a byte.
func (s sequence) fixed(most int) (sets []*[256]bool) {
	for _, it := range s {
		for range it.min {
			if len(sets) == most {
				return sets
			}
			sets = append(sets, it.set)
		}
		if it.min != it.max {
			break
		}
	}
	return sets
}

// spells tells whether every text of the sets begins with a keyword.
func spells(sets []*[256]bool, keywords []string, text []byte, n *int) bool {
	for _, k := range keywords {
		if len(k) <= len(text) && strings.HasPrefix(string(text), k) {
			return true
		}
	}
	if len(sets) == 0 {
		return false
	}
	var tried [256]bool
	any := false
	for c := range sets[0] {
		if !sets[0][c] {
			continue
		}
		low := lower(byte(c))
		if tried[low] {
			continue
		}
		tried[low], any = true, true
		if *n++; *n > maxExpand || !spells(sets[1:], keywords, append(text, low), n) {
			return false
		}
	}
	return any
}

func lower(c byte) byte {
	if c >= 'A' && c <= 'Z' {
		c |= 0x20
	}
	return c
}
