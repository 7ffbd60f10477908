package rules

import "github.com/git-envelope/git-envelope/internal/scan"

var clickup = []scan.Rule{
	{
		ID: "clickup-token", Title: "ClickUp personal API token", Severity: scan.High,
		Source:   "https://developer.clickup.com/docs/authentication",
		Keywords: []string{"clickup"}, Value: `pk_[0-9]{4,10}_[0-9A-Z]{32}`, Entropy: 3,
	},
}
