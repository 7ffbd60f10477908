package rules

import (
	"bytes"
	"fmt"
	"math/big"
)

// Tags of DER.
const (
	derInteger  = 0x02
	derOctets   = 0x04
	derOID      = 0x06
	derSequence = 0x30
)

// derNext reads one element: its tag, its body and what follows. Lengths are
// those that fit into what is there.
func derNext(b []byte) (tag byte, body, rest []byte, ok bool) {
	if len(b) < 2 {
		return 0, nil, nil, false
	}
	tag, n, head := b[0], int(b[1]), 2
	if n >= 0x80 {
		size := n & 0x7f
		if size < 1 || size > 3 || len(b) < 2+size {
			return 0, nil, nil, false
		}
		n = 0
		for _, c := range b[2 : 2+size] {
			n = n<<8 | int(c)
		}
		head += size
	}
	if n > len(b)-head {
		return 0, nil, nil, false
	}
	return tag, b[head : head+n], b[head+n:], true
}

// derTake reads one element that must have the tag.
func derTake(b []byte, want byte) (body, rest []byte, ok bool) {
	tag, body, rest, ok := derNext(b)
	return body, rest, ok && tag == want
}

// privateDER says what private key b is, the whole of it: "" if it is none.
func privateDER(b []byte) (kind string, verified bool) {
	body, rest, ok := derTake(b, derSequence)
	if !ok || len(rest) > 0 {
		return "", false
	}
	if isEncryptedPKCS8(body) {
		return "encrypted private key", false
	}
	version, more, ok := derTake(body, derInteger)
	if !ok || len(version) != 1 || version[0] > 1 {
		return "", false
	}
	switch tag, inner, _, ok := derNext(more); {
	case !ok:
		return "", false
	case tag == derSequence:
		return pkcs8(inner, more)
	case tag == derOctets && version[0] == 1 && len(inner) >= 16:
		return fmt.Sprintf("EC private key, %d bits", len(inner)*8), false
	case tag == derInteger:
		return integers(more)
	}
	return "", false
}

// isEncryptedPKCS8 tells EncryptedPrivateKeyInfo (RFC 5958): an algorithm whose
// OID is one of PKCS#5 or PKCS#12, or Sun's of a key store, then octets.
func isEncryptedPKCS8(body []byte) bool {
	alg, rest, ok := derTake(body, derSequence)
	if !ok {
		return false
	}
	oid, _, ok := derTake(alg, derOID)
	if !ok || !hasAnyPrefix(oid, "\x2a\x86\x48\x86\xf7\x0d\x01\x05", "\x2a\x86\x48\x86\xf7\x0d\x01\x0c\x01", "\x2b\x06\x01\x04\x01\x2a\x02") {
		return false
	}
	data, rest, ok := derTake(rest, derOctets)
	return ok && len(data) >= 16 && len(rest) == 0
}

func hasAnyPrefix(b []byte, prefixes ...string) bool {
	for _, p := range prefixes {
		if bytes.HasPrefix(b, []byte(p)) {
			return true
		}
	}
	return false
}

// pkcs8 reads PrivateKeyInfo: alg is the algorithm, rest starts with it.
func pkcs8(alg, rest []byte) (string, bool) {
	oid, _, ok := derTake(alg, derOID)
	if !ok {
		return "", false
	}
	_, rest, _ = derTake(rest, derSequence)
	key, _, ok := derTake(rest, derOctets)
	if !ok || len(key) < 16 {
		return "", false
	}
	if string(oid) == "\x2a\x86\x48\x86\xf7\x0d\x01\x01\x01" {
		if body, _, ok := derTake(key, derSequence); ok {
			if _, more, ok := derTake(body, derInteger); ok {
				return integers(more)
			}
		}
		return "", false
	}
	for name, prefix := range map[string]string{"EC": "\x2a\x86\x48\xce\x3d\x02\x01", "Ed25519": "\x2b\x65\x70", "X25519": "\x2b\x65\x6e", "Ed448": "\x2b\x65\x71"} {
		if string(oid) == prefix {
			return name + " private key", false
		}
	}
	return "private key", false
}

// integers tells RSA (n, e, d, p, q, …) from DSA (p, q, g, y, x) by their number.
// Of RSA the product of the primes is verified.
func integers(b []byte) (string, bool) {
	var n []*big.Int
	for len(b) > 0 && len(n) < 9 {
		body, rest, ok := derTake(b, derInteger)
		if !ok || len(body) == 0 || len(body) > 4096 {
			break
		}
		n = append(n, new(big.Int).SetBytes(body))
		b = rest
	}
	switch {
	case len(n) == 5:
		return fmt.Sprintf("DSA private key, %d bits", n[0].BitLen()), false
	case len(n) >= 8 && n[0].BitLen() >= 256:
		product := new(big.Int).Mul(n[3], n[4])
		return fmt.Sprintf("RSA private key, %d bits", n[0].BitLen()), product.Cmp(n[0]) == 0
	}
	return "", false
}
