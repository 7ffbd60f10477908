package rules

import (
	"bytes"
	"crypto/ed25519"
	"crypto/sha256"
	"math/big"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/git-envelope/git-envelope/internal/scan"
)

func TestBech32(t *testing.T) {
	// From BIP-173: valid ones, and one with a wrong checksum.
	for text, want := range map[string]scan.Validity{
		"a12uel5l": scan.Verified,
		"abcdef1qpzry9x8gf2tvdw0s3jn54khce6mua7lmqqqxw":                scan.Verified,
		"split1checkupstagehandshakeupstreamerranterredcaperred2y9e3w": scan.Verified,
		"abcdef1qpzry9x8gf2tvdw0s3jn54khce6mua7lmqqqxv":                scan.Invalid,
		"1nwldj5": scan.Invalid,
	} {
		if got, _ := bech32Checked([]byte(text)); got != want {
			t.Errorf("%s: %v, want %v", text, got, want)
		}
	}
}

// bech32Encode finishes a text of prefix, 1 and n random characters.
func bech32Encode(r *rand.Rand, prefix string, n int) string {
	body := prefix + "1" + chars(r, bech32, n)
	sum := uint32(1)
	step := func(v uint32) { sum = bech32Step(sum) ^ v }
	for _, c := range []byte(prefix) {
		step(uint32(c >> 5))
	}
	step(0)
	for _, c := range []byte(prefix) {
		step(uint32(c & 31))
	}
	for _, c := range []byte(body[len(prefix)+1:]) {
		step(uint32(strings.IndexByte(bech32, c)))
	}
	for range 6 {
		step(0)
	}
	sum ^= 1
	for i := range 6 {
		body += string(bech32[sum>>(5*(5-i))&31])
	}
	return body
}

func base58Encode(raw []byte) string {
	var out string
	n, radix, rest := new(big.Int).SetBytes(raw), big.NewInt(58), new(big.Int)
	for n.Sign() > 0 {
		n.DivMod(n, radix, rest)
		out = string(base58[rest.Int64()]) + out
	}
	for _, c := range raw {
		if c != 0 {
			break
		}
		out = "1" + out
	}
	return out
}

func base58CheckEncode(raw []byte) string {
	sum := sha256.Sum256(raw)
	sum = sha256.Sum256(sum[:])
	return base58Encode(append(raw, sum[:4]...))
}

func TestBase58(t *testing.T) {
	for _, raw := range [][]byte{{}, {0}, {0, 0, 1}, []byte("hello world"), {255, 254, 0}} {
		got, ok := base58Decode([]byte(base58Encode(raw)))
		if !ok || !bytes.Equal(got, raw) {
			t.Errorf("%x: %x, %v", raw, got, ok)
		}
	}
	if _, ok := base58Decode([]byte("0OIl")); ok {
		t.Error("characters that are none")
	}
}

func init() {
	makers["sui-private-key"] = func(r *rand.Rand) string { return bech32Encode(r, "suiprivkey", 53) }
	makers["nostr-private-key"] = func(r *rand.Rand) string { return bech32Encode(r, "nsec", 52) }
	makers["bip32-private-key"] = func(r *rand.Rand) string {
		return base58CheckEncode(append([]byte{0x04, 0x88, 0xad, 0xe4}, chars(r, alnum, 74)...))
	}
	makers["bitcoin-private-key"] = func(r *rand.Rand) string {
		return base58CheckEncode(append([]byte{0x80}, chars(r, alnum, 32)+"\x01"...))
	}
	makers["tezos-private-key"] = func(r *rand.Rand) string {
		return base58CheckEncode(append([]byte{13, 15, 58, 7}, chars(r, alnum, 32)...))
	}
	keypair := func(r *rand.Rand) string { return base58Encode(ed25519.NewKeyFromSeed([]byte(chars(r, alnum, 32)))) }
	makers["solana-private-key"] = keypair
	makers["near-private-key"] = func(r *rand.Rand) string { return "ed25519:" + keypair(r) }
	makers["ethereum-private-key"] = func(r *rand.Rand) string { return "0x" + chars(r, "0123456789abcde", 64) }
}
