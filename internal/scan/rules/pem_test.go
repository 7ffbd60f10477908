package rules

import (
	"crypto/sha512"
	"encoding/asn1"
	"encoding/base64"
	"encoding/binary"
	"encoding/pem"
	"math/big"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/git-envelope/git-envelope/internal/scan"
)

func init() {
	block := func(label string, der func(*rand.Rand) []byte, headers map[string]string) func(*rand.Rand) string {
		return func(r *rand.Rand) string { return dress(r, pemText(label, der(r), headers)) }
	}
	legacy := map[string]string{"Proc-Type": "4,ENCRYPTED", "DEK-Info": "AES-128-CBC,00112233445566778899AABBCCDDEEFF"}
	noise := func(r *rand.Rand) []byte { return randomBytes(r, 160) }
	makers["pem-rsa-private-key"] = block("RSA PRIVATE KEY", rsaDER, nil)
	makers["pem-ec-private-key"] = block("EC PRIVATE KEY", ecDER, nil)
	makers["pem-dsa-private-key"] = block("DSA PRIVATE KEY", dsaDER, nil)
	makers["pem-private-key"] = block("PRIVATE KEY", anyPKCS8, nil)
	makers["pem-pkcs8-encrypted-private-key"] = block("ENCRYPTED PRIVATE KEY", encryptedPKCS8, nil)
	makers["pem-rsa-encrypted-private-key"] = block("RSA PRIVATE KEY", noise, legacy)
	makers["pem-ec-encrypted-private-key"] = block("EC PRIVATE KEY", noise, legacy)
	makers["pem-dsa-encrypted-private-key"] = block("DSA PRIVATE KEY", noise, legacy)
	makers["openssh-private-key"] = block("OPENSSH PRIVATE KEY", func(r *rand.Rand) []byte { return opensshDER(r, "none") }, nil)
	makers["openssh-encrypted-private-key"] = block("OPENSSH PRIVATE KEY", func(r *rand.Rand) []byte { return opensshDER(r, "aes256-ctr") }, nil)
	makers["pgp-private-key"] = func(r *rand.Rand) string { return pgpText(r, 0) }
	makers["pgp-encrypted-private-key"] = func(r *rand.Rand) string { return pgpText(r, 254) }
	makers["ssh2-private-key"] = func(r *rand.Rand) string {
		body := wrap(base64.StdEncoding.EncodeToString(append([]byte("\x3f\x6f\xf9\xeb"), randomBytes(r, 200)...)), 70)
		return "---- BEGIN SSH2 ENCRYPTED PRIVATE KEY ----\nComment: \"a key\"\n" + body + "\n---- END SSH2 ENCRYPTED PRIVATE KEY ----"
	}
	makers["openvpn-static-key"] = func(r *rand.Rand) string {
		return "-----BEGIN OpenVPN Static key V1-----\n" + wrap(chars(r, "0123456789abcdef", 512), 32) + "\n-----END OpenVPN Static key V1-----"
	}
}

// randomBytes draws from the seed.
func randomBytes(r *rand.Rand, n int) []byte {
	b := make([]byte, n)
	for i := range b {
		b[i] = byte(r.UintN(256))
	}
	return b
}

func wrap(s string, width int) string {
	return strings.Join(slices.Collect(func(yield func(string) bool) {
		for c := range slices.Chunk([]byte(s), width) {
			if !yield(string(c)) {
				return
			}
		}
	}), "\n")
}

func pemText(label string, der []byte, headers map[string]string) string {
	return strings.TrimSpace(string(pem.EncodeToMemory(&pem.Block{Type: label, Bytes: der, Headers: headers})))
}

// dress writes a block in one of the ways in which files hold it.
func dress(r *rand.Rand, s string) string {
	switch r.IntN(8) {
	case 0:
		return s
	case 1:
		return strings.ReplaceAll(s, "\n", `\n`)
	case 2:
		return strings.ReplaceAll(s, "\n", `\\n`)
	case 3:
		return strings.ReplaceAll(s, "\n", "\n      ")
	case 4:
		return strings.ReplaceAll(s, "\n", " ")
	case 5:
		return "\"" + strings.ReplaceAll(s, "\n", "\\n\" +\n    \"") + "\""
	case 6:
		return strings.ReplaceAll(s, "\n", "\r\n")
	default:
		return "# " + strings.ReplaceAll(s, "\n", "\n# ")
	}
}

func prime(r *rand.Rand, size int) *big.Int {
	for {
		b := randomBytes(r, size)
		b[0] |= 0xc0
		b[size-1] |= 1
		if p := new(big.Int).SetBytes(b); p.ProbablyPrime(1) {
			return p
		}
	}
}

func rsaDER(r *rand.Rand) []byte {
	p, q, one := prime(r, 64), prime(r, 64), big.NewInt(1)
	e := big.NewInt(65537)
	p1, q1 := new(big.Int).Sub(p, one), new(big.Int).Sub(q, one)
	d := new(big.Int).ModInverse(e, new(big.Int).Mul(p1, q1))
	if d == nil {
		return rsaDER(r)
	}
	return marshal(struct {
		Version                   int
		N, E, D, P, Q, DP, DQ, QI *big.Int
	}{0, new(big.Int).Mul(p, q), e, d, p, q, new(big.Int).Mod(d, p1), new(big.Int).Mod(d, q1), new(big.Int).ModInverse(q, p)})
}

func ecDER(r *rand.Rand) []byte {
	return marshal(struct {
		Version int
		Key     []byte
		Curve   asn1.ObjectIdentifier `asn1:"explicit,tag:0"`
		Public  asn1.BitString        `asn1:"explicit,tag:1"`
	}{1, randomBytes(r, 32), asn1.ObjectIdentifier{1, 2, 840, 10045, 3, 1, 7}, asn1.BitString{Bytes: randomBytes(r, 65), BitLength: 520}})
}

func dsaDER(r *rand.Rand) []byte {
	n := func(size int) *big.Int { return new(big.Int).SetBytes(randomBytes(r, size)) }
	return marshal(struct {
		Version       int
		P, Q, G, Y, X *big.Int
	}{0, n(128), n(20), n(128), n(128), n(20)})
}

type algorithm struct {
	ID     asn1.ObjectIdentifier
	Params asn1.RawValue `asn1:"optional"`
}

func anyPKCS8(r *rand.Rand) []byte {
	null := asn1.RawValue{Tag: asn1.TagNull}
	alg, key := algorithm{ID: asn1.ObjectIdentifier{1, 3, 101, 112}}, append([]byte{4, 32}, randomBytes(r, 32)...)
	if r.IntN(2) == 0 {
		alg, key = algorithm{ID: asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 1, 1}, Params: null}, rsaDER(r)
	}
	return marshal(struct {
		Version int
		Alg     algorithm
		Key     []byte
	}{0, alg, key})
}

func encryptedPKCS8(r *rand.Rand) []byte {
	return marshal(struct {
		Alg  algorithm
		Data []byte
	}{algorithm{ID: asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 5, 13}, Params: asn1.RawValue{Class: 0, Tag: 16, IsCompound: true, Bytes: marshal(2048)}}, randomBytes(r, 128)})
}

func marshal(v any) []byte {
	b, err := asn1.Marshal(v)
	if err != nil {
		panic(err)
	}
	return b
}

func sshField(b []byte) []byte {
	return append(binary.BigEndian.AppendUint32(nil, uint32(len(b))), b...)
}

func opensshDER(r *rand.Rand, cipher string) []byte {
	kind := sshField([]byte("ssh-ed25519"))
	public := append(slices.Clone(kind), sshField(randomBytes(r, 32))...)
	check := randomBytes(r, 4)
	private := slices.Concat(check, check, public, sshField(randomBytes(r, 64)), sshField([]byte("a@b")), []byte{1, 2, 3})
	if cipher != "none" {
		private = randomBytes(r, 160)
	}
	return slices.Concat([]byte("openssh-key-v1\x00"), sshField([]byte(cipher)), sshField([]byte("none")), sshField(nil),
		[]byte{0, 0, 0, 1}, sshField(public), sshField(private))
}

func pgpPacket(r *rand.Rand, usage byte) []byte {
	body := slices.Concat([]byte{4}, randomBytes(r, 4), []byte{1, 4, 0, 0x80}, randomBytes(r, 127), []byte{0, 17, 1, 0, 1, usage}, randomBytes(r, 300))
	return append([]byte{0x95, byte(len(body) >> 8), byte(len(body))}, body...)
}

func pgpText(r *rand.Rand, usage byte) string {
	packet := pgpPacket(r, usage)
	sum := crc24(packet)
	return "-----BEGIN PGP PRIVATE KEY BLOCK-----\nVersion: GnuPG v2\n\n" + wrap(base64.StdEncoding.EncodeToString(packet), 64) + "\n=" +
		base64.StdEncoding.EncodeToString([]byte{byte(sum >> 16), byte(sum >> 8), byte(sum)}) + "\n-----END PGP PRIVATE KEY BLOCK-----"
}

// ruleOf returns the rule of an id.
func ruleOf(t *testing.T, id string) scan.Rule {
	t.Helper()
	for _, r := range All() {
		if r.ID == id {
			return r
		}
	}
	t.Fatalf("no rule %s", id)
	return scan.Rule{}
}

// spansOf runs one rule's Detect at its first keyword.
func spansOf(t *testing.T, id, text string) []scan.Span {
	t.Helper()
	r := ruleOf(t, id)
	low := strings.ToLower(text)
	for _, k := range r.Keywords {
		if i := strings.Index(low, k); i >= 0 {
			if spans := r.Detect([]byte(text), i); len(spans) > 0 {
				return spans
			}
		}
	}
	return nil
}

func TestPEMValidity(t *testing.T) {
	r := rand.New(rand.NewPCG(seed, 1))
	for _, c := range []struct {
		id, text string
		want     scan.Validity
		note     string
	}{
		{"pem-rsa-private-key", pemText("RSA PRIVATE KEY", rsaDER(r), nil), scan.Verified, "RSA private key, 1024 bits"},
		{"pem-ec-private-key", pemText("EC PRIVATE KEY", ecDER(r), nil), scan.Plausible, "EC private key, 256 bits"},
		{"pem-dsa-private-key", pemText("DSA PRIVATE KEY", dsaDER(r), nil), scan.Plausible, "DSA private key, "},
		{"openssh-private-key", pemText("OPENSSH PRIVATE KEY", opensshDER(r, "none"), nil), scan.Verified, "ssh-ed25519 private key"},
		{"pgp-private-key", pgpText(r, 0), scan.Verified, "unprotected PGP private key"},
		{"pgp-encrypted-private-key", pgpText(r, 254), scan.Verified, "encrypted PGP private key"},
	} {
		spans := spansOf(t, c.id, c.text)
		if len(spans) != 1 || spans[0].Start != 0 || spans[0].End != len(c.text) || spans[0].Validity != c.want || !strings.HasPrefix(spans[0].Note, c.note) {
			t.Errorf("%s: %+v", c.id, spans)
		}
	}
}

// TestPEMNone: what no private key is in, whatever its label says.
func TestPEMNone(t *testing.T) {
	r := rand.New(rand.NewPCG(seed, 2))
	key := rsaDER(r)
	public := marshal(struct{ N, E *big.Int }{prime(r, 128), big.NewInt(65537)})
	for name, text := range map[string]string{
		"cut":        pemText("RSA PRIVATE KEY", key[:len(key)-8], nil),
		"public":     pemText("RSA PRIVATE KEY", public, nil),
		"noise":      pemText("RSA PRIVATE KEY", randomBytes(r, 300), nil),
		"other end":  strings.Replace(pemText("RSA PRIVATE KEY", key, nil), "END RSA", "END DSA", 1),
		"snip":       strings.Replace(pemText("RSA PRIVATE KEY", key, nil), "\n", "\n[snip]", 3),
		"no end":     strings.Replace(pemText("RSA PRIVATE KEY", key, nil), "-----END", "", 1),
		"digest":     pemText("RSA PRIVATE KEY", func() []byte { h := sha512.Sum512(key); return h[:] }(), nil),
		"no hyphens": "begin rsa private key",
	} {
		if spans := spansOf(t, "pem-rsa-private-key", text); len(spans) > 0 {
			t.Errorf("%s: %+v", name, spans)
		}
	}
}

// FuzzDetect: no rule's Detect panics, or answers with what is not in the text.
func FuzzDetect(f *testing.F) {
	r := rand.New(rand.NewPCG(seed, 3))
	list := All()
	for _, rule := range list {
		if m := makers[rule.ID]; m != nil && rule.Detect != nil {
			for _, s := range rule.Match {
				f.Add([]byte(strings.ReplaceAll(s, "{}", m(r))))
			}
		}
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		low := []byte(strings.Map(func(c rune) rune {
			if c < 0x80 {
				return rune(lower(byte(c)))
			}
			return c
		}, string(text)))
		for _, rule := range list {
			if rule.Detect == nil {
				continue
			}
			for _, k := range rule.Keywords {
				i := strings.Index(string(low), k)
				if i < 0 || i >= len(text) || len(low) != len(text) {
					continue
				}
				for _, s := range rule.Detect(text, i) {
					if s.Start < 0 || s.Start >= s.End || s.End > len(text) {
						t.Errorf("%s: span %d to %d of %d bytes", rule.ID, s.Start, s.End, len(text))
					}
				}
			}
		}
	})
}

// TestLinear: a content of nothing but keywords costs a bounded look at each. It
// would not end in the time of a test if any rule read on to the end.
func TestLinear(t *testing.T) {
	if testing.Short() {
		t.Skip("long, above all under the race detector, and with nothing to race")
	}
	for _, rule := range All() {
		if rule.Detect == nil {
			continue
		}
		for _, k := range rule.Keywords {
			for _, tail := range []string{"", "-----\n", "=\"", ": ", "\n"} {
				text := []byte(strings.Repeat(k+tail, 1<<16/len(k+tail)))
				for at := 0; at+len(k) <= len(text); at += len(k + tail) {
					rule.Detect(text, at)
				}
			}
		}
	}
}
