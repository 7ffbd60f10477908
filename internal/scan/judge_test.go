package scan

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"testing"
)

func matches(t *testing.T, s *Scanner, text string) (out []Match) {
	t.Helper()
	_, err := s.Scan(t.Context(), strings.NewReader(text), func(m *Match) {
		c := *m
		c.Secret = bytes.Clone(m.Secret)
		out = append(out, c)
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func TestAllowed(t *testing.T) {
	s := engine(t, Options{Rules: append(slices.Clone(testRules), Rule{
		ID: "block", Severity: High, Whole: true, Keywords: []string{"begin block"},
		Detect: func(text []byte, at int) []Span {
			if i := bytes.Index(text[at:], []byte("END")); i > 0 {
				return []Span{{Start: at, End: at + i + 3}}
			}
			return nil
		},
	})}).Scanner()
	for text, want := range map[string]string{
		"x = {} # envelope:allow a test key\n":                 "envelope: a test key",
		"x = {} // envelope:allow: made up for docs\r\n":       "envelope: made up for docs",
		"/* envelope:allow not real */ x = {}\n":               "envelope: not real",
		"x = {} <!-- envelope:allow revoked in May --> y\n":    "envelope: revoked in May",
		"x = {} # envelope:allow\n":                            "note: " + needsReason,
		"x = {} # envelope:allow: --\n":                        "note: " + needsReason,
		"x = {} # envelope:allowed as it is\n":                 "note: " + needsReason,
		"x = {} # gitleaks:allow\n":                            "gitleaks: ",
		"# envelope:allow a test key\nx = {}\n":                "",
		"x = {}\n# envelope:allow a test key\n":                "",
		"# envelope:allow a test key\nbegin block\na\nEND\n":   "envelope: a test key",
		"begin block # envelope:allow a test key\na\nEND\n":    "envelope: a test key",
		"# envelope:allow too far\n\nbegin block\na\nb\nEND\n": "",
	} {
		got := matches(t, s, strings.ReplaceAll(text, "{}", hidden))
		if len(got) != 1 {
			t.Errorf("%q: %d matches", text, len(got))
			continue
		}
		is := ""
		if a := got[0].Allowed; a != nil {
			is = a.Tool + ": " + a.Reason
		} else if got[0].Note != "" {
			is = "note: " + got[0].Note
		}
		if is != want {
			t.Errorf("%q: got %q, want %q", text, is, want)
		}
	}
}

func TestOverlap(t *testing.T) {
	find := func(name string, n int) func([]byte, int) []Span {
		return func(text []byte, at int) []Span { return []Span{{Start: at + len(name), End: at + len(name) + n}} }
	}
	check := func(v Validity) func([]byte) (Validity, string) {
		return func([]byte) (Validity, string) { return v, "" }
	}
	base := Rule{Severity: Medium, Raw: true, Inside: true}
	rule := func(id, keyword string, n int, set func(*Rule)) Rule {
		r := base
		r.ID, r.Keywords, r.Detect = id, []string{keyword}, find(keyword, n)
		if set != nil {
			set(&r)
		}
		return r
	}
	e := engine(t, Options{Rules: []Rule{
		rule("generic", "alpha=", 8, func(r *Rule) { r.Generic = true; r.Severity = Critical }),
		rule("part", "pha=", 4, nil),
		rule("first", "beta=", 6, nil),
		rule("second", "beta=", 6, nil),
		rule("low", "gamma=", 6, func(r *Rule) { r.Severity = Low }),
		rule("high", "gamma=", 6, func(r *Rule) { r.Severity = High }),
		rule("severe", "delta=", 6, func(r *Rule) { r.Severity = Critical }),
		rule("verified", "delta=", 6, func(r *Rule) { r.Severity = Low; r.Check = check(Verified) }),
		rule("bad", "zeta=", 6, func(r *Rule) { r.Check = check(Invalid) }),
		rule("alone", "other=", 6, func(r *Rule) { r.Generic = true }),
		rule("random", "noise=", 16, func(r *Rule) { r.Entropy = 3 }),
		rule("doc", "docs=", 14, func(r *Rule) { r.Raw = false }),
	}})
	for text, want := range map[string]string{
		"alpha=12345678":         "part",
		"beta=abcdef":            "first",
		"gamma=abcdef":           "high",
		"delta=abcdef":           "verified",
		"zeta=abcdef":            "",
		"other=abcdef":           "alone",
		"noise=aaaabbbbccccdddd": "",
		"noise=0123456789abcdef": "random",
		"docs=qEXAMPLEwxyz12":    "",
	} {
		var ids []string
		for _, m := range matches(t, e.Scanner(), text+"\n") {
			ids = append(ids, m.Rule.ID)
		}
		if got := strings.Join(ids, " "); got != want {
			t.Errorf("%s: got %q, want %q", text, got, want)
		}
	}
}

func TestValue(t *testing.T) {
	secret := strings.Repeat("0f3a", 8)
	s := engine(t, Options{Rules: []Rule{{ID: "value", Severity: High, Raw: true, Keywords: []string{"widget"}, Value: `[0-9a-f]{32}`}}}).Scanner()
	for text, want := range map[string]bool{
		"WIDGET_KEY={}\n":       true,
		"\"widget\": \"{}\",\n": true,
		"widget:\n  url: https://x.test\n  api_key: '{}'\n":    true,
		"widget:\n  colour: {}\n":                              false,
		"widget_key = {}0\n":                                   false,
		"gadget_key = {}\n":                                    false,
		"widget:\n\n\n\n\n\n\n  token: {}\n":                   false,
		"widget " + strings.Repeat("x ", 110) + " token: {}\n": false,
	} {
		got := matches(t, s, strings.ReplaceAll(text, "{}", secret))
		if (len(got) == 1 && string(got[0].Secret) == secret) != want || len(got) > 1 {
			t.Errorf("%q: %d matches", text, len(got))
		}
	}
}

type exactly string

func (x exactly) Find(text []byte, found func(start, end int, value []byte, source, how string)) {
	if i := bytes.Index(text, []byte(x)); i >= 0 {
		found(i, i+len(x), []byte(x), "env/prod.yaml: db", "")
	}
}

func TestExact(t *testing.T) {
	value := "correct horse"
	s := engine(t, Options{Rules: testRules, Exact: exactly(value)}).Scanner()
	text := strings.Repeat("nothing here\n", 200)
	if got := matches(t, s, text); got != nil {
		t.Fatalf("got %v", got)
	}
	got := matches(t, s, text+"see correct horse\n"+text)
	if len(got) != 1 || got[0].Rule != SealedValue || got[0].Line != 201 || got[0].Column != 5 || got[0].Note != "env/prod.yaml: db" {
		t.Errorf("got %v", got)
	}
}

// TestWhole: a secret of many lines is found again when any of them changes.
func TestWhole(t *testing.T) {
	s := engine(t, Options{Rules: []Rule{{
		ID: "block", Severity: High, Whole: true, Raw: true, Keywords: []string{"begin block"},
		Detect: func(text []byte, at int) []Span {
			i := bytes.Index(text[at:], []byte("end block"))
			if i < 0 || !bytes.Contains(text[at:at+i], []byte("private")) {
				return nil
			}
			return []Span{{Start: at, End: at + i - 1}}
		},
	}}}).Scanner()
	var lines []string
	for i := range 3000 {
		lines = append(lines, fmt.Sprintf("line %d of many", i))
	}
	lines[100], lines[2900] = "begin block", "end block"
	text := strings.Join(lines, "\n")
	if got := matches(t, s, text); got != nil {
		t.Fatalf("found %d", len(got))
	}
	lines[1500] = "private"
	if got := matches(t, s, strings.Join(lines, "\n")); len(got) != 1 {
		t.Errorf("found %d after a change in the middle", len(got))
	}
}

func TestDigest(t *testing.T) {
	base := testRules[0]
	digest := func(change func(*Rule)) string {
		r := base
		change(&r)
		return engine(t, Options{Rules: []Rule{r}}).Digest()
	}
	seen := map[string]string{digest(func(*Rule) {}): "nothing"}
	for name, change := range map[string]func(*Rule){
		"id":       func(r *Rule) { r.ID = "x" },
		"severity": func(r *Rule) { r.Severity = Low },
		"keywords": func(r *Rule) { r.Keywords = []string{"abc"} },
		"pattern":  func(r *Rule) { r.Pattern += "x" },
		"reach":    func(r *Rule) { r.Reach = 1000 },
		"alone": func(r *Rule) {
			r.Alone, r.Keywords, r.Pattern, r.Detect = true, nil, "", func([]byte, int) []Span { return nil }
		},
		"whole":    func(r *Rule) { r.Whole = true },
		"check":    func(r *Rule) { r.Check = func([]byte) (Validity, string) { return Verified, "" } },
		"entropy":  func(r *Rule) { r.Entropy = 3 },
		"inside":   func(r *Rule) { r.Inside = true },
		"raw":      func(r *Rule) { r.Raw = false },
		"generic":  func(r *Rule) { r.Generic = true },
		"path":     func(r *Rule) { r.Path = "x" },
		"not path": func(r *Rule) { r.NotPath = "x" },
	} {
		d := digest(change)
		if other, ok := seen[d]; ok {
			t.Errorf("%s: the same as %s", name, other)
		}
		seen[d] = name
	}
	if digest(func(r *Rule) { r.Title, r.Source, r.Match = "x", "y", []string{"z"} }) != digest(func(*Rule) {}) {
		t.Error("the digest depends on what decides nothing")
	}
}

// TestAdjacent: a keyword and its value in two chunks that were clean, each by
// itself, are found when they come together.
func TestAdjacent(t *testing.T) {
	s := engine(t, Options{Rules: []Rule{{ID: "value", Severity: High, Raw: true, Keywords: []string{"widget"}, Value: `[0-9a-f]{32}`}}}).Scanner()
	// ending makes a text that is one chunk.
	ending := func(last string) string {
		text := strings.Repeat("a line of nothing\n", chunkMin/18+1)
		for i := 0; ; i++ {
			whole := fmt.Sprintf("%s%s # %d\n", text, last, i)
			if chunkEnd([]byte(whole+text), 0) == len(whole) {
				return whole
			}
		}
	}
	key, none := ending("widget:"), ending("colour:")
	value := "  token: " + strings.Repeat("0f3a", 8) + "\n" + strings.Repeat("and so on\n", 200)
	for i, text := range []string{key, none + value} {
		if got := matches(t, s, text); got != nil {
			t.Fatalf("%d: found %d", i, len(got))
		}
	}
	if got := matches(t, s, key+value); len(got) != 1 {
		t.Errorf("found %d", len(got))
	}
}
