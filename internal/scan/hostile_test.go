package scan

import (
	"bytes"
	"encoding/base64"
	"io"
	"runtime"
	"strings"
	"testing"
)

// TestHostile: work is linear in the bytes, whatever they are. Steps are counted,
// not time: hits, bytes given to regular expressions, words looked at.
func TestHostile(t *testing.T) {
	if testing.Short() {
		t.Skip("long, above all under the race detector, and with nothing to race")
	}
	rules := append(append([]Rule(nil), testRules...),
		Rule{ID: "value", Severity: High, Keywords: []string{"widget"}, Value: `[0-9a-f]{32}`},
		Rule{ID: "value-either", Severity: High, Keywords: []string{"gadget"}, Value: `[0-9a-f]{32}|[g-z]{16}`})
	deep := []byte("key: " + hidden)
	for range 12 {
		deep = []byte(base64.StdEncoding.EncodeToString(deep))
	}
	for name, piece := range map[string]string{
		"one keyword":        "widget",
		"another keyword":    "foo.",
		"keyword, line":      "barz\n",
		"values":             "widget=",
		"values of either":   "gadget_token: 0123456789abcdef0123456789abcdef ",
		"near names":         "gadget token ",
		"secrets":            "abc_0123456789ab ",
		"secrets, one word":  "abc_0123456789ab",
		"lines":              "\n",
		"nul":                "\x00",
		"utf-16":             "w\x00i\x00d\x00g\x00e\x00t\x00",
		"base64":             "d2lkZ2V0PXdpZGdldD13aWRnZXQ9",
		"deep base64":        string(deep) + "\n",
		"percent":            "%77%69%64",
		"escapes":            `A\n`,
		"begin of archives":  "PK\x03\x04",
		"gzip":               "\x1f\x8b\x08\x00",
		"comments":           "abc_0123456789ab envelope:allow ",
		"many secret kinds":  "abc_0123456789ab ghp_0123456789 sk-abc12345 ",
		"all in one, broken": "abc_ghp_sk-:aapul-widgetfoo.barz",
	} {
		t.Run(name, func(t *testing.T) {
			for _, noMemory := range []bool{false, true} {
				s := engine(t, Options{Rules: rules, NoMemory: noMemory}).Scanner()
				text := []byte(strings.Repeat(piece, 1<<20/len(piece)))
				if _, err := s.Scan(t.Context(), bytes.NewReader(text), func(*Match) {}); err != nil {
					t.Fatal(err)
				}
				if limit := 12 * len(text); s.work > limit {
					t.Errorf("%d steps for %d bytes", s.work, len(text))
				}
			}
		})
	}
}

// endless gives n bytes of one line without having them.
type endless struct{ n int }

func (r *endless) Read(p []byte) (int, error) {
	if r.n == 0 {
		return 0, io.EOF
	}
	n := min(len(p), r.n)
	for i := range p[:n] {
		p[i] = "abcdefg, "[(r.n-i)%9]
	}
	r.n -= n
	return n, nil
}

// TestLongLine: a line of 64 MiB, with a secret at its end, in bounded memory.
func TestLongLine(t *testing.T) {
	const size = 64 << 20
	e := engine(t, Options{Rules: testRules})
	s := e.Scanner()
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	got := scanAll(t, s, io.MultiReader(&endless{size}, strings.NewReader(" "+hidden+" \n")))
	runtime.ReadMemStats(&after)
	if len(got) != 1 || got[0].offset != size+1 || got[0].line != 1 || got[0].col != size+2 {
		t.Errorf("got %v", got)
	}
	if grown := after.TotalAlloc - before.TotalAlloc; grown > 12<<20 {
		t.Errorf("%d bytes allocated", grown)
	}
}
