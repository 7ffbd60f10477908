package rules

import "github.com/git-envelope/git-envelope/internal/scan"

var coinbase = []scan.Rule{
	{
		ID: "coinbase-api-secret", Title: "Coinbase API secret", Severity: scan.Critical,
		Source:   "https://docs.cdp.coinbase.com/get-started/authentication/cdp-api-keys",
		Keywords: []string{"coinbase"}, Value: `[0-9A-Za-z]{32}|[0-9A-Za-z+/]{86}==`, Entropy: 3.5,
	},
}
