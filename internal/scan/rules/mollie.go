package rules

import "github.com/git-envelope/git-envelope/internal/scan"

var mollie = []scan.Rule{
	{
		ID: "mollie-api-key", Title: "Mollie API key", Severity: scan.Critical,
		Source:   "https://docs.mollie.com/reference/authentication",
		Keywords: []string{"mollie"}, Value: `(?:live|test)_[0-9A-Za-z]{30,40}|access_[0-9A-Za-z]{30,50}`, Entropy: 3,
	},
}
