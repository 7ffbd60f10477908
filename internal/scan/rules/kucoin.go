package rules

import "github.com/git-envelope/git-envelope/internal/scan"

var kuCoin = []scan.Rule{
	{
		ID: "kucoin-secret", Title: "KuCoin API key or secret", Severity: scan.Critical,
		Source:   "https://www.kucoin.com/docs/basics/connection-method/authentication/creating-a-request",
		Keywords: []string{"kucoin"}, Value: `[0-9a-f]{24}|[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}`, Entropy: 2.6,
	},
}
