package rules

import (
	"encoding/base64"

	"github.com/git-envelope/git-envelope/internal/scan"
)

const rfc9580 = "https://www.rfc-editor.org/rfc/rfc9580"

// pgpKey judges packets: the first is a secret key (tag 5) or subkey (7).
func pgpKey(b []byte, armour string) pemKey {
	body, ok := pgpSecret(b)
	if !ok {
		return pemKey{}
	}
	usage, ok := pgpUsage(body)
	if !ok {
		return pemKey{}
	}
	k := pemKey{encrypted: usage != 0, validity: scan.Plausible, note: "unprotected PGP private key"}
	if k.encrypted {
		k.note = "encrypted PGP private key"
	}
	if armour != "" {
		sum := crc24(b)
		if base64.StdEncoding.EncodeToString([]byte{byte(sum >> 16), byte(sum >> 8), byte(sum)}) == armour {
			k.validity = scan.Verified
		}
	}
	return k
}

// pgpSecret returns the body of a packet of a secret key at the beginning of b.
func pgpSecret(b []byte) ([]byte, bool) {
	if len(b) < 16 || b[0]&0x80 == 0 {
		return nil, false
	}
	var tag byte
	var n, head int
	if b[0]&0x40 != 0 {
		tag = b[0] & 0x3f
		switch l := int(b[1]); {
		case l < 192:
			n, head = l, 2
		case l < 224:
			n, head = (l-192)<<8+int(b[2])+192, 3
		case l == 255:
			n, head = int(b[2])<<24|int(b[3])<<16|int(b[4])<<8|int(b[5]), 6
		}
	} else {
		tag = b[0] >> 2 & 0xf
		switch b[0] & 3 {
		case 0:
			n, head = int(b[1]), 2
		case 1:
			n, head = int(b[1])<<8|int(b[2]), 3
		case 2:
			n, head = int(b[1])<<24|int(b[2])<<16|int(b[3])<<8|int(b[4]), 5
		}
	}
	if tag != 5 && tag != 7 || head == 0 || n < 16 || n > len(b)-head {
		return nil, false
	}
	return b[head : head+n], true
}

// pgpUsage steps over the public part of a key and returns the octet that says
// how the secret part is protected: 0 is not at all.
func pgpUsage(b []byte) (byte, bool) {
	version, algorithm := b[0], b[5]
	if version < 4 || version > 6 {
		return 0, false
	}
	b = b[6:]
	if version > 4 {
		b = b[4:] // the length of the public part
	}
	ok := true
	number := func(n int) {
		for ; n > 0 && ok; n-- {
			b, ok = pgpNumber(b)
		}
	}
	short := func() {
		if ok = ok && len(b) > 0 && int(b[0]) < len(b); ok {
			b = b[1+int(b[0]):]
		}
	}
	fixed := func(n int) {
		if ok = len(b) > n; ok {
			b = b[n:]
		}
	}
	switch algorithm {
	case 1, 2, 3:
		number(2)
	case 16:
		number(3)
	case 17:
		number(4)
	case 18:
		short()
		number(1)
		short()
	case 19, 22:
		short()
		number(1)
	case 25, 27:
		fixed(32)
	case 26:
		fixed(56)
	case 28:
		fixed(57)
	default:
		return 0, false
	}
	if !ok || len(b) < 2 {
		return 0, false
	}
	return b[0], true
}

// pgpNumber steps over a number with its length in bits.
func pgpNumber(b []byte) ([]byte, bool) {
	if len(b) < 2 {
		return nil, false
	}
	n := 2 + (int(b[0])<<8+int(b[1])+7)/8
	if n > len(b) {
		return nil, false
	}
	return b[n:], true
}

// crc24 is the checksum of the armour (RFC 9580, section 6.1).
func crc24(b []byte) uint32 {
	sum := uint32(0xb704ce)
	for _, c := range b {
		sum ^= uint32(c) << 16
		for range 8 {
			if sum <<= 1; sum&0x1000000 != 0 {
				sum ^= 0x1864cfb
			}
		}
	}
	return sum & 0xffffff
}
