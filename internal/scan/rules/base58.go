package rules

import (
	"bytes"
	"crypto/sha256"
	"math/big"
	"strings"
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
