package rules

import "github.com/git-envelope/git-envelope/internal/scan"

var algolia = []scan.Rule{
	{
		ID: "algolia-api-key", Title: "Algolia API key", Severity: scan.Medium,
		Source:   "https://www.algolia.com/doc/guides/security/api-keys/",
		Keywords: []string{"algolia"}, Value: `[0-9a-f]{32}`, Entropy: 3,
	},
}
