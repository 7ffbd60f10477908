package policy

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/bmatcuk/doublestar/v4"
)

func compileTest(t testing.TB, source string) pattern {
	t.Helper()
	budget := maxExpanded
	p, err := compile(source, &budget)
	if err != nil {
		t.Fatalf("%q: %v", source, err)
	}
	return p
}

func TestMatch(t *testing.T) {
	for _, c := range []struct {
		glob    string
		yes, no []string
	}{
		{"a", []string{"a"}, []string{"A", "b", "a/b", "x/a", ""}},
		{"/a", []string{"a"}, []string{"x/a"}},
		{"a/**", []string{"a/b", "a/b/c", "a/.x"}, []string{"a", "ab", "b/a/c"}},
		{"**", []string{"a", "a/b", ".x"}, nil},
		{"**/a", []string{"a", "x/a", "x/y/a"}, []string{"xa", "a/b"}},
		{"a/**/b", []string{"a/b", "a/x/b", "a/x/y/b", "a/b/b"}, []string{"ab", "a/b/c"}},
		{"*", []string{"a", ".a", "\xff"}, []string{"a/b"}},
		{"*.pem", []string{"a.pem", ".pem"}, []string{"x/a.pem", "a.PEM"}},
		{"a*b*c", []string{"abc", "aXbYc", "abcbc"}, []string{"ab", "abcd"}},
		{"?", []string{"a", "é", "😀", "\u00a0"}, []string{"", "ab", "\xff", "/"}},
		{"a?b", []string{"aéb", "a\xed\xa0\x80b"}, []string{"a/b", "a\xffb", "ab"}},
		{"[!a]", []string{"b", "é", "😀"}, []string{"a", "\xff", ""}},
		{"a[!b]c", []string{"axc"}, []string{"a/c", "abc"}},
		{"[a-c]x", []string{"ax", "cx"}, []string{"dx", "Ax"}},
		{"[éx]", []string{"é", "x"}, []string{"e"}},
		{"{a,b/c}/x", []string{"a/x", "b/c/x"}, []string{"b/x"}},
		{"a{,b{c,d}}", []string{"a", "abc", "abd"}, []string{"ab"}},
		{`\!a`, []string{"!a"}, []string{"a"}},
		{`a\*`, []string{"a*"}, []string{"ab"}},
		{"caf*", []string{"café", "caf\xe9"}, nil},
		{"a\ufffdb", []string{"a\ufffdb"}, []string{"a\xffb"}},
		{"**/a/**/b/**", []string{"a/b/c", "x/a/y/b/z"}, []string{"a/b", "b/a/c"}},
	} {
		p := compileTest(t, c.glob)
		for _, path := range c.yes {
			if !p.match(path) {
				t.Errorf("%q does not match %q", c.glob, path)
			}
		}
		for _, path := range c.no {
			if p.match(path) {
				t.Errorf("%q matches %q", c.glob, path)
			}
		}
	}
}

// TestAgreesWithDoublestar compares with the library whose language this is, on
// valid UTF-8. The known differences are left out: dir/** against dir itself
// (there doublestar answers differently for dir and d*), and negated classes,
// which doublestar lets match a slash.
func TestAgreesWithDoublestar(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	compared := 0
	for range 20_000 {
		source := randomGlob(r)
		path := strings.ToValidUTF8(randomPath(r), "_")
		budget := maxExpanded
		p, err := compile(source, &budget)
		if err != nil || strings.Contains(source, "[!") || strings.Contains(source, "[^") {
			continue
		}
		if globs := p.globs; len(globs) == 0 || strings.Contains(p.canonical(), "/**\x00") || strings.HasSuffix(p.canonical(), "**") {
			continue
		}
		want, err := doublestar.Match(source, path)
		if err != nil {
			t.Fatalf("doublestar refuses %q: %v", source, err)
		}
		if got := p.match(path); got != want {
			t.Errorf("%q on %q: %v, doublestar says %v", source, path, got, want)
		}
		compared++
	}
	if compared < 5000 {
		t.Errorf("only %d comparisons", compared)
	}
}

// TestMeetIsExact checks intersections path by path.
func TestMeetIsExact(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	paths := make([]string, 300)
	for i := range paths {
		paths[i] = randomPath(r)
	}
	budget := 1 << 40
	met := 0
	steps := 1 << 40
	for range 3000 {
		a, errA := parseGlob(randomGlob(r), &budget)
		b, errB := parseGlob(randomGlob(r), &budget)
		if errA != nil || errB != nil {
			continue
		}
		both, ok := meet(&a[0], &b[0], &steps)
		if !ok {
			continue
		}
		met++
		for _, path := range paths {
			got := false
			for i := range both {
				got = got || both[i].match(path)
			}
			if want := a[0].match(path) && b[0].match(path); got != want {
				t.Fatalf("%s and %s meet in %s: %q gives %v, want %v", a[0], b[0], both, path, got, want)
			}
		}
		if covers(&a[0], &b[0]) {
			for _, path := range paths {
				if b[0].match(path) && !a[0].match(path) {
					t.Fatalf("%s does not cover %s: %q", a[0], b[0], path)
				}
			}
		}
	}
	if met < 1000 {
		t.Errorf("only %d pairs", met)
	}
}

func TestMeet(t *testing.T) {
	for _, c := range []struct{ a, b, want string }{
		{"env/prod/**", "**/README.md", "[env/prod/**/README.md]"},
		{"env/**", "env/prod/**", "[env/prod/**]"},
		{"env/**", "dev/**", "[]"},
		{"**/*.pem", "**/test/**", "[**/test/**/*.pem]"},
		{"**", "**/x", "[**/x]"},
		{"README*", "*.md", "[README*.md]"},
		{"a/*", "*/b", "[a/b]"},
		{"?", "[a-c]", "[[a-c]]"},
		{"**/a/**", "**/b/**", "[**/a/**/b/** **/b/**/a/**]"},
	} {
		a, b := compileTest(t, c.a), compileTest(t, c.b)
		steps := maxTotalSteps
		got, ok := meet(&a.globs[0], &b.globs[0], &steps)
		if s := fmt.Sprint(got); !ok || s != c.want {
			t.Errorf("%s and %s meet in %s (%v), want %s", c.a, c.b, s, ok, c.want)
		}
	}
}

// TestHostilePatterns runs what is exponential in careless matchers. There is no
// timed assertion: if one of these blew up, the test would not end.
func TestHostilePatterns(t *testing.T) {
	deepPath := strings.Repeat("a/", 2000) + "b"
	longName := strings.Repeat("a", 4000)
	for _, source := range []string{
		strings.Repeat("**/a/", 60) + "x",
		strings.Repeat("**/*a/", 30) + "x",
		strings.Repeat("*a", 60) + "x",
		strings.Repeat("a*", 60) + "x*",
		strings.Repeat("?*", 30) + "x",
		strings.Repeat("[!b]*", 30) + "x",
		strings.Repeat("{a,b}", 9) + "x",
		strings.Repeat("*"+strings.Repeat("a", 60), 60) + "b",
	} {
		p := compileTest(t, source)
		for _, path := range []string{deepPath, longName, deepPath[:len(deepPath)-1] + longName} {
			if p.match(path) {
				t.Errorf("%.20q… matches", source)
			}
		}
	}
	for _, source := range []string{
		strings.Repeat("{a,b}", 10), strings.Repeat("{a,b}", 800), strings.Repeat("{a,", 1300) + strings.Repeat("}", 1300),
		strings.Repeat("{", 4000), strings.Repeat("[", 4000), strings.Repeat("*a", 65), strings.Repeat("**/", 65) + "a",
		"{" + strings.Repeat(",", 1000) + "}", strings.Repeat("a", MaxPatternLen+1),
	} {
		budget := maxExpanded
		if _, err := compile(source, &budget); err == nil {
			t.Errorf("%.20q… is accepted", source)
		}
	}
	// Two patterns whose intersection explodes are refused, not computed.
	p, err := parseRules([]string{"prod", "*a*b*c*d*e*f*", "!*1*2*3*4*5*6*"})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := p.Attributes(); err == nil || !strings.Contains(err.Error(), "cannot be taken out of") {
		t.Errorf("got %v", err)
	}
	for _, rule := range [][]string{
		{"0" + strings.Repeat("*"+strings.Repeat("a", 25), 60), "!0*" + strings.Repeat("*"+strings.Repeat("a", 25), 60)[1:] + "z*a"},
		{"**/0" + strings.Repeat("/**/"+strings.Repeat("a/", 25)+"*b*", 15), "!**/0" + strings.Repeat("/**/"+strings.Repeat("a/", 25)+"*b*", 15) + "z*"},
		{"*0" + strings.Repeat("*[ab]", 30), "!**/" + strings.Repeat("*[bc]", 30) + "z*"},
	} {
		if p, err = parseRules(append([]string{"prod"}, rule...)); err != nil {
			t.Fatal(err)
		}
		if _, err := p.Attributes(); err == nil {
			t.Errorf("%.30q is translated", rule)
		}
	}
	// A file full of braces must not expand to more than it may.
	many := []string{"prod"}
	for i := range 2000 {
		many = append(many, fmt.Sprintf("%d/{a,b,c,d,e,f,g,h}{a,b,c,d,e,f,g,h}{a,b,c,d,e,f,g,h}", i))
	}
	if _, err := parseRules(many); err == nil || !strings.Contains(err.Error(), "expand to too much") {
		t.Errorf("got %v", err)
	}
}

func BenchmarkRingOf(b *testing.B) {
	for _, n := range []int{10, 1000, 9000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			rule := []string{"prod"}
			for i := range n {
				rule = append(rule, fmt.Sprintf("service-%d/env/**/*.yaml", i))
			}
			p, err := parseRules(append(rule, "!**/README.md"))
			if err != nil {
				b.Fatal(err)
			}
			for b.Loop() {
				p.RingOf("services/backend/config/settings.yaml")
			}
		})
	}
}

func TestFallbackAndExplain(t *testing.T) {
	p := mustParse(t, policyWith([]string{"prod", "env/prod/**", "!**/README.md"}, []string{"dev", "env/**"})+"forbid: ['**/*.pem', '!**/ca.pem']\n")
	if _, ok := p.Fallback(); ok {
		t.Error("two rings and no default have a fallback")
	}
	for _, c := range []struct {
		path, ring string
		explain    string
	}{
		{"env/prod/a", "prod", `sealed for ring prod by rule 1 ("env/prod/**", line 11)`},
		{"env/a", "dev", `sealed for ring dev by rule 2 ("env/**", line 13)`},
		{"env/prod/README.md", "", `not sealed: rule 1 ("env/prod/**", line 11) matches, but "!**/README.md" in the same rule excludes it`},
		{"x", "", "not sealed: no rule matches"},
		{"env/.gitattributes", "", "never sealed: Git and git-envelope read this file themselves"},
		{"./env/a", "", "not a path relative to the top of the repository"},
	} {
		ring, covered := p.RingOf(c.path)
		e := p.Explain(c.path)
		if ring != c.ring || covered != (c.ring != "") || e.Covered != covered || e.String() != c.explain {
			t.Errorf("%s: %q %v, %s", c.path, ring, covered, e)
		}
	}
	for path, want := range map[string]bool{"a/x.pem": true, "a/ca.pem": false, "x": false, ".envelope/x.pem": false} {
		if _, ok := p.Forbidden(path); ok != want {
			t.Errorf("%s: forbidden %v", path, ok)
		}
	}
	one := strings.Replace(header, "  dev:\n    recipients:\n      - age: age1devdevdev\n", "", 1)
	if ring, ok := mustParse(t, one).Fallback(); !ok || ring != "prod" {
		t.Errorf("fallback %q %v", ring, ok)
	}
	if ring, ok := mustParse(t, header+"default_ring: dev\n").Fallback(); !ok || ring != "dev" {
		t.Errorf("fallback %q %v", ring, ok)
	}
}

func TestDurations(t *testing.T) {
	for s, want := range map[string]time.Duration{"90d": 90 * 24 * time.Hour, "12h": 12 * time.Hour, "1h30m": 90 * time.Minute} {
		p := mustParse(t, strings.Replace(header, "  prod:\n", "  prod:\n    rotate_every: "+s+"\n", 1))
		if r, _ := p.Ring("prod"); r.RotateEvery != want {
			t.Errorf("%s: %v", s, r.RotateEvery)
		}
	}
}
