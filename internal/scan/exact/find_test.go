package exact

import (
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"html"
	"math/rand/v2"
	"net/url"
	"slices"
	"strings"
	"testing"
)

const (
	letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
	signs   = letters + "!#$%&'()*+,-./:;<=>?@[]^_`{|}~\"\\ "
	text64  = letters + "+/"
)

func random(r *rand.Rand, alphabet string, n int) string {
	b := make([]byte, n)
	for i := range b {
		b[i] = alphabet[r.IntN(len(alphabet))]
	}
	return string(b)
}

func value(source, secret string) Value { return Value{source, []byte(secret)} }

type finding struct {
	text, source, how string
	start             int
}

func find(m *Matcher, text string) (out []finding) {
	m.Find([]byte(text), func(start, end int, _ []byte, source, how string) {
		out = append(out, finding{text[start:end], source, how, start})
	})
	return out
}

// writing is a way to write a value. want is what of its output is the finding,
// "" for all of it.
type writing struct {
	name, how string
	write     func(string) string
}

func jsonText(s string, escapeHTML bool) string {
	var b strings.Builder
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(escapeHTML)
	if err := e.Encode(s); err != nil {
		panic(err)
	}
	t := strings.TrimSpace(b.String())
	return t[1 : len(t)-1]
}

func every(format string) func(string) string {
	return func(s string) string {
		var b strings.Builder
		for i := range len(s) {
			fmt.Fprintf(&b, format, s[i])
		}
		return b.String()
	}
}

func replaced(pairs ...string) func(string) string { return strings.NewReplacer(pairs...).Replace }

func hexOf(s string) string { return hex.EncodeToString([]byte(s)) }

var writings = []writing{
	{"plain", "", func(s string) string { return s }},
	{"hex", "hex", hexOf},
	{"upper hex", "hex", func(s string) string { return strings.ToUpper(hexOf(s)) }},
	{"percent, query", "percent", url.QueryEscape},
	{"percent, path", "percent", url.PathEscape},
	{"percent, lower case", "percent", replaced("&", "%26", "+", "%2b", "/", "%2f", "%", "%25", "=", "%3d", " ", "%20", `"`, "%22")},
	{"percent, every byte", "percent", every("%%%02X")},
	{"json", "json-escaped", func(s string) string { return jsonText(s, false) }},
	{"json, html-safe", "json-escaped", func(s string) string { return jsonText(s, true) }},
	{"json of php", "json-escaped", func(s string) string { return strings.ReplaceAll(jsonText(s, false), "/", `\/`) }},
	{"json, every byte", "json-escaped", every(`\u%04x`)},
	{"c, every byte", "shell-escaped", every(`\x%02x`)},
	{"shell, double quotes", "shell-escaped", replaced(`\`, `\\`, `"`, `\"`, "$", `\$`, "`", "\\`")},
	{"shell, single quotes", "shell-escaped", replaced("'", `'"'"'`)},
	{"shell, backslash quotes", "shell-escaped", replaced("'", `'\''`)},
	{"doubled quotes", "quotes doubled", replaced("'", `''`)},
	{"xml", "xml-escaped", replaced("&", "&amp;", "<", "&lt;", ">", "&gt;", `"`, "&quot;", "'", "&apos;")},
	{"html", "xml-escaped", html.EscapeString},
	{"xml, every byte", "xml-escaped", every("&#x%X;")},
	{"xml, every byte in decimal", "xml-escaped", every("&#%d;")},
}

// TestWritings: a random value in random surroundings is found in each writing,
// where it is, and nothing else is.
func TestWritings(t *testing.T) {
	r := rand.New(rand.NewPCG(4, 1))
	for _, w := range writings {
		for i := range 300 {
			secret := "q" + random(r, signs, 7+r.IntN(40)) + "Z"
			m := New([]Value{value("a", secret), value("b", random(r, signs, 20))})
			before, after := random(r, letters, r.IntN(40))+"=(", ")"+random(r, letters, r.IntN(40))
			written := w.write(secret)
			got := find(m, before+written+after)
			if len(got) != 1 || got[0].text != written || got[0].start != len(before) || got[0].source != "a" {
				t.Fatalf("%s, %d: %q as %q: found %+v", w.name, i, secret, written, got)
			}
			if how := got[0].how; how != w.how && written != secret && (w.how != "shell-escaped" || how != "json-escaped") {
				t.Errorf("%s: %q found as %q", w.name, written, how)
			}
		}
	}
}

// TestAlignments: in base64 a value is found wherever it begins.
func TestAlignments(t *testing.T) {
	r := rand.New(rand.NewPCG(4, 2))
	for name, enc := range map[string]*base64.Encoding{
		"standard": base64.StdEncoding, "raw": base64.RawStdEncoding, "url": base64.URLEncoding, "raw url": base64.RawURLEncoding,
	} {
		for i := range 600 {
			secret := random(r, signs, 8+i%25)
			m := New([]Value{value("a", secret)})
			head := random(r, signs, r.IntN(30))
			whole := enc.EncodeToString([]byte(head + secret + random(r, signs, r.IntN(30))))
			got := find(m, "x: "+whole+"\n")
			first, last := 3+8*len(head)/6, 3+(8*(len(head)+len(secret))+5)/6
			if len(got) != 1 || got[0].how != "base64" || got[0].start != first || got[0].start+len(got[0].text) != last {
				t.Fatalf("%s: %q behind %d bytes: want %d to %d, found %+v", name, secret, len(head), first, last, got)
			}
		}
	}
}

// TestEdges: what differs in the last bit that is the value's own is not it.
func TestEdges(t *testing.T) {
	m := New([]Value{value("a", "password1")})
	for _, other := range []string{"password0", "password3", "passwordq"} {
		for _, head := range []string{"", "x", "xy"} {
			text := base64.StdEncoding.EncodeToString([]byte(head + other + "!"))
			if got := find(m, text); got != nil {
				t.Errorf("%q as %q: found %+v", head+other, text, got)
			}
		}
	}
}

// TestWraps: one line break, in any style, at any place of a value hides it from nobody.
func TestWraps(t *testing.T) {
	breaks := []string{"\n", "\r\n", "\n    ", "\r\n\t", "\\\n", "\\\n  ", "\" +\n    \"", "\"\n  \"", "' \\\n'", "\" .\r\n\"", "\"\n  + \"", `\n`, `\r\n`, "\",\n  \"", "&#10;"}
	r := rand.New(rand.NewPCG(4, 3))
	for _, b := range breaks {
		secret := random(r, letters, 12)
		m := New([]Value{value("a", secret)})
		for _, written := range []string{secret, hexOf(secret), base64.StdEncoding.EncodeToString([]byte(secret)), base64.StdEncoding.EncodeToString([]byte("x" + secret + "yz"))} {
			for i := 1; i < len(written); i++ {
				text := "k: \"" + written[:i] + b + written[i:] + "\" # end"
				if got := find(m, text); len(got) != 1 {
					t.Errorf("%q: found %+v", text, got)
				}
			}
		}
	}
}

func wrap(s string, columns int, eol string) string {
	var b strings.Builder
	for len(s) > columns {
		b.WriteString(s[:columns] + eol)
		s = s[columns:]
	}
	return b.String() + s + eol
}

// TestColumns: in a text encoded and wrapped as a whole, a value of any length at
// any place is found.
func TestColumns(t *testing.T) {
	r := rand.New(rand.NewPCG(4, 4))
	for _, columns := range []int{64, 76} {
		for _, eol := range []string{"\n", "\r\n", "\n      ", `\n`} {
			for at := range 130 {
				secret := random(r, signs, 8+at%150)
				m := New([]Value{value("a", secret)})
				whole := random(r, letters, at) + secret + random(r, letters, 90)
				for name, text := range map[string]string{
					"base64": wrap(base64.StdEncoding.EncodeToString([]byte(whole)), columns, eol),
					"hex":    wrap(hexOf(whole), columns, eol),
				} {
					if got := find(m, text); len(got) != 1 || got[0].how != name {
						t.Fatalf("%s, %d columns, %q, at %d: %q in %q: found %+v", name, columns, eol, at, secret, text, got)
					}
				}
			}
		}
	}
}

// TestPrefix: of values within each other the longest is reported, for each source once.
func TestPrefix(t *testing.T) {
	long := "s3cr3t-Pa55" + "-and-more"
	m := New([]Value{value("short", long[:11]), value("long", long), value("also", long), value("long", long), value("inner", long[3:15])})
	if m.Len() != 3 {
		t.Errorf("%d values", m.Len())
	}
	got := find(m, "x="+long+"\ny="+long[:11]+"\n")
	want := []finding{{long, "long", "", 2}, {long, "also", "", 2}, {long[:11], "short", "", 5 + len(long)}}
	if !slices.Equal(got, want) {
		t.Errorf("found %+v", got)
	}
}

func TestBoundaries(t *testing.T) {
	m := New([]Value{value("short", "hunter2hunter2"), value("long", "hunter3hunter3hunter3"), value("signs", "hunter4-hunter4")})
	for text, want := range map[string]int{
		"hunter2hunter2":              1,
		"xhunter2hunter2":             0,
		"hunter2hunter2x":             0,
		"_hunter2hunter2_":            1,
		`"a\nhunter2hunter2\n"`:       1,
		"a=%3Dhunter2hunter2&b":       1,
		"a=%41hunter2hunter2&b":       0,
		"xhunter3hunter3hunter3x":     1,
		"xhunter4-hunter4x":           1,
		"hunter2 hunter2":             0,
		"hunter3hunter3 hunter3":      0,
		"hunter3hunter3\n\n\nhunter3": 0,
	} {
		if got := find(m, text); len(got) != want {
			t.Errorf("%q: found %+v", text, got)
		}
	}
}

// TestNothing: random text has none of a thousand values.
func TestNothing(t *testing.T) {
	r := rand.New(rand.NewPCG(4, 5))
	var values []Value
	for range 1000 {
		values = append(values, value("a", random(r, letters, 8+r.IntN(30))))
	}
	m := New(values)
	for _, alphabet := range []string{letters, text64 + "\n", signs + "\n", "0123456789abcdef\n", "ab\n\\%&"} {
		if got := find(m, random(r, alphabet, 1<<18)); got != nil {
			t.Errorf("found %+v", got)
		}
	}
}

// FuzzFind: whatever the text, findings lie in it, in order, and it does not panic.
func FuzzFind(f *testing.F) {
	r := rand.New(rand.NewPCG(4, 7))
	secret := "a'\"b\\c&<%+é\n" + random(r, letters, 12)
	m := New([]Value{value("a", secret), value("b", secret[:12]), value("c", "é'é\"é\\é&é"), value("d", "abcdefgh")})
	for _, w := range writings {
		f.Add([]byte("x" + w.write(secret) + "y\n" + w.write("é'é\"é\\é&é")))
	}
	f.Add([]byte("\"abc\" +\n\"defgh\"\\\n\\u\\ud800\\udc00\\x&#;&#x;&#99999999;%%4"))
	f.Fuzz(func(t *testing.T, text []byte) {
		last := 0
		m.Find(text, func(start, end int, _ []byte, source, _ string) {
			if start < last || end <= start || end > len(text) || source == "" {
				t.Errorf("%q: %d to %d behind %d", text, start, end, last)
			}
			last = start
		})
	})
}

func TestEmpty(t *testing.T) {
	var none *Matcher
	for _, m := range []*Matcher{none, New(nil), New([]Value{value("a", "short")})} {
		if m.Len() != 0 || find(m, "some text that is long enough") != nil {
			t.Errorf("%v", m)
		}
	}
}

// TestMultiline: a value of many lines is found with other line ends and indented.
func TestMultiline(t *testing.T) {
	m := New([]Value{value("a", "first-Line1\nsecond-Line2\nthird-Line3")})
	for _, text := range []string{
		"first-Line1\nsecond-Line2\nthird-Line3",
		"first-Line1\r\nsecond-Line2\r\nthird-Line3\r\n",
		"  first-Line1\n  second-Line2\n  third-Line3\n",
		`{"x": "first-Line1\nsecond-Line2\nthird-Line3"}`,
		`{"x": "first-Line1\r\nsecond-Line2\r\nthird-Line3"}`,
	} {
		if got := find(m, text); len(got) != 1 {
			t.Errorf("%q: found %+v", text, got)
		}
	}
}

// TestWork: whatever the text, the work is in proportion to it.
func TestWork(t *testing.T) {
	r := rand.New(rand.NewPCG(4, 6))
	token := random(r, letters, 60)
	period := strings.Repeat(random(r, letters, 11), 350)
	var family []Value
	for i := range 5000 {
		family = append(family, value("a", fmt.Sprintf("%s%04d", token[:20], i)))
	}
	texts := map[string]string{
		"anchors":   strings.Repeat(token[20:45], 10000),
		"values":    strings.Repeat(token+" ", 5000),
		"periodic":  strings.Repeat(period[:11], 24000),
		"newlines":  strings.Repeat("\n", 1<<18),
		"indented":  strings.Repeat("\n"+strings.Repeat(" ", 300), 800),
		"escapes":   strings.Repeat(`\u0041`, 1<<15),
		"percent":   strings.Repeat(`%41`, 1<<16),
		"entities":  strings.Repeat(`&#x41;`, 1<<15),
		"operators": strings.Repeat("\"+++ \n+\"", 1<<15),
		"family":    strings.Repeat(token[:20]+"0", 10000),
	}
	for name, m := range map[string]*Matcher{
		"one": New([]Value{value("a", token)}), "periodic": New([]Value{value("a", period+"!"), value("b", "!"+period)}), "family": New(family),
	} {
		for text, s := range texts {
			if f := m.search([]byte(s)); f.steps > 64*len(s) {
				t.Errorf("%s in %s: %d units compared in %d bytes", name, text, f.steps, len(s))
			}
		}
	}
}
