package rules

import (
	"encoding/base32"
	"encoding/binary"

	"github.com/git-envelope/git-envelope/internal/scan"
)

var stellar = []scan.Rule{{
	ID: "stellar-secret-seed", Title: "Stellar secret key", Severity: scan.Critical, Source: "https://developers.stellar.org/docs/learn/glossary#secret-key",
	Keywords: []string{"stellar", "soroban", "secretkey", "secret_key", "secret_seed"}, Pattern: `(S[2-7A-Z]{55})`, Check: stellarSeed,
	Match: []string{"STELLAR_SECRET={}\n", "secretKey: '{}'", "secret_seed = {}"}, Miss: []string{"KEY={}\n"},
}}

// stellarSeed verifies the checksum: a byte of version, 32 of seed, and CRC-16 of
// both, little-endian.
func stellarSeed(seed []byte) (scan.Validity, string) {
	raw, err := base32.StdEncoding.WithPadding(base32.NoPadding).DecodeString(string(seed))
	if err != nil || len(raw) != 35 || raw[0] != 18<<3 || crc16(raw[:33]) != binary.LittleEndian.Uint16(raw[33:]) {
		return scan.Invalid, ""
	}
	return scan.Verified, ""
}
