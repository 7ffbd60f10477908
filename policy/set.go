package policy

import (
	"slices"
	"strings"
	"unicode/utf8"
)

// odd stands for every byte sequence that has the shape of a multi-byte UTF-8
// character but is none (overlong forms, surrogates, beyond U+10FFFF). Git
// matches bytes, so these exist; giving them one symbol lets `?` mean exactly
// what its byte-wise translation means, also for names that are not UTF-8.
const odd = utf8.MaxRune + 1

// A span is an inclusive range of symbols.
type span struct{ lo, hi rune }

// A set is what one ? or [...] matches: sorted, disjoint spans without '/'.
type set []span

// anything is what ? matches.
var anything = set{{0, '/' - 1}, {'/' + 1, odd}}

func single(r rune) set { return set{{r, r}} }

// newSet sorts and merges spans, inverts them if asked, and takes out '/'.
func newSet(spans []span, negate bool) set {
	slices.SortFunc(spans, func(a, b span) int { return int(a.lo - b.lo) })
	var merged set
	for _, s := range spans {
		if n := len(merged); n > 0 && s.lo <= merged[n-1].hi+1 {
			merged[n-1].hi = max(merged[n-1].hi, s.hi)
			continue
		}
		merged = append(merged, s)
	}
	if negate {
		merged = merged.invert()
	}
	return merged.intersect(anything)
}

func (s set) invert() set {
	var out set
	next := rune(0)
	for _, x := range s {
		if x.lo > next {
			out = append(out, span{next, x.lo - 1})
		}
		next = x.hi + 1
	}
	if next <= odd {
		out = append(out, span{next, odd})
	}
	return out
}

func (s set) intersect(t set) set {
	var out set
	for i, j := 0, 0; i < len(s) && j < len(t); {
		if lo, hi := max(s[i].lo, t[j].lo), min(s[i].hi, t[j].hi); lo <= hi {
			out = append(out, span{lo, hi})
		}
		if s[i].hi < t[j].hi {
			i++
		} else {
			j++
		}
	}
	return out
}

func (s set) has(r rune) bool {
	for _, x := range s {
		if r <= x.hi {
			return r >= x.lo
		}
	}
	return false
}

// covers reports whether s holds all of t.
func (s set) covers(t set) bool { return slices.Equal(s.intersect(t), t) }

// only returns the single symbol of s.
func (s set) only() (rune, bool) {
	if len(s) == 1 && s[0].lo == s[0].hi && s[0].lo != odd {
		return s[0].lo, true
	}
	return 0, false
}

// match returns how many bytes of name the set takes, 0 if it does not match.
func (s set) match(name string) int {
	r, n := decode(name)
	if n == 0 || !s.has(r) {
		return 0
	}
	return n
}

// decode reads one symbol. A byte that does not begin a UTF-8 shape is no
// symbol (0 bytes): only * and ** match it.
func decode(s string) (rune, int) {
	if s == "" {
		return 0, 0
	}
	r, n := utf8.DecodeRuneInString(s)
	if r != utf8.RuneError || n > 1 {
		return r, n
	}
	want := 0
	switch c := s[0]; {
	case c >= 0xC2 && c <= 0xDF:
		want = 2
	case c >= 0xE0 && c <= 0xEF:
		want = 3
	case c >= 0xF0 && c <= 0xF4:
		want = 4
	}
	if want == 0 || len(s) < want {
		return 0, 0
	}
	for i := 1; i < want; i++ {
		if s[i]&0xC0 != 0x80 {
			return 0, 0
		}
	}
	return odd, want
}

// String writes the set as ? or as a class.
func (s set) String() string {
	if slices.Equal(s, anything) {
		return "?"
	}
	var b strings.Builder
	b.WriteByte('[')
	if s.has(odd) {
		b.WriteByte('!')
		s = s.invert().intersect(anything)
	}
	for _, x := range s {
		b.WriteString(member(x.lo))
		if x.hi > x.lo {
			b.WriteString("-" + member(x.hi))
		}
	}
	b.WriteByte(']')
	return b.String()
}

// member escapes a character inside a class.
func member(r rune) string {
	if strings.ContainsRune(`[]-!^\`, r) {
		return `\` + string(r)
	}
	return string(r)
}
