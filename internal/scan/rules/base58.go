package rules

import (
	"bytes"
	"crypto/sha256"
	"math/big"
	"strings"

	"github.com/git-envelope/git-envelope/internal/scan"
)

// base58 holds the characters of Bitcoin's encoding, in order.
const base58 = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"

// maxBase58 bounds what is decoded: the work grows with the square of it.
const maxBase58 = 128

// base58Decode reads a number in base 58, with a zero byte for each leading 1.
func base58Decode(text []byte) ([]byte, bool) {
	if len(text) > maxBase58 {
		return nil, false
	}
	var n, digit big.Int
	radix := big.NewInt(58)
	for _, c := range text {
		i := strings.IndexByte(base58, c)
		if i < 0 {
			return nil, false
		}
		n.Add(n.Mul(&n, radix), digit.SetInt64(int64(i)))
	}
	zeros := len(text) - len(bytes.TrimLeft(text, "1"))
	return append(make([]byte, zeros), n.Bytes()...), true
}

// base58Check decodes what ends with the first four bytes of its SHA-256, taken
// twice.
func base58Check(text []byte) ([]byte, bool) {
	raw, ok := base58Decode(text)
	if !ok || len(raw) < 5 {
		return nil, false
	}
	body := raw[:len(raw)-4]
	sum := sha256.Sum256(body)
	sum = sha256.Sum256(sum[:])
	return body, bytes.Equal(sum[:4], raw[len(body):])
}

// bech32 holds the characters of BIP-173's encoding, in order.
const bech32 = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"

// bech32Checked verifies the checksum of a bech32 text: BIP-173.
func bech32Checked(text []byte) (scan.Validity, string) {
	split := bytes.LastIndexByte(text, '1')
	if split < 1 || len(text)-split < 7 {
		return scan.Invalid, ""
	}
	sum := uint32(1)
	for _, c := range text[:split] {
		sum = bech32Step(sum) ^ uint32(c>>5)
	}
	sum = bech32Step(sum)
	for _, c := range text[:split] {
		sum = bech32Step(sum) ^ uint32(c&31)
	}
	for _, c := range text[split+1:] {
		sum = bech32Step(sum) ^ uint32(strings.IndexByte(bech32, c))
	}
	if sum != 1 {
		return scan.Invalid, ""
	}
	return scan.Verified, ""
}

func bech32Step(sum uint32) uint32 {
	top := sum >> 25
	sum = sum & 0x1ffffff << 5
	for i, g := range [...]uint32{0x3b6a57b2, 0x26508e6d, 0x1ea119fa, 0x3d4233dd, 0x2a1462b3} {
		if top>>i&1 == 1 {
			sum ^= g
		}
	}
	return sum
}
