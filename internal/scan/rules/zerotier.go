package rules

import (
	"github.com/git-envelope/git-envelope/internal/scan"
)

var zeroTier = []scan.Rule{{
	ID: "zerotier-api-token", Title: "ZeroTier API token", Severity: scan.High, Source: "https://docs.zerotier.com/api/tokens/",
	Keywords: names("zerotier"), Value: `[0-9A-Za-z]{32}`, Entropy: 3.3,
}, {
	ID: "zerotier-identity", Title: "ZeroTier secret identity", Severity: scan.Critical, Source: "https://docs.zerotier.com/identity/",
	Keywords: []string{"zerotier", "identity.secret", "identity_secret", "zt_identity", "identitysecret"}, Pattern: `([0-9a-f]{10}:0:[0-9a-f]{128}:[0-9a-f]{128})`,
	Match: []string{"ZEROTIER_IDENTITY_SECRET={}\n"}, Miss: []string{"KEY={}\n"},
}}
