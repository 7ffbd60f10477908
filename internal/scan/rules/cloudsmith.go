package rules

import "github.com/git-envelope/git-envelope/internal/scan"

var cloudsmith = []scan.Rule{
	{
		ID: "cloudsmith-api-key", Title: "Cloudsmith API key", Severity: scan.Critical,
		Source:   "https://docs.cloudsmith.com/accounts-and-teams/api-key",
		Keywords: []string{"cloudsmith"}, Value: `[0-9a-f]{40}`, Entropy: 3,
	},
}
