package rules

import (
	"bytes"
	"crypto/sha512"

	"github.com/git-envelope/git-envelope/internal/scan"
)

// textKeys are private keys in formats of text other than PEM.
var textKeys = []scan.Rule{
	{
		ID: "putty-private-key", Title: "PuTTY private key", Severity: scan.Critical, Source: ppk, Keywords: []string{"putty-user-key-file-"},
		Whole: true, Raw: true, Inside: true, Match: []string{"{}\n"}, Miss: []string{"PuTTY-User-Key-File-2: ssh-rsa\nEncryption: none\n"},
		Detect: func(text []byte, at int) []scan.Span { return detectPuTTY(text, at, false) },
	},
	{
		ID: "putty-encrypted-private-key", Title: "PuTTY private key, encrypted", Severity: scan.Medium, Source: ppk, Keywords: []string{"putty-user-key-file-"},
		Whole: true, Raw: true, Inside: true, Match: []string{"{}\n"}, Miss: []string{"PuTTY-User-Key-File-2: ssh-rsa\nEncryption: aes256-cbc\n"},
		Detect: func(text []byte, at int) []scan.Span { return detectPuTTY(text, at, true) },
	},
	{
		ID: "jwk-private-key", Title: "private JSON web key", Severity: scan.Critical, Source: "https://www.rfc-editor.org/rfc/rfc7517", Keywords: []string{"\"kty\"", "\\\"kty\\\""},
		Whole: true, Raw: true, Inside: true, Detect: detectJWK,
		Match: []string{"{\"kty\": \"EC\", \"crv\": \"P-256\", \"x\": \"a\", \"d\": \"{}\"}\n", "{\n  \"k\": \"{}\",\n  \"kty\": \"oct\"\n}\n"},
		Miss:  []string{"{\"kty\": \"EC\", \"crv\": \"P-256\", \"x\": \"{}\"}\n", "{\"kty\": \"EC\"}, {\"d\": \"{}\"}\n", "{\"kty\": \"EC\", \"d\": \"...\"}\n"},
	},
	{
		ID: "signify-secret-key", Title: "secret key of signify or minisign", Severity: scan.Critical, Source: "https://jedisct1.github.io/minisign/#secret-key-format",
		Keywords: []string{"rwrcs", "rwrty0iy", "rwqaaeiy"}, Detect: detectSignify, Match: []string{"untrusted comment: secret key\n{}\n"}, Miss: []string{"RWRCSw short\n", "RWRTY0Iyabc\n"},
	},
}

const ppk = "https://the.earth.li/~sgtatham/putty/latest/htmldoc/AppendixC.html"

// detectPuTTY reads a key up to its MAC.
func detectPuTTY(text []byte, at int, encrypted bool) []scan.Span {
	end := min(len(text), at+16<<10)
	if i := bytes.Index(text[at+1:end], []byte("PuTTY-User-Key-File-")); i >= 0 {
		end = at + 1 + i
	}
	part := text[at:end]
	cipher := field(part, "Encryption: ")
	mac := field(part, "Private-MAC: ")
	if len(cipher) == 0 || len(mac) < 40 || !all(mac, isHex) || field(part, "Private-Lines: ") == nil || (string(cipher) != "none") != encrypted {
		return nil
	}
	stop := bytes.Index(part, []byte("Private-MAC: ")) + len("Private-MAC: ") + len(mac)
	return []scan.Span{{Start: at, End: at + stop, Validity: scan.Plausible, Note: "encryption: " + string(cipher[:min(len(cipher), 16)])}}
}

// field returns what follows a name on its line.
func field(text []byte, name string) []byte {
	i := bytes.Index(text, []byte(name))
	if i < 0 {
		return nil
	}
	v, _, _ := bytes.Cut(text[i+len(name):], []byte("\n"))
	return bytes.TrimRight(v[:min(len(v), 256)], "\r")
}

// detectJWK reads the private member of the object that a key type is in.
func detectJWK(text []byte, at int) []scan.Span {
	start, end := max(0, at-maxObject), min(len(text), at+maxObject)
	if i := bytes.LastIndexAny(text[start:at], "{}"); i >= 0 {
		start += i
	}
	if i := bytes.IndexAny(text[at:end], "{}"); i >= 0 {
		end = at + i
	}
	for _, name := range []string{"\"d\"", "\"k\"", "\\\"d\\\"", "\\\"k\\\""} {
		i := bytes.Index(text[start:end], []byte(name))
		if i < 0 {
			continue
		}
		v, ok := assigned(text[:end], start+i+bytes.IndexByte([]byte(name), '"')+2)
		if !ok || v.end-v.start < 22 {
			continue
		}
		if b, ok := decoded(v.of(text)); ok && len(b) >= 16 && bits(b) >= 3 {
			return []scan.Span{{Start: v.start, End: v.end, Validity: scan.Plausible}}
		}
	}
	return nil
}

// detectSignify reads a key in base64: of signify 104 bytes, whose checksum is
// that of the key where it is not encrypted, of minisign 158.
func detectSignify(text []byte, at int) []scan.Span {
	end := at
	for end < len(text) && end-at < 256 && (isBase64(text[end]) || text[end] == '=') {
		end++
	}
	b, ok := decoded(text[at:end])
	if !ok || !bytes.HasPrefix(b, []byte("Ed")) || len(b) != 104 && len(b) != 158 {
		return nil
	}
	s := scan.Span{Start: at, End: end, Validity: scan.Plausible, Note: "encrypted"}
	if len(b) == 104 && bytes.Equal(b[4:8], []byte{0, 0, 0, 0}) {
		sum := sha512.Sum512(b[40:])
		if s.Note = "not encrypted"; bytes.Equal(sum[:8], b[24:32]) {
			s.Validity = scan.Verified
		}
	}
	return []scan.Span{s}
}
