package rules

import "github.com/git-envelope/git-envelope/internal/scan"

var firecrawl = []scan.Rule{
	{
		ID: "firecrawl-api-key", Title: "Firecrawl API key", Severity: scan.Medium,
		Source:   "https://docs.firecrawl.dev/api-reference/introduction",
		Keywords: []string{"firecrawl"}, Value: `fc-[0-9a-f]{32}`, Entropy: 3,
	},
}
