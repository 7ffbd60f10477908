package rules

import "github.com/git-envelope/git-envelope/internal/scan"

var lokalise = []scan.Rule{
	{
		ID: "lokalise-token", Title: "Lokalise API token", Severity: scan.High,
		Source:   "https://developers.lokalise.com/reference/api-authentication",
		Keywords: []string{"lokalise"}, Value: `[0-9a-f]{40}`, Entropy: 3,
	},
}
