package rules

import "github.com/git-envelope/git-envelope/internal/scan"

var brave = []scan.Rule{
	{
		ID: "brave-search-key", Title: "Brave Search API key", Severity: scan.Medium,
		Source:   "https://api-dashboard.search.brave.com/app/documentation/web-search/get-started",
		Keywords: []string{"brave"}, Value: `BSA[0-9A-Za-z_-]{24,28}`, Entropy: 3,
	},
}
