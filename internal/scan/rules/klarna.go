package rules

import "github.com/git-envelope/git-envelope/internal/scan"

var klarna = []scan.Rule{
	{
		ID: "klarna-api-key", Title: "Klarna API key", Severity: scan.Critical,
		Source:   "https://docs.klarna.com/acquirer/klarna/get-started/integration-resilience/authentication/",
		Keywords: []string{"klarna_live_api_", "klarna_test_api_"}, Pattern: `klarna_(?:live|test)_api_[0-9A-Za-z_-]{24,200}`,
	},
}
