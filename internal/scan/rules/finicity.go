package rules

import "github.com/git-envelope/git-envelope/internal/scan"

var finicity = []scan.Rule{
	{
		ID: "finicity-app-key", Title: "Finicity app key or partner secret", Severity: scan.High,
		Source:   "https://developer.mastercard.com/open-finance-us/documentation/onboarding/",
		Keywords: []string{"finicity"}, Value: `[0-9a-f]{32}|[0-9A-Za-z]{20}`, Entropy: 3,
	},
}
