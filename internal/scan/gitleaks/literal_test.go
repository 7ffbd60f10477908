package gitleaks

import (
	"regexp"
	"regexp/syntax"
	"slices"
	"strings"
	"testing"
)

func TestLiterals(t *testing.T) {
	tests := []struct {
		expr   string
		want   string // joined by spaces, "" for none
		unsafe bool
	}{
		{"acme_[a-z]+", "acme_", false},
		{"(?i)ACME_[a-z]+", "acme_", false},
		{"acme|initech", "acme initech", false},
		{"ab[cd]e", "abce abde", false},
		{"https?://", "http", false},
		{"x*(?:acme)+y*", "acme", false},
		{"(?:acme){2}", "acmeacme", false},
		{"A3T[A-Z]|AKIA|ASIA", "a3t akia asia", false},
		{"(?:foo[a-z]*|bar[0-9]*)_x", "bar foo", false},
		{`\d{3}-\d{2}`, "", false}, // looked at below: a hundred
		{"[a-z]{20}", "", false},
		{"ab|acme", "", false},
		{"(?:acme)?[a-z]{5}", "", false},
		{"ké[a-z]{4}acme", "acme", false},
		{"[^a-z]+acme", "acme", true},
		{"[a-z]{2}.{0,300}acme", "acme", true},
		{"key.{0,1000}acme_live", "key", false},
		{"[ab]acme(?:x|yz)?", "acme", false},
	}
	for _, tt := range tests {
		re, err := syntax.Parse(tt.expr, syntax.Perl)
		if err != nil {
			t.Fatal(err)
		}
		l, _ := new(parser).literals(re, nil)
		switch {
		case l == nil:
			if tt.want != "" {
				t.Errorf("%s: no literals, want %q", tt.expr, tt.want)
			}
		case strings.HasPrefix(tt.expr, `\d`):
			if len(l.texts) != 100 || l.texts[0] != "00-" {
				t.Errorf("%s: %q", tt.expr, l.texts)
			}
		case strings.Join(l.texts, " ") != tt.want || l.unsafe() != tt.unsafe:
			t.Errorf("%s: literals %q, unsafe %t, want %q %t", tt.expr, l.texts, l.unsafe(), tt.want, tt.unsafe)
		}
	}
}

// Every match has one of the literals, and is as long as was said.
func FuzzLiterals(f *testing.F) {
	for _, seed := range [][2]string{
		{"(?i)[\\w.-]{0,50}?(?:acme|init(?:ech)?)[=:]{1,3}(x|yy)z", "My-Init:yyz acme==xz"}, {"A(?:3T[A-Z]|KIA)b?c*", "A3TXb AKIAcc"},
		{"(?:ab?){3}c|[^x]\\n{2,4}y", "abaabc \n\n\ny"}, {"(?s)a.*?(b|cd*)+$", "a\nbcddb"}, {"(?i)k[s-t]{2}k", "KSTK"},
	} {
		f.Add(seed[0], seed[1])
	}
	f.Fuzz(func(t *testing.T, expr, text string) {
		p := &parser{}
		re, err := p.compile(expr)
		if err != nil {
			return
		}
		compiled, err := regexp.Compile(expr)
		if err != nil || !isASCII(text) {
			return
		}
		l, _ := p.literals(re, nil)
		e := extentOf(re)
		for _, match := range compiled.FindAllString(text, 100) {
			if n := len(match); n < min(e.min, maxReach) || e.max >= 0 && e.max < maxReach && n > e.max || strings.Contains(match, "\n") && !e.newline {
				t.Errorf("%q: match %q is not of %+v", expr, match, e)
			}
			has := func(text string) bool { return strings.Contains(strings.ToLower(match), text) }
			if l != nil && !slices.ContainsFunc(l.texts, has) {
				t.Errorf("%q: match %q has none of %q", expr, match, l.texts)
			}
		}
		if group := re.MaxCap(); group > 0 {
			kept, err := regexp.Compile(keepGroup(re, group).String())
			if err != nil {
				t.Fatalf("%q: with group %d only: %v", expr, group, err)
			}
			want, got := compiled.FindStringSubmatchIndex(text), kept.FindStringSubmatchIndex(text)
			if (want == nil) != (got == nil) || want != nil && !slices.Equal([]int{want[0], want[1], want[2*group], want[2*group+1]}, got) {
				t.Errorf("%q: with group %d only: %v, want %v", expr, group, got, want)
			}
		}
	})
}
