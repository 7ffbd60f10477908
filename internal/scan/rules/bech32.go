package rules

import (
	"bytes"
	"strings"

	"github.com/git-envelope/git-envelope/internal/scan"
)

// bech32Digits in their order: https://github.com/bitcoin/bips/blob/master/bip-0173.mediawiki
const bech32Digits = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"

// bech32 verifies the checksum in the last six characters, as BIP 173 has it.
func bech32(text []byte) (scan.Validity, string) {
	s := strings.ToLower(string(text))
	if s != string(text) && strings.ToUpper(s) != string(text) {
		return scan.Invalid, "" // upper and lower case may not be mixed
	}
	one := strings.LastIndexByte(s, '1')
	if one < 1 || len(s)-one < 7 {
		return scan.Invalid, ""
	}
	values, ok := bech32Values(s[:one], s[one+1:])
	return proven(ok && bech32Sum(values) == 1)
}

// bech32Values expands the human-readable part and the data.
func bech32Values(human, data string) ([]byte, bool) {
	var out bytes.Buffer
	for _, c := range []byte(human) {
		out.WriteByte(c >> 5)
	}
	out.WriteByte(0)
	for _, c := range []byte(human) {
		out.WriteByte(c & 31)
	}
	for _, c := range []byte(data) {
		v := strings.IndexByte(bech32Digits, c)
		if v < 0 {
			return nil, false
		}
		out.WriteByte(byte(v))
	}
	return out.Bytes(), true
}

func bech32Sum(values []byte) uint32 {
	sum := uint32(1)
	for _, v := range values {
		top := sum >> 25
		sum = (sum&0x1ffffff)<<5 ^ uint32(v)
		for i, g := range [...]uint32{0x3b6a57b2, 0x26508e6d, 0x1ea119fa, 0x3d4233dd, 0x2a1462b3} {
			if top>>i&1 == 1 {
				sum ^= g
			}
		}
	}
	return sum
}
