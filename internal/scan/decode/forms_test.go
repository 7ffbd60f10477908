package decode

import (
	"bytes"
	"compress/gzip"
	"encoding/base64"
	"encoding/hex"
	"strings"
	"testing"
)

// TestForms: the ways in which encoded text is written down.
func TestForms(t *testing.T) {
	const want = "password=hunter2;and more of it, so that it takes lines"
	b64 := base64.StdEncoding.EncodeToString([]byte(strings.Repeat("noise ", 20) + want + strings.Repeat(" noise", 20)))
	short := base64.RawStdEncoding.EncodeToString([]byte(want))
	slashed := base64.StdEncoding.EncodeToString([]byte("???>>>???>>>"))
	hexed := hex.EncodeToString([]byte(want))
	tests := []struct{ name, text, kind, want string }{
		{"PEM lines", "-----BEGIN X-----\n" + wrap(b64, 64, "\n") + "\n-----END X-----\n", "base64", want},
		{"mail lines", wrap(b64, 76, "\r\n") + "\r\n", "base64", want},
		{"YAML block", "key: |\n    " + wrap(b64, 60, "\n    ") + "\nother: value\n", "base64", want},
		{"odd line length", wrap(b64, 57, "\n"), "base64", want},
		{"JSON string", `{"k": "` + wrap(b64, 64, `\n`) + `\n"}`, "base64", want},
		{"JSON string, CRLF", `{"k": "` + wrap(b64, 64, `\r\n`) + `"}`, "base64", want},
		{"concatenated", `k = "` + wrap(b64, 40, "\" +\n\t\"") + `";`, "base64", want},
		{"adjacent literals", `("` + wrap(b64, 40, "\"\n   \"") + `")`, "base64", want},
		{"with line breaks in them", `k = "` + wrap(b64, 64, "\\n\" +\n\t\"") + `";`, "base64", want},
		{"array of lines", `["` + wrap(b64, 64, "\",\n\t\"") + `"]`, "base64", want},
		{"comment", "# " + wrap(b64, 64, "\n# ") + "\n", "base64", want},
		{"comment of slashes", "// " + wrap(b64, 64, "\n// ") + "\n", "base64", want},
		{"lines that begin with / and +", wrap(strings.Repeat(slashed, 20), 19, "\n"), "base64", strings.Repeat("???>>>", 10)},
		{"shell continuation", "X=" + wrap(b64, 64, "\\\n") + "\n", "base64", want},
		{"a patch's lines", "+" + short + "\n", "base64", want},
		{"behind a path", "/v1/basic/" + short, "base64", want},
		{"behind an escape", `"\n` + short + `"`, "base64", want},
		{"list of values", "- " + base64.StdEncoding.EncodeToString([]byte("first=secret1")) + "\n- x\n", "base64", "first=secret1"},
		{"JWT", "ey.e.y " + base64.RawURLEncoding.EncodeToString([]byte(`{"iss":"someone","pw":"~?>"}`)) + ".sig", "base64", `"pw":"~?>"`},
		{"SASL", base64.StdEncoding.EncodeToString([]byte("\x00user\x00password")), "base64", "user"},
		{"gzip", base64.StdEncoding.EncodeToString(gzipped(want)), "base64", string(gzipped(want))},
		{"gzip, lines", wrap(base64.StdEncoding.EncodeToString(gzipped(want)), 64, "\n"), "base64", string(gzipped(want))},
		{"hex lines", wrap(hexed, 60, "\n") + "\n", "hex", want},
		{"hex of PostgreSQL", `'\x` + hexed + `'`, "hex", want},
		{"wide hex", hex.EncodeToString(wideOf(want)), "hex", want},
		{"percent, twice", "a=x%2525y%2520z", "percent", "a=x%25y%20z"},
		{"percent, not printf", `"%02x%20s%d%x" p%40ss`, "percent", "p@ss"},
		{"slash in JSON", `{"url": "https:\/\/user:pa\u0024s@host"}`, "escape", `"https://user:pa$s@host"`},
		{"JSON in JSON", `"{\"password\": \"hunter2\"}"`, "escape", `"{"password": "hunter2"}"`},
		{"PEM with line breaks", `"-----BEGIN X-----\nAAAA\nBBBB\n-----END X-----\n"`, "escape", "-----BEGIN X-----\nAAAA\nBBBB\n-----END X-----\n"},
		{"lines in a string", `"A=1\nDB_PASSWORD=x\n"`, "escape", "A=1\nDB_PASSWORD=x\n"},
		{"octal", `"p\141ss"`, "escape", "pass"},
		{"braces", `"p\u{61}ss"`, "escape", "pass"},
		{"pair of surrogates", `"\ud83d\ude00"`, "escape", "😀"},
		{"properties", `url=jdbc\:x\://user\:pass@host`, "escape", "jdbc:x://user:pass@host"},
		{"Markdown", `sk\_live\_x`, "escape", "sk_live_x"},
		{"XML", `<a href="x?a=b&amp;key=&#x61;&#98;c"/>`, "escape", "x?a=b&key=abc"},
		{"continued string", "\"abc\\\ndef\"", "escape", "abcdef"},
		{"quoted-printable", "password=3Dhunter2\n", "escape", "password=hunter2"},
		{"soft line break", strings.Repeat("x ", 30) + "hun=\nter2\n", "escape", "hunter2"},
		{"soft line break, CRLF", strings.Repeat("x ", 30) + "hun=\r\nter2\r\n", "escape", "hunter2"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if !found(tt.text, tt.kind, tt.want) {
				t.Errorf("not found in %q", tt.text)
				Each([]byte(tt.text), func(p Piece) bool { t.Logf("%s %d-%d %q", p.Kind, p.Start, p.End, p.Text); return true })
			}
		})
	}
}

func gzipped(s string) []byte {
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	_, _ = w.Write([]byte(s))
	_ = w.Close()
	return b.Bytes()
}

// TestNothing: what only looks encoded is not worth a piece.
func TestNothing(t *testing.T) {
	for _, text := range []string{
		"internal/scan/decode/decode_test.go", "NewReaderWithVeryLongCamelCaseName", "some_very_long_identifier_in_snake_case",
		strings.Repeat("-", 80), strings.Repeat("/", 80), "// ================================",
		"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855", "00000000000000000000000000000000",
		"sha512-z4PhNX7vuL3xVChQ1m2AB9Yg5AULVxXcg/SpIdNs6c5H0NE8XYXysP+DGNKHfuwvY7kxvUdBeoGlODJ6+SfaPg==",
		"31:e8:9f:0a:c4:d6:ef:92:31:e8:9f:0a:c4:d6:ef:92", `printf("%8d %02x %s\n", a)`, `"a line\n"`, "a && b & c", "x == y\n", `^\d+\.\w+$`,
	} {
		Each([]byte(text), func(p Piece) bool {
			t.Errorf("%q: %s %q", text, p.Kind, p.Text)
			return true
		})
	}
}
