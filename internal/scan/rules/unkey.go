package rules

import (
	"github.com/git-envelope/git-envelope/internal/scan"
)

var unkey = []scan.Rule{{
	ID: "unkey-root-key", Title: "Unkey root key", Severity: scan.Critical, Source: "https://www.unkey.com/docs/security/root-keys",
	Keywords: []string{"unkey_"}, Pattern: `unkey_[1-9A-HJ-NP-Za-km-z]{20,32}`, Entropy: 3.5,
}}
