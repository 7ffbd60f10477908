package rules_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"iter"
	"maps"
	"math/rand/v2"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/git-envelope/git-envelope/internal/check"
	"github.com/git-envelope/git-envelope/internal/scan"
	"github.com/git-envelope/git-envelope/internal/scan/rules"
)

// The held-out set: files as they lie in repositories, written by someone who
// had seen none of the rules. Its texts are in heldout_*_test.go, one const for each
// sort, as "=== kind path" and the text behind it. A slot «maker» is a
// secret to be found, «!maker» a value that is none, «?maker» one that may be
// found or not; «maker#1» is the same value wherever it is in the file.
//
// The first result, before any rule was touched, is the honest one: of 2190
// secrets recall 0.895, precision 0.985. Found were all private keys and all
// tokens with a shape but NuGet's (whose maker here was wrong: it is base32),
// and of what has none: passwords 0.84, people's passwords 0.76, keys of 24
// letters and digits 0.50, of 32 0.82, of 40 0.85, hexadecimal ones of 32 0.67.
// False were an OpenPGP id, a SealedSecret's ciphertext, config("MAIL_PASSWORD",
// default=""), and two hashes of passwords, which rules of ours find on purpose.
// The rules were then improved by what was missed in general, so the second set
// was written, which they have not been improved by: of 324 secrets recall 0.972,
// precision 1.000 at once.
//
// Still missed: config/master.key, which holds nothing but 32 digits (the engine
// needs a keyword), net use's password, a password in a sentence, a signing key
// made of words in a program, a constructor's third argument (new Sequelize).
var (
	heldOutHead = regexp.MustCompile(`(?m)^=== (\S+) (\S+)\n`)
	heldOutSlot = regexp.MustCompile(`«([!?]?)([a-z0-9-]+)(#[0-9])?»`)
)

const heldOutRounds = 6 // each file so often, with other values

type heldOutFile struct{ kind, path, text string }

// spot is where a slot's value is in a file.
type spot struct {
	maker      string
	start, end int
	must       bool // else it only may be found
	found      bool
}

type tally struct{ hit, missed, wrong int }

func (t tally) recall() float64    { return share(t.hit, t.missed) }
func (t tally) precision() float64 { return share(t.hit, t.wrong) }

func share(good, bad int) float64 {
	if good+bad == 0 {
		return 1
	}
	return float64(good) / float64(good+bad)
}

func TestHeldOut(t *testing.T) {
	files := heldOutFiles(t, heldOutClients, heldOutConfig, heldOutDeploy, heldOutCode, heldOutMixed, heldOutClean)
	if len(files) < 60 {
		t.Fatalf("only %d files", len(files))
	}
	if kinds := measure(t, files); kinds < 35 {
		t.Errorf("only %d kinds of file", kinds)
	}
}

func TestHeldOutSecond(t *testing.T) { measure(t, heldOutFiles(t, heldOutSecond)) }

// measure finds what there is in the files and says how many kinds they are of.
func measure(t *testing.T, files []heldOutFile) int {
	engine, err := scan.New(scan.Options{Rules: rules.All()})
	if err != nil {
		t.Fatal(err)
	}
	classes, kinds, total := map[string]*tally{}, map[string]*tally{}, &tally{}
	used := map[string]bool{}
	for round := range heldOutRounds {
		rnd := rand.New(rand.NewPCG(4711, uint64(round)))
		for _, f := range files {
			entry(kinds, f.kind)
			text, spots := fillIn(t, f.text, rnd)
			for _, h := range hitsIn(t, engine, f.path, text) {
				if mark(spots, offset(text, h.Line, h.Column), offset(text, h.EndLine, h.EndColumn)+1) {
					continue
				}
				add(total, entry(kinds, f.kind), entry(classes, "none ("+h.Rule.ID+")"), func(t *tally) { t.wrong++ })
				if round == 0 {
					t.Logf("false %s:%d %s: %s", f.path, h.Line, h.Rule.ID, lineOf(text, h.Line))
				}
			}
			for _, s := range spots {
				if !s.must {
					continue
				}
				used[s.maker] = true
				count := func(t *tally) { t.hit++ }
				if !s.found {
					count = func(t *tally) { t.missed++ }
					if round == 0 {
						t.Logf("missed %s:%d %s: %s", f.path, 1+strings.Count(text[:s.start], "\n"), s.maker, lineOf(text, 1+strings.Count(text[:s.start], "\n")))
					}
				}
				add(total, entry(kinds, f.kind), entry(classes, s.maker), count)
			}
		}
	}
	show(t, "class", classes)
	show(t, "kind of file", kinds)
	t.Logf("%d kinds of file, %d classes, %d secrets: recall %.3f, precision %.3f",
		len(kinds), len(used), total.hit+total.missed, total.recall(), total.precision())
	if total.recall() < 0.95 || total.precision() < 0.95 {
		t.Errorf("recall %.3f, precision %.3f, want 0.95 of each", total.recall(), total.precision())
	}
	return len(kinds)
}

func add(a, b, c *tally, count func(*tally)) { count(a); count(b); count(c) }

func entry(m map[string]*tally, key string) *tally {
	if m[key] == nil {
		m[key] = &tally{}
	}
	return m[key]
}

func show(t *testing.T, title string, m map[string]*tally) {
	t.Logf("by %s:", title)
	for _, k := range slices.Sorted(maps.Keys(m)) {
		t.Logf("  %-32s found %4d missed %4d false %4d  recall %.3f precision %.3f",
			k, m[k].hit, m[k].missed, m[k].wrong, m[k].recall(), m[k].precision())
	}
}

func heldOutFiles(t *testing.T, sets ...string) (files []heldOutFile) {
	for _, set := range sets {
		heads := heldOutHead.FindAllStringSubmatchIndex(set, -1)
		for i, h := range heads {
			end := len(set)
			if i+1 < len(heads) {
				end = heads[i+1][0]
			}
			files = append(files, heldOutFile{set[h[2]:h[3]], set[h[4]:h[5]], set[h[1]:end]})
		}
	}
	if len(files) == 0 {
		t.Fatal("no files")
	}
	return files
}

// fillIn puts values into a file's slots.
func fillIn(t *testing.T, text string, rnd *rand.Rand) (string, []*spot) {
	var out strings.Builder
	var spots []*spot
	same := map[string]string{}
	last := 0
	for _, m := range heldOutSlot.FindAllStringSubmatchIndex(text, -1) {
		out.WriteString(text[last:m[0]])
		last = m[1]
		sign, maker := text[m[2]:m[3]], text[m[4]:m[5]]
		make1 := heldOutMakers[maker]
		if make1 == nil {
			t.Fatalf("no maker %q", maker)
		}
		value, ok := same[text[m[4]:m[1]]]
		if !ok || m[6] < 0 {
			value = make1(rnd)
			same[text[m[4]:m[1]]] = value
		}
		start := out.Len()
		out.WriteString(value)
		if sign != "!" {
			spots = append(spots, &spot{maker: maker, start: start, end: out.Len(), must: sign == ""})
		}
	}
	out.WriteString(text[last:])
	return out.String(), spots
}

// hitsIn searches as a scan of files does.
func hitsIn(t *testing.T, e *scan.Engine, path, text string) []check.Hit {
	s := check.Searcher{Engine: e, Workers: 1, Redact: func(*scan.Match) string { return "" }}
	var one iter.Seq2[check.Content, error] = func(yield func(check.Content, error) bool) {
		sum := sha256.Sum256([]byte(path + text))
		yield(check.Content{Place: check.File, OID: string(sum[:]), Name: path, Read: bytes.NewReader([]byte(text))}, nil)
	}
	found, err := s.Search(context.Background(), one)
	if err != nil {
		t.Fatal(err)
	}
	return check.At(path, found.Hits)
}

func mark(spots []*spot, start, end int) (is bool) {
	for _, s := range spots {
		if start < s.end && s.start < end {
			s.found, is = true, true
		}
	}
	return is
}

func offset(text string, line, column int) int {
	at := 0
	for ; line > 1; line-- {
		at += strings.IndexByte(text[at:], '\n') + 1
	}
	return at + column - 1
}

func lineOf(text string, n int) string {
	line := strings.Split(text, "\n")[n-1]
	return line[:min(len(line), 160)]
}
