package rules

import (
	"bytes"
	"strings"

	"github.com/git-envelope/git-envelope/internal/scan"
)

var tor = []scan.Rule{
	{
		ID: "tor-onion-key", Title: "Tor onion service key", Severity: scan.Critical, Source: "https://spec.torproject.org/control-spec/commands.html#add_onion",
		Keywords: []string{"ed25519-v3:"}, Pattern: `ED25519-V3:[0-9A-Za-z+/]{86}==`, Check: decodes(len("ED25519-V3:"), 64, base64Std.DecodeString),
	},
	{
		ID: "tor-onion-key-file", Title: "Tor onion service key file", Severity: scan.Critical, Source: "https://spec.torproject.org/rend-spec/encoding-onion-addresses.html",
		Keywords: []string{"== ed25519v1-secret: "}, Detect: torKeyFile,
		Match: []string{"{}"}, Miss: []string{"== ed25519v1-secret: type0 ==\n"},
	},
	{
		ID: "tor-client-key", Title: "Tor client authorisation key", Severity: scan.High, Source: "https://community.torproject.org/onion-services/advanced/client-auth/",
		Keywords: []string{":descriptor:x25519:"}, Pattern: `[2-7a-z]{56}:descriptor:x25519:([2-7A-Z]{52})`,
		Match: []string{strings.Repeat("a2b3", 14) + ":descriptor:x25519:{}\n"}, Miss: []string{"descriptor:x25519:{}\n"},
	},
}

// torKeyFile finds hs_ed25519_secret_key: a header, padded with zeros to 32
// bytes, and 64 bytes of expanded key.
func torKeyFile(text []byte, at int) []scan.Span {
	const header, size = "== ed25519v1-secret: type0 ==\x00\x00\x00", 96
	rest := text[at:]
	if len(rest) < size || !bytes.HasPrefix(rest, []byte(header)) {
		return nil
	}
	// An expanded key is clamped: RFC 8032, section 5.1.5.
	if rest[32]&7 != 0 || rest[63]&0xc0 != 0x40 {
		return nil
	}
	return []scan.Span{{Start: at, End: at + size, Validity: scan.Plausible}}
}
