package rules

import (
	"github.com/git-envelope/git-envelope/internal/scan"
)

var wireGuard = []scan.Rule{{
	ID: "wireguard-key", Title: "WireGuard private or preshared key", Severity: scan.Critical, Source: "https://www.wireguard.com/quickstart/#key-generation",
	Keywords: []string{"privatekey", "presharedkey", "private_key", "preshared_key", "private-key", "preshared-key", "wireguard"},
	Value:    `[0-9A-Za-z+/]{42}[AEIMQUYcgkosw048]=`, Check: wireGuardKey,
}}

// wireGuardKey tells private keys, which wg genkey clamps as RFC 7748 says.
func wireGuardKey(key []byte) (scan.Validity, string) {
	raw, err := base64Std.DecodeString(string(key))
	switch {
	case err != nil || len(raw) != 32:
		return scan.Invalid, ""
	case raw[0]&7 == 0 && raw[31]&0xc0 == 0x40:
		return scan.Plausible, "clamped X25519 key"
	}
	return scan.Unverified, ""
}
