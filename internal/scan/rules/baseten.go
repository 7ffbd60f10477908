package rules

import "github.com/git-envelope/git-envelope/internal/scan"

var baseten = []scan.Rule{
	{
		ID: "baseten-api-key", Title: "Baseten API key", Severity: scan.High,
		Source:   "https://docs.baseten.co/organization/api-keys",
		Keywords: []string{"baseten"}, Value: `[0-9A-Za-z]{8}\.[0-9A-Za-z]{32}`, Entropy: 3,
	},
}
