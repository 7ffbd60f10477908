package rules

import "github.com/git-envelope/git-envelope/internal/scan"

var brex = []scan.Rule{
	{
		ID: "brex-token", Title: "Brex user token", Severity: scan.Critical,
		Source:   "https://developer.brex.com/docs/authentication/",
		Keywords: []string{"bxt_"}, Pattern: `bxt_[0-9A-Za-z]{36,48}`,
	},
}
