package rules

import "github.com/git-envelope/git-envelope/internal/scan"

var gitBook = []scan.Rule{
	{
		ID: "gitbook-api-token", Title: "GitBook API token", Severity: scan.High,
		Source:   "https://gitbook.com/docs/developers/gitbook-api/authentication",
		Keywords: []string{"gb_api_"}, Pattern: `gb_api_[0-9A-Za-z]{30,60}`,
	},
}
