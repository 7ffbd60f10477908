package rules

import "github.com/git-envelope/git-envelope/internal/scan"

var freshdesk = []scan.Rule{
	{
		ID: "freshdesk-api-key", Title: "Freshdesk API key", Severity: scan.High,
		Source:   "https://developers.freshdesk.com/api/#authentication",
		Keywords: []string{"freshdesk", "freshservice"}, Value: `[0-9A-Za-z]{19,20}`, Entropy: 3,
	},
}
