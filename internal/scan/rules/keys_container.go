package rules

import (
	"bytes"

	"github.com/git-envelope/git-envelope/internal/scan"
)

// containers are files that hold keys and passwords and are no text, or hardly.
// Their secret is their beginning: enough to tell one from another.
var containers = []scan.Rule{
	container("pkcs12-keystore", "PKCS#12 key store", scan.High, "https://www.rfc-editor.org/rfc/rfc7292", detectPKCS12, "\x02\x01\x030"),
	container("java-keystore", "Java key store", scan.High, "https://docs.oracle.com/en/java/javase/21/docs/specs/security/standard-names.html", magicAt(map[string]string{"\xfe\xed\xfe\xed": "JKS", "\xce\xce\xce\xce": "JCEKS"}), "x.509"),
	container("keepass-database", "KeePass database", scan.Medium, "https://keepass.info/help/kb/kdbx.html",
		magicAt(map[string]string{"\x03\xd9\xa2\x9a\x67\xfb\x4b\xb5": "KDBX", "\x03\xd9\xa2\x9a\x65\xfb\x4b\xb5": "KDB"}), "\x01\x00\x03\x00\x02", "\x00\x00\x04\x00\x02", "\x01\x00\x04\x00\x02", "\x00\x00\x00\x02\x00\x03\x00", "\x00\x00\x00\x04\x00\x03\x00"),
	container("apple-keychain", "Apple keychain", scan.Medium, "https://developer.apple.com/documentation/security/keychain-services", magicAt(map[string]string{"kych\x00\x01\x00\x00": "keychain"}), "kych"),
	container("git-crypt-key", "key of git-crypt", scan.Critical, "https://github.com/AGWA/git-crypt", magicAt(map[string]string{"\x00GITCRYPTKEY\x00\x00\x00\x02": "git-crypt"}), "gitcryptkey"),
	container("tor-secret-key", "secret key of a Tor onion service", scan.Critical, "https://spec.torproject.org/rend-spec/", magicAt(map[string]string{"== ed25519v1-secret: type": "onion service"}), "== ed25519v1-secret:"),
	container("pgp-keyring", "PGP secret key ring", scan.High, rfc9580, detectKeyring, "\x00\x11\x01\x00\x01", "\x09+\x06\x01\x04\x01"),
	container("der-pkcs8-private-key", "private key in DER (PKCS#8)", scan.Critical, "https://www.rfc-editor.org/rfc/rfc5208", detectDER, "\x02\x01\x000\x0d\x06\x09*", "\x02\x01\x000\x13\x06\x07*", "\x02\x01\x000\x10\x06\x07*", "\x02\x01\x000\x05\x06\x03+e"),
	container("der-ec-private-key", "elliptic curve private key in DER", scan.Critical, "https://www.rfc-editor.org/rfc/rfc5915", detectDER, "\x02\x01\x01\x04 ", "\x02\x01\x01\x040"),
	container("der-rsa-private-key", "RSA private key in DER (PKCS#1)", scan.Critical, "https://www.rfc-editor.org/rfc/rfc8017#appendix-A.1.2", detectPKCS1, "\x02\x03\x01\x00\x01\x02"),
	container("gnupg-private-key", "private key of GnuPG's agent", scan.High, "https://github.com/gpg/gnupg/blob/master/agent/keyformat.txt", detectGnuPG, "(21:protected-private-key", "(11:private-key", "key: (protected-private-key", "key: (private-key"),
}

// container makes a rule for a file that begins with something.
func container(id, title string, severity scan.Severity, source string, detect func([]byte, int) []scan.Span, keywords ...string) scan.Rule {
	return scan.Rule{ID: id, Title: title, Severity: severity, Source: source, Keywords: keywords, Whole: true, Raw: true, Inside: true, Detect: detect,
		Match: []string{"{}"}, Miss: []string{keywords[0], "a text of " + keywords[0] + "."}}
}

// maxHead is how much of a container is its secret.
const maxHead = 128

// magicAt knows a container by what it begins with; at is within its first KiB.
func magicAt(kinds map[string]string) func([]byte, int) []scan.Span {
	return func(text []byte, at int) []scan.Span {
		if at > 1024 || len(text) < 64 {
			return nil
		}
		for magic, kind := range kinds {
			if bytes.HasPrefix(text, []byte(magic)) {
				return []scan.Span{{Start: 0, End: min(len(text), maxHead), Validity: scan.Plausible, Note: kind}}
			}
		}
		return nil
	}
}

// sequenceBefore returns the DER sequence whose body begins at at.
func sequenceBefore(text []byte, at int) (start int, whole []byte, ok bool) {
	for head := 2; head <= 5; head++ {
		if start = at - head; start < 0 || text[start] != derSequence {
			continue
		}
		_, body, rest, ok := derNext(text[start:])
		if n := len(text) - start - len(rest); ok && n-len(body) == head {
			return start, text[start : start+n], true
		}
	}
	return 0, nil, false
}

// detectPKCS12 reads version 3 and a content that is data or signed data.
func detectPKCS12(text []byte, at int) []scan.Span {
	start, whole, ok := sequenceBefore(text, at)
	if !ok {
		return nil
	}
	content, _, ok := derTake(text[at+3:start+len(whole)], derSequence)
	oid, _, ok1 := derTake(content, derOID)
	if !ok || !ok1 || !hasAnyPrefix(oid, "\x2a\x86\x48\x86\xf7\x0d\x01\x07") {
		return nil
	}
	return []scan.Span{{Start: start, End: start + min(len(whole), maxHead), Validity: scan.Plausible, Note: "PKCS#12"}}
}

// detectDER reads a key whose version stands at at.
func detectDER(text []byte, at int) []scan.Span {
	start, whole, ok := sequenceBefore(text, at)
	if !ok || len(whole) > 16<<10 {
		return nil
	}
	return derKey(start, whole)
}

func derKey(start int, whole []byte) []scan.Span {
	kind, verified := privateDER(whole)
	if kind == "" {
		return nil
	}
	s := scan.Span{Start: start, End: start + len(whole), Validity: scan.Plausible, Note: kind}
	if verified {
		s.Validity = scan.Verified
	}
	return []scan.Span{s}
}

// detectPKCS1 finds the beginning of a key from its exponent, by the sizes that a
// modulus has.
func detectPKCS1(text []byte, at int) []scan.Span {
	for _, size := range []int{64, 128, 256, 384, 512, 1024} {
		head := 4
		if size < 128 {
			head = 2
		} else if size < 255 {
			head = 3
		}
		version := at - size - 1 - head - 3
		if version < 0 || !bytes.HasPrefix(text[version:], []byte{derInteger, 1, 0, derInteger}) {
			continue
		}
		if start, whole, ok := sequenceBefore(text, version); ok {
			return derKey(start, whole)
		}
	}
	return nil
}

// detectKeyring reads the packet that a content begins with.
func detectKeyring(text []byte, at int) []scan.Span {
	if at > 2048 {
		return nil
	}
	k := pgpKey(text, "")
	if k.note == "" {
		return nil
	}
	return []scan.Span{{Start: 0, End: min(len(text), maxHead), Validity: scan.Plausible, Note: k.note}}
}

// detectGnuPG reads an S-expression: what is protected says so.
func detectGnuPG(text []byte, at int) []scan.Span {
	end := min(len(text), at+512)
	part := text[at:end]
	if !bytes.Contains(part, []byte("rsa")) && !bytes.Contains(part, []byte("ecc")) && !bytes.Contains(part, []byte("dsa")) && !bytes.Contains(part, []byte("elg")) || len(part) < 96 {
		return nil
	}
	note := "unprotected"
	if bytes.Contains(part[:32], []byte("protected")) {
		note = "encrypted"
	}
	return []scan.Span{{Start: at, End: end, Validity: scan.Plausible, Note: note}}
}
