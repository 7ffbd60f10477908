package rules

import (
	"bytes"
	"crypto/ed25519"
	"crypto/sha256"
	"math/big"
	"math/rand/v2"
	"strings"
	"testing"
)

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
	makers["sui-private-key"] = func(r *rand.Rand) string { return strings.ToLower(bech32Made(r, "suiprivkey", 53)) }
	makers["nostr-private-key"] = func(r *rand.Rand) string { return strings.ToLower(bech32Made(r, "nsec", 52)) }
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
