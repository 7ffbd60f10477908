package rules

import "github.com/git-envelope/git-envelope/internal/scan"

var iterable = []scan.Rule{
	{
		ID: "iterable-api-key", Title: "Iterable API key", Severity: scan.High,
		Source:   "https://support.iterable.com/hc/en-us/articles/360043464871-API-Keys",
		Keywords: []string{"iterable_api", "iterable_key", "iterableapi", "api.iterable.com"}, Value: `[0-9a-f]{32}`, Entropy: 3,
	},
}
