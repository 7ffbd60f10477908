package rules

import (
	"github.com/git-envelope/git-envelope/internal/scan"
)

var sui = []scan.Rule{{
	ID: "sui-private-key", Title: "Sui private key", Severity: scan.Critical, Source: "https://docs.sui.io/concepts/cryptography/transaction-auth/keys-addresses",
	Keywords: []string{"suiprivkey1"}, Pattern: `suiprivkey1[02-9ac-hj-np-z]{59}`, Check: bech32,
}}
