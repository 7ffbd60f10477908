package rules

import (
	"bytes"
	"math/rand/v2"
	"testing"

	"github.com/git-envelope/git-envelope/internal/scan"
)

// TestChecksums: of what a checksum verifies, no other character will do.
func TestChecksums(t *testing.T) {
	rnd := rand.New(rand.NewPCG(seed, 2))
	verified := 0
	for _, r := range All() {
		if r.Check == nil || makers[r.ID] == nil {
			continue
		}
		secret := []byte(makers[r.ID](rnd))
		if got, _ := r.Check(secret); got != scan.Verified {
			continue
		}
		verified++
		for i := len(secret) - 20; i < len(secret); i++ {
			wrong := bytes.Clone(secret)
			if wrong[i] = 'a'; secret[i] == 'a' {
				wrong[i] = 'c'
			}
			if got, _ := r.Check(wrong); got == scan.Verified && !bytes.EqualFold(wrong, secret) { // some are written in either case
				t.Errorf("%s: %q for %q is verified", r.ID, wrong, secret)
			}
		}
	}
	if verified < 10 {
		t.Errorf("only %d rules verify a checksum", verified)
	}
}

// FuzzChecks: what looks like a secret may hold anything behind its prefix.
func FuzzChecks(f *testing.F) {
	rnd := rand.New(rand.NewPCG(seed, 3))
	for _, id := range []string{"pypi-api-token", "sentry-org-token", "bip32-private-key", "sui-private-key", "nats-nkey-seed"} {
		f.Add([]byte(makers[id](rnd)))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		pyPIMacaroon(append([]byte("pypi-"), text...))
		sentryOrg(append([]byte("sntrys_"), text...))
		supabaseRole(text)
		bech32(text)
		base58Check(text)
		ed25519Pair(text)
		natsSeed(append([]byte("SU"), text...))
		stellarSeed(text)
		userPassword(text)
		oneSignalLegacy(text)
		wireGuardKey(text)
	})
}

// TestCRC16: the check value of CRC-16/XMODEM.
func TestCRC16(t *testing.T) {
	if got := crc16([]byte("123456789")); got != 0x31c3 {
		t.Errorf("%04x", got)
	}
}

// TestWalletVectors: the root key of BIP-32's first test vector, which is as
// public as a key can be, and it with another end.
func TestWalletVectors(t *testing.T) {
	const root = "xprv9s21ZrQH143K3QTDL4LXw2F7HEK3wJUD2nW2nRk4stbPy6cq3jPP" + "qjiChkVvvNKmPGJxWUtg6LnF5kejMRNNU3TGtRBeJgk33yuGBxrMPHi"
	if got, _ := extendedKey([]byte(root)); got != scan.Verified {
		t.Errorf("the root key is %v", got)
	}
	if got, _ := extendedKey([]byte(root[:len(root)-1] + "j")); got != scan.Invalid {
		t.Errorf("with another end it is %v", got)
	}
}
