package decode

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"math/rand/v2"
	"net/url"
	"strconv"
	"strings"
	"testing"
)

// found tells whether a piece of a kind ("" for any) holds want.
func found(text, kind, want string) bool {
	ok := false
	Each([]byte(text), func(p Piece) bool {
		ok = ok || (kind == "" || p.Kind == kind) && bytes.Contains(p.Text, []byte(want))
		return true
	})
	return ok
}

// TestEncoders: what the standard library's encoders make of a secret in a text
// is found, at all alignments.
func TestEncoders(t *testing.T) {
	encoders := []struct {
		name, kind string
		encode     func(string) string
	}{
		{"base64", "base64", func(s string) string { return base64.StdEncoding.EncodeToString([]byte(s)) }},
		{"base64 raw", "base64", func(s string) string { return base64.RawStdEncoding.EncodeToString([]byte(s)) }},
		{"base64 url", "base64", func(s string) string { return base64.URLEncoding.EncodeToString([]byte(s)) }},
		{"base64 url raw", "base64", func(s string) string { return base64.RawURLEncoding.EncodeToString([]byte(s)) }},
		{"base64 twice wide", "base64", func(s string) string { return base64.StdEncoding.EncodeToString(wideOf(s)) }},
		{"hex", "hex", func(s string) string { return hex.EncodeToString([]byte(s)) }},
		{"hex capitals", "hex", func(s string) string { return strings.ToUpper(hex.EncodeToString([]byte(s))) }},
		{"hex 0x", "hex", func(s string) string { return "0x" + hex.EncodeToString([]byte(s)) }},
		{"hex bytes", "hex", func(s string) string { return each(s, "0x%x, ") }},
		{"hex pairs", "hex", func(s string) string { return strings.TrimSuffix(each(s, "%x:"), ":") }},
		{"hex blanks", "hex", func(s string) string { return strings.TrimSuffix(each(s, "%x "), " ") }},
		{"hex escapes", "escape", func(s string) string { return each(s, `\x%x`) }},
		{"query", "percent", func(s string) string { return url.QueryEscape("//" + s) }},
		{"path", "percent", func(s string) string { return url.PathEscape("//" + s) }},
		{"json", "escape", func(s string) string { b, _ := json.Marshal("<" + s + ">"); return string(b) }},
		{"quote", "escape", func(s string) string { return strconv.QuoteToASCII("\"é" + s) }},
	}
	const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789!$%&/()=?+*#-_.:,;<>@'\"\\"
	r := rand.New(rand.NewPCG(1, 2))
	random := func(n int) string {
		b := make([]byte, n)
		for i := range b {
			b[i] = alphabet[r.IntN(len(alphabet))]
		}
		return string(b)
	}
	around := [][2]string{{"", ""}, {"key=", "\n"}, {"key: \"", "\","}, {"a text, then (", ") and more"}, {"Basic ", "\r\n"}, {"x,", ","}}
	for _, e := range encoders {
		t.Run(e.name, func(t *testing.T) {
			for n := range 400 {
				secret := random(16 + r.IntN(60))
				whole := random(n%7) + secret + random(n%5)
				a := around[n%len(around)]
				text := a[0] + e.encode(whole) + a[1]
				if !found(text, e.kind, secret) {
					t.Fatalf("%q not found in %q", secret, text)
				}
			}
		})
	}
}

func wideOf(s string) []byte {
	var out []byte
	for _, c := range []byte(s) {
		out = append(out, c, 0)
	}
	return out
}

// each writes every byte with a format in which %x stands for its two digits.
func each(s, format string) string {
	var b strings.Builder
	for _, c := range []byte(s) {
		b.WriteString(strings.Replace(format, "%x", hex.EncodeToString([]byte{c}), 1))
	}
	return b.String()
}
