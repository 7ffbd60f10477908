package rules

import "github.com/git-envelope/git-envelope/internal/scan"

var mezmo = []scan.Rule{
	{
		ID: "mezmo-key", Title: "Mezmo (LogDNA) key", Severity: scan.Medium,
		Source:   "https://docs.mezmo.com/docs/ingestion-key",
		Keywords: []string{"logdna", "mezmo"}, Value: `[0-9a-f]{32}`, Entropy: 3,
	},
}
