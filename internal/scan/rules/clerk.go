package rules

import "github.com/git-envelope/git-envelope/internal/scan"

var clerk = []scan.Rule{
	{
		ID: "clerk-secret-key", Title: "Clerk secret key", Severity: scan.Critical,
		Source:   "https://clerk.com/docs/deployments/clerk-environment-variables",
		Keywords: []string{"clerk"}, Value: `sk_(?:live|test)_[0-9A-Za-z]{40,50}`, Entropy: 3,
	},
}
