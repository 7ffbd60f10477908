package rules

import "github.com/git-envelope/git-envelope/internal/scan"

var cohere = []scan.Rule{
	{
		ID: "cohere-api-key", Title: "Cohere API key", Severity: scan.High,
		Source:   "https://docs.cohere.com/reference/about",
		Keywords: []string{"cohere", "co_api_key"}, Value: `[0-9A-Za-z]{40}`, Entropy: 4,
	},
}
