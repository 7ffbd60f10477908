package rules

import "github.com/git-envelope/git-envelope/internal/scan"

var bunny = []scan.Rule{
	{
		ID: "bunny-api-key", Title: "bunny.net API key", Severity: scan.High,
		Source:   "https://docs.bunny.net/docs/bunnynet-api-overview",
		Keywords: []string{"bunny"}, Value: `[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{20}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}`, Entropy: 3,
	},
}
