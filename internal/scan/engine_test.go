package scan

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/iotest"
)

// testRules have each kind of pattern: sequences, with a set in the prefix, an
// open end, surroundings, alternatives.
var testRules = []Rule{
	{ID: "seq-fixed", Severity: High, Raw: true, Keywords: []string{"abc_"}, Pattern: `abc_[0-9a-f]{12}`},
	{ID: "seq-set", Severity: High, Raw: true, Keywords: []string{"ghp_", "gho_"}, Pattern: `gh[po]_[0-9A-Za-z]{10}`},
	{ID: "seq-open", Severity: High, Raw: true, Keywords: []string{"sk-"}, Pattern: `sk-[a-z]+_?[0-9]{4,}`},
	{ID: "seq-inner", Severity: High, Raw: true, Keywords: []string{":aa"}, Pattern: `[0-9]{8}:AA[0-9A-Za-z_-]{8}`},
	{ID: "seq-fold", Severity: High, Raw: true, Keywords: []string{"pul-"}, Pattern: `(?i)pul-[0-9a-f]{8}`},
	{ID: "group", Severity: Medium, Raw: true, Keywords: []string{"widget"}, Pattern: `(?i)widget[\w.-]{0,20}[ \t]*[=:][ \t]*["']?([0-9a-f]{16})\b`},
	{ID: "either", Severity: Low, Raw: true, Keywords: []string{"foo.", "barz"}, Pattern: `(?:foo\.|barz)[A-Z]{6}(?:x|yy)`},
}

type place struct {
	rule        string
	offset      int64
	line, col   int
	secret, via string
}

func scanAll(tb testing.TB, s *Scanner, r io.Reader) (out []place) {
	tb.Helper()
	o, err := s.Scan(tb.Context(), r, func(m *Match) {
		out = append(out, place{m.Rule.ID, m.Offset, m.Line, m.Column, string(m.Secret), strings.Join(m.Via, " ")})
	})
	if err != nil {
		tb.Fatal(err)
	}
	for _, k := range o.Skipped {
		tb.Logf("skipped %v", k)
	}
	return out
}

func engine(tb testing.TB, o Options) *Engine {
	tb.Helper()
	e, err := New(o)
	if err != nil {
		tb.Fatal(err)
	}
	return e
}

// secretFor draws a text that one of testRules finds when it stands alone.
func secretFor(rnd *rand.Rand) string {
	draw := func(alphabet string, n int) string {
		b := make([]byte, n)
		for i := range b {
			b[i] = alphabet[rnd.IntN(len(alphabet))]
		}
		return string(b)
	}
	const hex = "0123456789abcdef"
	switch rnd.IntN(7) {
	case 0:
		return "abc_" + draw(hex, 12)
	case 1:
		return "gh" + draw("po", 1) + "_" + draw("ABCxyz019", 10)
	case 2:
		return "sk-" + draw("qwert", 3) + draw("0123", 5)
	case 3:
		return draw("2463", 8) + ":AA" + draw("abZ_-7", 8)
	case 4:
		return "pUL-" + draw("0aBcDeF9", 8)
	case 5:
		return "widget_id = '" + draw(hex, 16) + "'"
	}
	return "barz" + draw("QWERTZ", 6) + "yy"
}

func FuzzScan(f *testing.F) {
	rnd := rand.New(rand.NewPCG(3, 4))
	for range 200 {
		f.Add(randomText(rnd))
	}
	f.Add([]byte("ghp_ghp_ghp_ghp_gho_abcdefghijghp_"))
	e := engine(f, Options{Rules: testRules, NoMemory: true})
	remembers := engine(f, Options{Rules: testRules})
	f.Fuzz(func(t *testing.T, text []byte) {
		var got []plainMatch
		for _, p := range scanAll(t, e.Scanner(), bytes.NewReader(text)) {
			if p.via == "" {
				got = append(got, plainMatch{p.rule, int(p.offset), int(p.offset) + len(p.secret)})
			}
		}
		if len(text) > 1<<14 {
			return
		}
		want := plain(testRules, text)
		slices.SortFunc(want, order2)
		slices.SortFunc(got, order2)
		if !slices.Equal(got, want) {
			t.Fatalf("%q\n got %v\nwant %v", text, got, want)
		}
		if first, again := scanAll(t, remembers.Scanner(), bytes.NewReader(text)), scanAll(t, remembers.Scanner(), bytes.NewReader(text)); !slices.Equal(first, again) {
			t.Fatalf("found %v, then %v", first, again)
		}
	})
}

func order2(a, b plainMatch) int {
	return strings.Compare(fmt.Sprintf("%09d %09d %s", a.start, a.end, a.rule), fmt.Sprintf("%09d %09d %s", b.start, b.end, b.rule))
}

func randomText(rnd *rand.Rand) []byte {
	var b []byte
	for range rnd.IntN(60) {
		switch rnd.IntN(6) {
		case 0, 1:
			b = append(b, secretFor(rnd)...)
		case 2:
			b = append(b, testRules[rnd.IntN(len(testRules))].Keywords[0]...)
		case 3:
			b = append(b, strings.Repeat("x y", rnd.IntN(200))...)
		default:
			b = append(b, " \n=:'x9_\r"[rnd.IntN(9)])
		}
		if rnd.IntN(3) > 0 {
			b = append(b, " \n"[rnd.IntN(2)])
		}
	}
	return b
}

// TestMemory: with memory the same is found as without, in versions of files that
// change here and there.
func TestMemory(t *testing.T) {
	for seed := range uint64(12) {
		rnd := rand.New(rand.NewPCG(seed, 7))
		with := engine(t, Options{Rules: testRules})
		without := engine(t, Options{Rules: testRules, NoMemory: true})
		a, b := with.Scanner(), without.Scanner()
		lines := manyLines(rnd, 400)
		var saved, total int64
		for version := range 120 {
			lines = edit(rnd, lines)
			text := strings.Join(lines, "\n")
			want := scanAll(t, b, strings.NewReader(text))
			var got []place
			o, err := a.Scan(t.Context(), strings.NewReader(text), func(m *Match) {
				got = append(got, place{m.Rule.ID, m.Offset, m.Line, m.Column, string(m.Secret), strings.Join(m.Via, " ")})
			})
			if err != nil {
				t.Fatal(err)
			}
			if !slices.Equal(got, want) {
				t.Fatalf("seed %d, version %d:\n got %v\nwant %v", seed, version, got, want)
			}
			total += o.Bytes
			saved += o.Bytes - o.New
		}
		if saved < total/6 {
			t.Errorf("seed %d: only %d of %d bytes were known", seed, saved, total)
		}
	}
}

func manyLines(rnd *rand.Rand, n int) (lines []string) {
	for range n {
		lines = append(lines, plainLine(rnd))
	}
	return lines
}

func plainLine(rnd *rand.Rand) string {
	if rnd.IntN(200) == 0 {
		return strings.Repeat(fmt.Sprint(rnd.Uint64()), 30+rnd.IntN(400))
	}
	return fmt.Sprintf("%*s value_%d = f(%d)", rnd.IntN(30), "", rnd.IntN(1000), rnd.Uint64())
}

// edit changes a few lines: adds, removes, moves, with now and then a secret, a
// half of one, or a keyword alone, in a line or within a long one.
func edit(rnd *rand.Rand, lines []string) []string {
	lines = slices.Clone(lines)
	for range 1 + rnd.IntN(3) {
		i := rnd.IntN(len(lines))
		switch rnd.IntN(8) {
		case 0:
			lines = slices.Insert(lines, i, "x = "+secretFor(rnd))
		case 1:
			s := secretFor(rnd)
			cut := rnd.IntN(len(s))
			lines = slices.Insert(lines, i, s[:cut], s[cut:])
		case 2:
			lines = slices.Delete(lines, i, i+1)
		case 3:
			if i+1 < len(lines) { // join: what were two halves is one
				lines = slices.Replace(lines, i, i+2, lines[i]+lines[i+1])
			}
		case 4:
			p := rnd.IntN(len(lines[i]) + 1)
			lines[i] = lines[i][:p] + " " + secretFor(rnd) + " " + lines[i][p:]
		case 5:
			j := min(len(lines), i+rnd.IntN(60))
			lines = slices.Insert(lines, rnd.IntN(len(lines)), lines[i:j]...)
		default:
			lines[i] = plainLine(rnd)
		}
		if len(lines) < 100 {
			lines = append(lines, manyLines(rnd, 300)...)
		}
	}
	return lines
}

// TestWindows: a secret is found once, in its right place, wherever it stands to
// the edges of windows.
func TestWindows(t *testing.T) {
	secret := "abc_" + strings.Repeat("0123", 3)
	s := engine(t, Options{Rules: testRules}).Scanner()
	const step = window - overlap - margin
	for _, at := range []int{0, 1, window - overlap - 1, window - overlap, window - overlap + 1, window - 5, window - 1, window, window + 1,
		step + window - overlap - 8, step + window, 3*window - 20} {
		for _, line := range []int{80, 1 << 30} {
			text := bytes.Repeat([]byte{'.'}, 3*window)
			for i := line; i < len(text); i += line {
				text[i] = '\n'
			}
			copy(text[at:], secret)
			wantLine := bytes.Count(text[:at], []byte("\n")) + 1
			wantCol := at - bytes.LastIndexByte(text[:at], '\n')
			got := scanAll(t, s, bytes.NewReader(text))
			want := []place{{"seq-fixed", int64(at), wantLine, wantCol, secret, ""}}
			if !slices.Equal(got, want) {
				t.Errorf("at %d, lines of %d: got %v, want %v", at, line, got, want)
			}
		}
	}
}

func TestEnds(t *testing.T) {
	secret := "abc_" + strings.Repeat("4567", 3)
	s := engine(t, Options{Rules: testRules}).Scanner()
	for _, text := range []string{"{}", "\n{}", "{}\n", "a\r\n{}\r\n", "\xef\xbb\xbf{}", "\x00{}\x00", "é{}é", "\"{}\""} {
		whole := strings.Replace(text, "{}", secret, 1)
		at := strings.Index(text, "{}")
		for _, r := range []io.Reader{strings.NewReader(whole), iotest.OneByteReader(strings.NewReader(whole)), iotest.DataErrReader(strings.NewReader(whole))} {
			got := scanAll(t, s, r)
			if len(got) != 1 || got[0].offset != int64(at) || got[0].secret != secret {
				t.Errorf("%q: %v", text, got)
			}
		}
	}
	if got := scanAll(t, s, strings.NewReader("")); got != nil {
		t.Errorf("in nothing: %v", got)
	}
}

func TestErrors(t *testing.T) {
	s := engine(t, Options{Rules: testRules}).Scanner()
	broken := errors.New("broken")
	for _, text := range []string{"", "x", strings.Repeat("x", 100000), "PK\x03\x04" + strings.Repeat("x", 100), "\xff\xfea\x00"} {
		_, err := s.Scan(t.Context(), io.MultiReader(strings.NewReader(text), iotest.ErrReader(broken)), func(*Match) {})
		if !errors.Is(err, broken) {
			t.Errorf("%.10q: got %v", text, err)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := s.Scan(ctx, strings.NewReader("x"), func(*Match) {}); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}

func TestNewRefuses(t *testing.T) {
	for name, r := range map[string]Rule{
		"no id":         {Keywords: []string{"abc"}, Pattern: "abc"},
		"no pattern":    {ID: "x", Keywords: []string{"abc"}},
		"two":           {ID: "x", Keywords: []string{"abc"}, Pattern: "abc", Value: "abc"},
		"no keywords":   {ID: "x", Pattern: "abc"},
		"short keyword": {ID: "x", Keywords: []string{"ab"}, Pattern: "abc"},
		"upper keyword": {ID: "x", Keywords: []string{"Abc"}, Pattern: "abc"},
		"bad pattern":   {ID: "x", Keywords: []string{"abc"}, Pattern: "abc("},
		"far reach":     {ID: "x", Keywords: []string{"abc"}, Pattern: "abc", Reach: maxReach + 1},
	} {
		if _, err := New(Options{Rules: []Rule{r}}); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
	if _, err := New(Options{}); err == nil {
		t.Error("no rules: no error")
	}
}

// TestShared: scanners of one engine share what they remember, at the same time.
func TestShared(t *testing.T) {
	e := engine(t, Options{Rules: testRules})
	rnd := rand.New(rand.NewPCG(8, 9))
	clean := strings.Join(manyLines(rnd, 3000), "\n") + "\n"
	var all sync.WaitGroup
	for range 4 {
		all.Go(func() {
			s := e.Scanner()
			for i := range 20 {
				n := 0
				if _, err := s.Scan(context.Background(), strings.NewReader(clean[i*100:]+hidden+"\n"+clean), func(*Match) { n++ }); err != nil || n != 1 {
					t.Errorf("found %d, %v", n, err)
				}
			}
		})
	}
	all.Wait()
}
