package rules

import "github.com/git-envelope/git-envelope/internal/scan"

var mailtrap = []scan.Rule{
	{
		ID: "mailtrap-token", Title: "Mailtrap API token", Severity: scan.Medium,
		Source:   "https://api-docs.mailtrap.io/docs/mailtrap-api-docs/",
		Keywords: []string{"mailtrap"}, Value: `[0-9a-f]{32}`, Entropy: 3,
	},
}
