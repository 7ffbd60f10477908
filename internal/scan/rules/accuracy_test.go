package rules

import (
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"maps"
	"math/rand/v2"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/git-envelope/git-envelope/internal/scan"
)

// TestAccuracy makes copies of each file with other values each time, and counts
// what is found and what is not, by class of secret and by kind of file. Run it
// with -v for the table.
func TestAccuracy(t *testing.T) {
	rnd := rand.New(rand.NewPCG(seed, 1))
	a := newAccuracy(t)
	for range 40 {
		for _, f := range files {
			a.file(t, f.path, f.text, rnd)
		}
	}
	a.report(t, a.classes, "class")
	a.report(t, a.paths, "file")
	all := &score{}
	for _, s := range a.paths {
		all.hit, all.missed, all.wrong = all.hit+s.hit, all.missed+s.missed, all.wrong+s.wrong
	}
	t.Logf("all: recall %.4f, precision %.4f of %d secrets in %d files", all.recall(), all.precision(), all.hit+all.missed, 40*len(files))
	if all.hit == 0 || all.recall() < 0.95 || all.precision() < 0.95 {
		t.Errorf("recall %.4f, precision %.4f; want 0.95 of both", all.recall(), all.precision())
	}
	for path, s := range a.paths {
		if s.precision() < 0.95 {
			t.Errorf("precision in %s %.4f, want 0.95", path, s.precision())
		}
	}
	for class, s := range a.classes {
		if s.recall() < 0.95 {
			t.Errorf("recall of %s %.4f, want 0.95", class, s.recall())
		}
	}
}

type score struct{ hit, missed, wrong int }

func (s *score) recall() float64    { return ratio(s.hit, s.missed) }
func (s *score) precision() float64 { return ratio(s.hit, s.wrong) }

func ratio(good, bad int) float64 {
	if good+bad == 0 {
		return 1
	}
	return float64(good) / float64(good+bad)
}

type accuracy struct {
	engine         *scan.Engine
	known          []scan.Rule
	classes, paths map[string]*score
	path           pathCache
}

// pathCache is the expressions of rules' paths, compiled.
type pathCache map[string]*regexp.Regexp

func newAccuracy(t *testing.T) *accuracy {
	t.Helper()
	engine, err := scan.New(scan.Options{Rules: All()})
	if err != nil {
		t.Fatal(err)
	}
	a := &accuracy{engine: engine, classes: map[string]*score{}, paths: map[string]*score{}, path: pathCache{}}
	for _, r := range All() {
		// Those that stand alone, whatever is around them.
		if r.Pattern != "" && !strings.Contains(r.Pattern, "(") && r.Path == "" && (r.Check == nil || makers[r.ID] != nil) {
			a.known = append(a.known, r)
		}
	}
	if len(a.known) == 0 {
		t.Fatal("no rules of providers")
	}
	return a
}

// counts tells whether a finding of a rule counts in a path.
func (c pathCache) counts(r *scan.Rule, path string) bool {
	match := func(text string) bool {
		if c[text] == nil {
			c[text] = regexp.MustCompile(text)
		}
		return c[text].MatchString(path)
	}
	return (r.Path == "" || match(r.Path)) && (r.NotPath == "" || !match(r.NotPath))
}

var slot = regexp.MustCompile(`\{[A-Z]+[0-9]*\}|\{[a-z]+[0-9a-z]*\}`)

type planted struct {
	class      string
	start, end int
	found      bool
}

// file makes one copy of a file, scans it and keeps the score.
func (a *accuracy) file(t *testing.T, path, text string, rnd *rand.Rand) {
	t.Helper()
	var b strings.Builder
	var secrets []planted
	last := 0
	for _, m := range slot.FindAllStringIndex(text, -1) {
		b.WriteString(text[last:m[0]])
		class := text[m[0]+1 : m[1]-1]
		value, secret := a.value(t, class, rnd)
		if secret {
			secrets = append(secrets, planted{class: class, start: b.Len(), end: b.Len() + len(value)})
		}
		b.WriteString(value)
		last = m[1]
	}
	b.WriteString(text[last:])
	made := b.String()
	wrong := map[int]string{}
	_, err := a.engine.Scanner().Scan(t.Context(), strings.NewReader(made), func(m *scan.Match) {
		if a.path.counts(m.Rule, path) && !mark(secrets, int(m.Offset), int(m.Offset)+len(m.Secret)) && !again(secrets, made, m) {
			wrong[int(m.Offset)] = m.Rule.ID
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	a.count(t, path, made, secrets, wrong)
}

func mark(secrets []planted, start, end int) (is bool) {
	for i := range secrets {
		if s := &secrets[i]; start < s.end && s.start < end {
			s.found, is = true, true
		}
	}
	return is
}

// again tells whether a match is a planted secret that was found once more in
// what something around it decodes to: the place is that of the whole.
func again(secrets []planted, text string, m *scan.Match) bool {
	return len(m.Via) > 0 && slices.ContainsFunc(secrets, func(s planted) bool { return text[s.start:s.end] == string(m.Secret) })
}

func (a *accuracy) count(t *testing.T, path, text string, secrets []planted, wrong map[int]string) {
	t.Helper()
	in := entry(a.paths, path)
	for _, s := range secrets {
		of := entry(a.classes, s.class)
		if s.found {
			in.hit++
			of.hit++
			continue
		}
		in.missed++
		of.missed++
		if testing.Verbose() && of.missed <= 12 {
			t.Logf("missed %s in %s: %s", s.class, path, line(text, s.start))
		}
	}
	for at, rule := range wrong {
		in.wrong++
		entry(a.classes, "rule "+rule).wrong++
		if testing.Verbose() && in.wrong <= 5 {
			t.Logf("wrong %s in %s: %s", rule, path, line(text, at))
		}
	}
}

func entry(m map[string]*score, key string) *score {
	if m[key] == nil {
		m[key] = &score{}
	}
	return m[key]
}

// line is the line of made-up text that holds an offset.
func line(text string, at int) string {
	start := strings.LastIndexByte(text[:at], '\n') + 1
	end := strings.IndexByte(text[at:], '\n')
	return text[start : at+max(end, 0)]
}

// report prints a table, the worst last.
func (a *accuracy) report(t *testing.T, scores map[string]*score, what string) {
	t.Helper()
	names := slices.SortedFunc(maps.Keys(scores), func(x, y string) int {
		a, b := scores[x], scores[y]
		return strings.Compare(fmt.Sprintf("%.4f %s", 2-min(a.recall(), a.precision()), x), fmt.Sprintf("%.4f %s", 2-min(b.recall(), b.precision()), y))
	})
	for _, n := range names {
		s := scores[n]
		t.Logf("%s %-44s found %5d missed %4d wrong %4d recall %.3f precision %.3f", what, n, s.hit, s.missed, s.wrong, s.recall(), s.precision())
	}
	if len(names) > 0 {
		t.Logf("worst %s: %s", what, names[len(names)-1])
	}
}

const (
	lowerHex = "0123456789abcdef"
	safeMark = "!@#$%^*-_+=.~"
)

// value makes what stands in a slot, and tells whether it is a secret.
func (a *accuracy) value(t *testing.T, class string, r *rand.Rand) (value string, secret bool) {
	t.Helper()
	bytes := func(n int) []byte {
		b := make([]byte, n)
		for i := range b {
			b[i] = byte(r.Uint32())
		}
		return b
	}
	switch class {
	case "HUMAN":
		return human(r), true
	case "WEAK":
		return weakPassword(r), true
	case "PASS":
		// Made by a manager: 12 to 24 characters, in most with marks.
		alphabet := base62Digits
		if r.IntN(3) > 0 {
			alphabet += "!@#*-_+=~"
		}
		return chars(r, base62Digits, 1) + chars(r, alphabet, 10+r.IntN(12)) + chars(r, base62Digits, 1), true
	case "TOKEN":
		alphabets := []string{base62Digits, base62Digits + "-_", base62Digits[:36], base62Digits[:10] + base62Digits[36:]}
		return chars(r, base62Digits, 1) + chars(r, alphabets[r.IntN(len(alphabets))], 18+r.IntN(30)) + chars(r, base62Digits, 1), true
	case "HEX":
		return chars(r, lowerHex, []int{32, 40, 64, 128}[r.IntN(4)]), true
	case "BASE64":
		return base64.StdEncoding.EncodeToString(bytes([]int{16, 24, 32, 64}[r.IntN(4)])), true
	case "KNOWN":
		return make1(t, a.known[r.IntN(len(a.known))], r), true
	case "TOKENLIKE":
		return chars(r, base62Digits, 40), false
	case "uuid":
		h := hex.EncodeToString(bytes(16))
		return h[:8] + "-" + h[8:12] + "-4" + h[13:16] + "-a" + h[17:20] + "-" + h[20:], false
	case "sha1":
		return hex.EncodeToString(bytes(20)), false
	case "md5":
		return hex.EncodeToString(bytes(16)), false
	case "sha256":
		return hex.EncodeToString(bytes(32)), false
	case "integrity":
		return "sha512-" + base64.StdEncoding.EncodeToString(bytes(64)), false
	case "bcrypt":
		return "$2b$12$" + chars(r, base62Digits+"./", 53), false
	case "b64pub":
		return base64.StdEncoding.EncodeToString(bytes(51)), false
	case "b64long":
		return base64.StdEncoding.EncodeToString(bytes(900)), false
	}
	return "{" + class + "}", false
}

// human makes a password as people do who must use several kinds of characters.
func human(r *rand.Rand) string {
	words := []string{"Summer", "Winter", "Password", "Welcome", "Dragon", "Berlin", "Coffee", "Arsenal", "Qwerty", "Letmein", "Sunshine", "Monkey", "Acme", "Secret", "Admin"}
	w := words[r.IntN(len(words))]
	sign := string(safeMark[r.IntN(len(safeMark)-4)])
	if r.IntN(2) == 0 {
		w = strings.NewReplacer("a", "4", "e", "3", "o", "0", "s", "5", "i", "1").Replace(w)
	}
	if r.IntN(2) == 0 {
		w = strings.ToLower(w)
	}
	switch r.IntN(3) {
	case 0:
		return fmt.Sprintf("%s%s%d", w, sign, 1980+r.IntN(46))
	case 1:
		return fmt.Sprintf("%s%d%s", w, 1980+r.IntN(46), sign)
	}
	return fmt.Sprintf("%s%s%s%d", w, sign, words[r.IntN(len(words))], r.IntN(90)+10)
}
