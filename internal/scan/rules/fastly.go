package rules

import "github.com/git-envelope/git-envelope/internal/scan"

var fastly = []scan.Rule{
	{
		ID: "fastly-api-token", Title: "Fastly API token", Severity: scan.Critical,
		Source:   "https://docs.fastly.com/en/guides/using-api-tokens",
		Keywords: []string{"fastly"}, Value: `[0-9A-Za-z_-]{32}`, Entropy: 4,
	},
}
