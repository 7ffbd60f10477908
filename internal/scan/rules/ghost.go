package rules

import "github.com/git-envelope/git-envelope/internal/scan"

var ghost = []scan.Rule{
	{
		ID: "ghost-admin-key", Title: "Ghost Admin API key", Severity: scan.High,
		Source:   "https://ghost.org/docs/admin-api/#token-authentication",
		Keywords: []string{"ghost"}, Value: `[0-9a-f]{24}:[0-9a-f]{64}`, Entropy: 3,
	},
}
