package rules

import "github.com/git-envelope/git-envelope/internal/scan"

var chargebee = []scan.Rule{
	{
		ID: "chargebee-api-key", Title: "Chargebee API key", Severity: scan.Critical,
		Source:   "https://apidocs.chargebee.com/docs/api/auth",
		Keywords: []string{"chargebee"}, Value: `(?:live|test)_[0-9A-Za-z]{30,50}`, Entropy: 3,
	},
}
