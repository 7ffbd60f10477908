package scan

import (
	"regexp"
	"regexp/syntax"
	"strings"
	"testing"
)

func sequenceOf(pattern string) sequence {
	re, err := syntax.Parse(pattern, syntax.Perl)
	if err != nil {
		return nil
	}
	return compileSequence(re)
}

func TestSequence(t *testing.T) {
	for pattern, want := range map[string]bool{
		`ghp_[0-9A-Za-z]{36}`:     true,
		`a[0-9]{2,}[a-z]`:         true,
		`a[0-9]*b?c+`:             true,
		`(?i)npm_[a-z]{3}`:        true,
		`[0-9]{8,10}:AA[\w-]{33}`: true,
		`a[0-9]{2,}5`:             false, // the 5 may be one of the digits
		`[a-z]*_?[a-z]`:           false, // _ may be missing
		`(?i)sk-x`:                true,
		`a[α-ω]`:                  false,
		`a(b)c`:                   false,
		`a|bc`:                    false,
		`a.b`:                     false,
		`a[^b]`:                   false,
		`\bab`:                    false,
		`a[0-9]+?b`:               false,
		`(?:ab){3}`:               false,
	} {
		if got := sequenceOf(pattern) != nil; got != want {
			t.Errorf("%s: a sequence: %t", pattern, got)
		}
	}
}

func TestAnchor(t *testing.T) {
	for _, c := range []struct {
		pattern  string
		keywords []string
		offset   int
		ok       bool
	}{
		{`ghp_[0-9]{5}`, []string{"ghp_"}, 0, true},
		{`gh[pous]_[0-9]{5}`, []string{"ghp_", "gho_", "ghu_", "ghs_"}, 0, true},
		{`gh[pous]_[0-9]{5}`, []string{"ghp_", "gho_"}, 0, false},
		{`[0-9]{8}:AA[a-z]{4}`, []string{":aa"}, 8, true},
		{`[0-9]{7,8}:AA[a-z]{4}`, []string{":aa"}, 0, false},
		{`(?i)PUL-[0-9]{4}`, []string{"pul-"}, 0, true},
		{`[a-z]{4}-[0-9]{4}`, []string{"widget"}, 0, false},
		{`xox[a-e]-[0-9]{4}`, []string{"xox"}, 0, true},
	} {
		if offset, ok := sequenceOf(c.pattern).anchor(c.keywords); offset != c.offset || ok != c.ok {
			t.Errorf("%s %q: %d, %t", c.pattern, c.keywords, offset, ok)
		}
	}
}

// FuzzSequence: what is taken for a sequence matches what the regular expression
// does, at every place.
func FuzzSequence(f *testing.F) {
	for _, p := range []string{`ghp_[0-9A-Za-z]{3}`, `a[0-9]{2,}[a-z]`, `a[0-9]*b?c+`, `(?i)npm_[a-z]{3}`, `[ab]{1,2}c?d{0,3}`, `x{0}y`, `[a-c]{2,4}[d-f]*g?`} {
		for _, text := range []string{"ghp_abcd", "a123z", "a12bcc", "NPM_Abc", "abcddd", "y", "abcdefg"} {
			f.Add(p, text)
		}
	}
	f.Fuzz(func(t *testing.T, pattern, text string) {
		s := sequenceOf(pattern)
		if s == nil || strings.ContainsAny(text, "ſ\u212a") {
			return
		}
		re := regexp.MustCompile(`\A(?:` + pattern + `)`)
		for start := range text {
			want := -1
			if m := re.FindStringIndex(text[start:]); m != nil {
				want = start + m[1]
			}
			if got := s.match([]byte(text), start); got != want {
				t.Fatalf("%q at %d of %q: %d, want %d", pattern, start, text, got, want)
			}
		}
	})
}
