package rules

import (
	"bytes"
	"encoding/base64"
	"strings"

	"github.com/git-envelope/git-envelope/internal/scan"
)

const (
	rfc7468 = "https://www.rfc-editor.org/rfc/rfc7468"
	rfc1421 = "https://www.rfc-editor.org/rfc/rfc1421"
	openssh = "https://github.com/openssh/openssh-portable/blob/master/PROTOCOL.key"
)

// pemKeys are private keys between BEGIN and END lines: each stays one rule, whether
// it is in a file of its own, indented, in a string or on one line.
var pemKeys = []scan.Rule{
	pemRule("pem-rsa-private-key", "RSA private key", scan.Critical, rfc7468, "rsa private key", false),
	pemRule("pem-ec-private-key", "elliptic curve private key", scan.Critical, "https://www.rfc-editor.org/rfc/rfc5915", "ec private key", false),
	pemRule("pem-dsa-private-key", "DSA private key", scan.Critical, rfc7468, "dsa private key", false),
	pemRule("pem-private-key", "private key in PKCS#8", scan.Critical, "https://www.rfc-editor.org/rfc/rfc5208", "private key", false),
	pemRule("pem-pkcs8-encrypted-private-key", "encrypted private key in PKCS#8", scan.Medium, "https://www.rfc-editor.org/rfc/rfc5958", "encrypted private key", true),
	pemRule("pem-rsa-encrypted-private-key", "RSA private key, encrypted", scan.Medium, rfc1421, "rsa private key", true),
	pemRule("pem-ec-encrypted-private-key", "elliptic curve private key, encrypted", scan.Medium, rfc1421, "ec private key", true),
	pemRule("pem-dsa-encrypted-private-key", "DSA private key, encrypted", scan.Medium, rfc1421, "dsa private key", true),
	pemRule("openssh-private-key", "OpenSSH private key", scan.Critical, openssh, "openssh private key", false),
	pemRule("openssh-encrypted-private-key", "OpenSSH private key, encrypted", scan.Medium, openssh, "openssh private key", true),
	pemRule("pgp-private-key", "PGP private key", scan.Critical, rfc9580, "pgp private key block", false),
	pemRule("pgp-encrypted-private-key", "PGP private key, encrypted", scan.Medium, rfc9580, "pgp private key block", true),
	{
		ID: "ssh2-private-key", Title: "SSH2 private key of ssh.com", Severity: scan.High, Source: "https://www.rfc-editor.org/rfc/rfc4716",
		Keywords: []string{"ssh2 encrypted private key"}, Whole: true, Raw: true, Inside: true, Detect: detectSSH2,
		Match: []string{"{}\n"}, Miss: []string{"---- BEGIN SSH2 ENCRYPTED PRIVATE KEY ----\nP2/56wAAA...\n---- END SSH2 ENCRYPTED PRIVATE KEY ----\n"},
	},
	{
		ID: "openvpn-static-key", Title: "OpenVPN static key", Severity: scan.High, Source: "https://openvpn.net/community-resources/static-key-mini-howto/",
		Keywords: []string{"-----begin openvpn static key v1"}, Whole: true, Raw: true, Inside: true, Detect: detectOpenVPN,
		Match: []string{"{}\n", "<tls-auth>\n{}\n</tls-auth>\n"}, Miss: []string{"-----BEGIN OpenVPN Static key V1-----\n...\n-----END OpenVPN Static key V1-----\n"},
	},
}

const begin = "-----begin "

// pemRule makes the rule of a label, lower case, for keys in clear or encrypted.
func pemRule(id, title string, severity scan.Severity, source, label string, encrypted bool) scan.Rule {
	upper := strings.ToUpper(label)
	return scan.Rule{
		ID: id, Title: title, Severity: severity, Source: source,
		Keywords: []string{begin + label}, Whole: true, Raw: true, Inside: true, Generic: true,
		Detect: func(text []byte, at int) []scan.Span {
			b, ok := findPEM(text, at, label)
			if !ok {
				return nil
			}
			k := b.key(label)
			if k.note == "" || k.encrypted != encrypted {
				return nil
			}
			return []scan.Span{{Start: at, End: b.end, Validity: k.validity, Note: k.note}}
		},
		Match: []string{"{}\n", "x: |\n{}\n"},
		Miss: []string{
			"-----BEGIN " + upper + "-----\n...\n-----END " + upper + "-----\n",
			"-----BEGIN " + upper + "-----\nMIIEvQIBADANBgkq...snip\n-----END " + upper + "-----\n",
			"-----BEGIN " + upper + "-----\nMIIEvQIBADANBgkq\n-----END " + upper + "-----\n",
			"-----BEGIN PUBLIC KEY-----\nMIIEvQIBADANBgkq\n-----END PUBLIC KEY-----\n",
			"-----BEGIN " + upper + "-----",
		},
	}
}

// pemBlock is what stands between BEGIN and END.
type pemBlock struct {
	headers []string // lower case
	body    []byte   // decoded
	armour  string   // the checksum of PGP's armour, in base64
	end     int      // behind the END line
}

// pemKey is what was learnt of a block; the note is "" if it is no private key.
type pemKey struct {
	encrypted bool
	validity  scan.Validity
	note      string
}

// findPEM reads the block that begins at at. It never looks behind the next run
// of five hyphens, so that many BEGINs cost no more than their text.
func findPEM(text []byte, at int, label string) (pemBlock, bool) {
	start := at + len(begin) + len(label)
	if !hasFold(text, start, "-----") {
		return pemBlock{}, false
	}
	start += 5
	n := bytes.Index(text[start:min(len(text), start+maxPEM)], []byte("-----"))
	if n < 0 {
		return pemBlock{}, false
	}
	closing := "-----end " + label + "-----"
	if !hasFold(text, start+n, closing) {
		return pemBlock{}, false
	}
	b := pemBlock{end: start + n + len(closing)}
	ok := b.decode(logical(text[start:start+n], prefixOf(text, at)))
	return b, ok
}

// maxPEM is how long a block may be: keys of PGP carry pictures.
const maxPEM = 256 << 10

// prefixOf is what stands before a BEGIN on its line, if it is a mark of a
// comment or of a patch that the other lines have too.
func prefixOf(text []byte, at int) string {
	start := max(0, at-16)
	if i := bytes.LastIndexByte(text[start:at], '\n'); i >= 0 {
		start += i + 1
	}
	prefix := strings.TrimSpace(string(text[start:at]))
	switch prefix {
	case "#", "//", "*", ";", "--", ">", "+", "-", "|", "rem", "REM", "'":
		return prefix
	}
	return ""
}

// logical turns the text of a block into its lines: without escapes, quotes and
// marks of the notation it is written in.
func logical(raw []byte, prefix string) []string {
	s := string(raw)
	first, _, _ := strings.Cut(s, "\n")
	if strings.ContainsAny(s, "\\&") {
		s = unescapes.Replace(s)
	}
	if strings.ContainsAny(first, "\"'`") { // and not only a header's
		s = joinStrings(s)
	}
	lines := strings.Split(s, "\n")
	for i, l := range lines {
		l = strings.TrimSpace(l)
		if prefix != "" {
			l = strings.TrimSpace(strings.TrimPrefix(l, prefix))
		}
		lines[i] = strings.TrimSuffix(l, "\\")
	}
	return lines
}

var unescapes = strings.NewReplacer(`\\r`, "\n", `\\n`, "\n", `\r`, "\n", `\n`, "\n", `\t`, " ", `\/`, "/", `\u003d`, "=", `\u003D`, "=", `\u002b`, "+", `\u002B`, "+",
	`\u002f`, "/", `\u000a`, "\n", `\u000A`, "\n", `\x0a`, "\n", `\x0A`, "\n", "&#10;", "\n", "&#xA;", "\n", "&#xa;", "\n", "&#13;", "", "&#xD;", "", `\"`, `"`, `\'`, `'`)

// joinStrings drops what stands between the strings of a concatenation.
func joinStrings(s string) string {
	var b strings.Builder
	for {
		i := strings.IndexAny(s, "\"'`")
		if i < 0 {
			b.WriteString(s)
			return b.String()
		}
		b.WriteString(s[:i])
		b.WriteByte('\n')
		s = strings.TrimLeft(s[i+1:], " \t\r\n+.,&\\;()")
		s = strings.TrimLeft(s, "\"'`")
	}
}

// decode takes headers and base64 apart.
func (b *pemBlock) decode(lines []string) bool {
	var body strings.Builder
	for _, l := range lines {
		words := strings.Fields(l)
		if len(words) > 0 && strings.HasSuffix(words[0], ":") {
			words = b.header(words)
		}
		for _, w := range words {
			if strings.HasPrefix(w, "=") && len(w) == 5 && body.Len() > 0 {
				b.armour = w[1:]
			} else {
				body.WriteString(w)
			}
		}
	}
	var err error
	b.body, err = base64.RawStdEncoding.DecodeString(strings.TrimRight(body.String(), "="))
	return err == nil && len(b.body) >= 32
}

// header keeps the words of headers; a block on one line goes on with its body.
func (b *pemBlock) header(words []string) []string {
	for i, w := range words {
		if len(w) >= 48 {
			return words[i:]
		}
		b.headers = append(b.headers, strings.ToLower(w))
	}
	return nil
}

// key judges the block of a label.
func (b pemBlock) key(label string) pemKey {
	switch label {
	case "openssh private key":
		return opensshKey(b.body)
	case "pgp private key block":
		return pgpKey(b.body, b.armour)
	}
	for _, h := range b.headers {
		if h == "dek-info:" || h == "4,encrypted" {
			return pemKey{true, scan.Plausible, "encrypted private key"}
		}
	}
	kind, verified := privateDER(b.body)
	k := pemKey{encrypted: kind == "encrypted private key", validity: scan.Plausible, note: kind}
	if verified {
		k.validity = scan.Verified
	}
	return k
}

// opensshKey reads "openssh-key-v1": cipher, kdf, kdf options, number of keys,
// public key, private part. In clear the latter begins with one number twice.
func opensshKey(b []byte) pemKey {
	b, ok := bytes.CutPrefix(b, []byte("openssh-key-v1\x00"))
	cipher, b, ok1 := sshString(b)
	_, b, ok2 := sshString(b)
	_, b, ok3 := sshString(b)
	if !ok || !ok1 || !ok2 || !ok3 || len(b) < 4 {
		return pemKey{}
	}
	public, b, ok := sshString(b[4:])
	private, _, ok1 := sshString(b)
	if !ok || !ok1 || len(private) < 32 {
		return pemKey{}
	}
	kind, _, _ := sshString(public)
	if !printable(kind) {
		return pemKey{}
	}
	if string(cipher) != "none" {
		return pemKey{true, scan.Plausible, "encrypted " + string(kind) + " private key"}
	}
	k := pemKey{validity: scan.Plausible, note: string(kind) + " private key"}
	if bytes.Equal(private[:4], private[4:8]) {
		k.validity = scan.Verified
	}
	return k
}

// sshString reads a string with its length in four bytes (RFC 4251, section 5).
func sshString(b []byte) (s, rest []byte, ok bool) {
	if len(b) < 4 {
		return nil, nil, false
	}
	n := uint32(b[0])<<24 | uint32(b[1])<<16 | uint32(b[2])<<8 | uint32(b[3])
	if uint64(n) > uint64(len(b)-4) {
		return nil, nil, false
	}
	return b[4 : 4+n], b[4+n:], true
}

// detectSSH2 reads the format of ssh.com, whose lines have four hyphens.
func detectSSH2(text []byte, at int) []scan.Span {
	const label = "ssh2 encrypted private key"
	const head, closing = "---- begin ", "---- end " + label + " ----"
	if !hasFold(text, at-len(head), head) {
		return nil
	}
	start := at + len(label)
	if !hasFold(text, start, " ----") {
		return nil
	}
	start += len(" ----")
	n := bytes.Index(text[start:min(len(text), start+maxPEM)], []byte("----"))
	if n < 0 || !hasFold(text, start+n, closing) {
		return nil
	}
	var b pemBlock
	if !b.decode(logical(text[start:start+n], "")) || !bytes.HasPrefix(b.body, []byte("\x3f\x6f\xf9\xeb")) {
		return nil
	}
	return []scan.Span{{Start: at - len(head), End: start + n + len(closing), Validity: scan.Plausible}}
}

// detectOpenVPN reads 256 bytes in hexadecimal.
func detectOpenVPN(text []byte, at int) []scan.Span {
	const head, closing = "-----begin openvpn static key v1-----", "-----end openvpn static key v1-----"
	if !hasFold(text, at, head) {
		return nil
	}
	start := at + len(head)
	n := bytes.Index(text[start:min(len(text), start+2048)], []byte("-----"))
	if n < 0 || !hasFold(text, start+n, closing) {
		return nil
	}
	digits := strings.Join(strings.Fields(strings.Join(logical(text[start:start+n], ""), "")), "")
	if len(digits) != 512 || !all([]byte(digits), isHex) || bits([]byte(digits)) < 3 {
		return nil
	}
	return []scan.Span{{Start: at, End: start + n + len(closing), Validity: scan.Plausible}}
}
