package rules

import (
	"bytes"
	"crypto/ed25519"
	"strings"

	"github.com/git-envelope/git-envelope/internal/scan"
)

var wallets = []scan.Rule{
	{
		ID: "bip32-private-key", Title: "extended private key of a wallet", Severity: scan.Critical, Source: "https://github.com/bitcoin/bips/blob/master/bip-0032.mediawiki",
		Keywords: []string{"xprv", "tprv", "yprv", "zprv", "uprv", "vprv"}, Pattern: `[tuvxyzTUVYZ]prv[1-9A-HJ-NP-Za-km-z]{107,108}`, Check: extendedKey,
	},
	{
		ID: "bitcoin-private-key", Title: "Bitcoin private key", Severity: scan.Critical, Source: "https://en.bitcoin.it/wiki/Wallet_import_format",
		Keywords: []string{"bitcoin", "privkey", "private_key", "privatekey", "private-key", "priv_key", "wif_", "_wif", "wallet"},
		Value:    `[5KL9c][1-9A-HJ-NP-Za-km-z]{50,51}`, Check: walletImport,
	},
	{
		ID: "ethereum-private-key", Title: "Ethereum private key", Severity: scan.Critical, Source: "https://ethereum.org/en/developers/docs/accounts/#account-creation",
		Keywords: []string{"private_key", "privatekey", "private-key", "privkey", "priv_key", "ethereum", "deployer", "wallet", "hardhat"},
		Value:    `(?:0x)?[0-9a-fA-F]{64}`, Check: secp256k1Scalar, Entropy: 2.9,
	},
	{
		ID: "solana-private-key", Title: "Solana private key", Severity: scan.Critical, Source: "https://solana.com/developers/cookbook/wallets/restore-keypair",
		Keywords: []string{"solana", "private_key", "privatekey", "private-key", "privkey", "secret_key", "secretkey", "keypair", "wallet"},
		Value:    `[1-9A-HJ-NP-Za-km-z]{86,88}`, Check: ed25519Pair,
	},
	{
		ID: "near-private-key", Title: "NEAR private key", Severity: scan.Critical, Source: "https://docs.near.org/protocol/access-keys",
		Keywords: []string{"ed25519:"}, Pattern: `ed25519:[1-9A-HJ-NP-Za-km-z]{86,88}`, Check: ed25519Pair,
	},
	{
		ID: "tezos-private-key", Title: "Tezos private key", Severity: scan.Critical, Source: "https://docs.tezos.com/overview/common-encodings",
		Keywords: []string{"edsk"}, Pattern: `edsk[1-9A-HJ-NP-Za-km-z]{50,94}`, Check: tezosKey,
	},
	{
		ID: "nostr-private-key", Title: "Nostr private key", Severity: scan.Critical, Source: "https://github.com/nostr-protocol/nips/blob/master/19.md",
		Keywords: []string{"nsec1"}, Pattern: `nsec1[02-9ac-hj-np-z]{58}`, Check: bech32,
	},
}

func extendedKey(key []byte) (scan.Validity, string) {
	if raw, ok := base58Check(key); !ok || len(raw) != 78 {
		return scan.Invalid, ""
	}
	return scan.Verified, ""
}

// walletImport verifies a key in the wallet import format: the network, 32
// bytes, and a 1 if the public key is compressed.
func walletImport(key []byte) (scan.Validity, string) {
	raw, ok := base58Check(key)
	if !ok || len(raw) != 33 && (len(raw) != 34 || raw[33] != 1) {
		return scan.Invalid, ""
	}
	switch raw[0] {
	case 0x80:
		return scan.Verified, "main network"
	case 0xef:
		return scan.Verified, "test network"
	}
	return scan.Invalid, ""
}

// secp256k1Scalar holds a key to be from 1 to the curve's order less 1; small
// numbers are somebody's example.
func secp256k1Scalar(key []byte) (scan.Validity, string) {
	text := strings.ToUpper(strings.TrimPrefix(string(key), "0x"))
	const order = "FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141"
	if text >= order || strings.HasPrefix(text, "0000000000000000") {
		return scan.Invalid, ""
	}
	return scan.Unverified, ""
}

// ed25519Pair verifies that the second half, the public key, follows from the
// first.
func ed25519Pair(key []byte) (scan.Validity, string) {
	raw, ok := base58Decode(bytes.TrimPrefix(key, []byte("ed25519:")))
	if !ok || len(raw) != ed25519.PrivateKeySize || !bytes.Equal(ed25519.NewKeyFromSeed(raw[:ed25519.SeedSize]), raw) {
		return scan.Invalid, ""
	}
	return scan.Verified, ""
}

func tezosKey(key []byte) (scan.Validity, string) {
	if raw, ok := base58Check(key); !ok || len(raw) != 36 && len(raw) != 68 {
		return scan.Invalid, ""
	}
	return scan.Verified, ""
}
