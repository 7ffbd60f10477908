package rules

import "github.com/git-envelope/git-envelope/internal/scan"

var bitly = []scan.Rule{
	{
		ID: "bitly-access-token", Title: "Bitly access token", Severity: scan.Medium,
		Source:   "https://dev.bitly.com/docs/getting-started/authentication/",
		Keywords: []string{"bitly"}, Value: `[0-9a-f]{40}|R_[0-9a-f]{32}`, Entropy: 3,
	},
}
