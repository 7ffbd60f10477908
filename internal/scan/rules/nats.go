package rules

import (
	"encoding/base32"
	"encoding/binary"

	"github.com/git-envelope/git-envelope/internal/scan"
)

var nats = []scan.Rule{{
	ID: "nats-nkey-seed", Title: "NATS NKey seed", Severity: scan.Critical, Source: "https://docs.nats.io/running-a-nats-service/configuration/securing_nats/auth_intro/nkey_auth",
	Keywords: []string{"nkey", "nats"}, Pattern: `(S[ACNOUX][2-7A-Z]{56})`, Check: natsSeed,
	Match: []string{"-----BEGIN USER NKEY SEED-----\n{}\n------END USER NKEY SEED------\n", "nats_seed: \"{}\"\n", "nkey = {}"},
	Miss:  []string{"NATS_SEED=x{}\n"},
}}

var natsRoles = map[byte]string{'A': "account", 'C': "cluster", 'N': "server", 'O': "operator", 'U': "user", 'X': "curve"}

// natsSeed verifies the checksum: two bytes of prefix, 32 of seed, and CRC-16 of
// both, little-endian.
func natsSeed(seed []byte) (scan.Validity, string) {
	raw, err := base32.StdEncoding.WithPadding(base32.NoPadding).DecodeString(string(seed))
	if err != nil || len(raw) != 36 || crc16(raw[:34]) != binary.LittleEndian.Uint16(raw[34:]) {
		return scan.Invalid, ""
	}
	return scan.Verified, natsRoles[seed[1]] + " key"
}
