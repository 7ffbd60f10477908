package decode

import (
	"bytes"
	"encoding/base64"
	"strings"
	"testing"
)

// FuzzEach: pieces lie in the text and in order, and are bounded one by one and
// all together.
func FuzzEach(f *testing.F) {
	b64 := base64.StdEncoding.EncodeToString([]byte(strings.Repeat("user:password ", 30)))
	for _, s := range []string{
		"", "%", "%4", "%41", "\\", "\\u", "\\ud83d\\ude00", "\\u{41", "\\x4", "&", "&#x", "&#x41;", "&amp;", "=3D", "=\n", "a=\r\n",
		"0x41, 0x42, 0x43, 0x44, 0x45, 0x46, 0x47, 0x48", "41:42:43:44:45:46:47:48:49:4a", "41 42 43 44 45 46 47 48 49 4a 41",
		b64, wrap(b64, 64, "\n"), wrap(b64, 20, "\\n"), wrap(b64, 16, "\" +\n  \""), wrap(b64, 76, "=\n"),
		"H4sIAAAAAAAAA0vLz1dISSwCAA==", strings.Repeat("A", 200), strings.Repeat("41:", 40), strings.Repeat("a-", 200), strings.Repeat("\\n", 99),
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		last := map[string]int{}
		total := 0
		Each(text, func(p Piece) bool {
			if p.Start < 0 || p.Start >= p.End || p.End > len(text) {
				t.Fatalf("%s at %d to %d of %d", p.Kind, p.Start, p.End, len(text))
			}
			if len(p.Text) > p.End-p.Start {
				t.Fatalf("%s: %d bytes of %d", p.Kind, len(p.Text), p.End-p.Start)
			}
			if p.Kind == "base64" || p.Kind == "percent" {
				if p.Start < last[p.Kind] {
					t.Fatalf("%s at %d, behind %d", p.Kind, p.Start, last[p.Kind])
				}
				last[p.Kind] = p.Start
			}
			total += len(p.Text)
			return true
		})
		if total > 5*len(text) {
			t.Fatalf("%d bytes of %d", total, len(text))
		}
		Each(text, func(Piece) bool { return false })
	})
}

// wrap puts sep after each n characters.
func wrap(s string, n int, sep string) string {
	var b strings.Builder
	for i := 0; i < len(s); i += n {
		if i > 0 {
			b.WriteString(sep)
		}
		b.WriteString(s[i:min(len(s), i+n)])
	}
	return b.String()
}

// TestStop: when f wants no more, it is not called again.
func TestStop(t *testing.T) {
	text := []byte(base64.StdEncoding.EncodeToString([]byte("user:password and more")) + " a%20b%20c \\u0041bc =3D\n")
	n := 0
	Each(text, func(Piece) bool { n++; return true })
	for stop := 1; stop <= n; stop++ {
		calls := 0
		Each(text, func(Piece) bool { calls++; return calls < stop })
		if calls != stop {
			t.Errorf("%d calls, want %d", calls, stop)
		}
	}
	if n < 4 {
		t.Errorf("only %d pieces", n)
	}
}

// TestReuse: a decoder that was used gives what a new one gives.
func TestReuse(t *testing.T) {
	texts := []string{wrap(base64.StdEncoding.EncodeToString(bytes.Repeat([]byte("secret words "), 40)), 64, "\n"), "a%20b", "x\\u0041"}
	var d Decoder
	for range 2 {
		for _, text := range texts {
			var used, fresh []string
			d.Each([]byte(text), func(p Piece) bool { used = append(used, p.Kind+string(p.Text)); return true })
			Each([]byte(text), func(p Piece) bool { fresh = append(fresh, p.Kind+string(p.Text)); return true })
			if strings.Join(used, "|") != strings.Join(fresh, "|") || len(used) == 0 {
				t.Errorf("%q and %q", used, fresh)
			}
		}
	}
}
