package rules

import "github.com/git-envelope/git-envelope/internal/scan"

var gocardless = []scan.Rule{
	{
		ID: "gocardless-access-token", Title: "GoCardless access token", Severity: scan.Critical,
		Source:   "https://developer.gocardless.com/api-reference/#overview-api-usage",
		Keywords: []string{"gocardless", "go_cardless"}, Value: `(?:live|sandbox)_[0-9A-Za-z_-]{40}`, Entropy: 3,
	},
}
