package rules

import "github.com/git-envelope/git-envelope/internal/scan"

var meilisearch = []scan.Rule{
	{
		ID: "meilisearch-key", Title: "Meilisearch API key", Severity: scan.High,
		Source:   "https://www.meilisearch.com/docs/learn/security/basic_security",
		Keywords: []string{"meili"}, Value: `[0-9a-f]{64}`, Entropy: 3,
	},
}
