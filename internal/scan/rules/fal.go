package rules

import "github.com/git-envelope/git-envelope/internal/scan"

var falAI = []scan.Rule{
	{
		ID: "fal-api-key", Title: "fal API key", Severity: scan.High,
		Source:   "https://docs.fal.ai/authentication/key-based",
		Keywords: []string{"fal_key", "fal_api", "falkey", "fal-client", "fal.ai"},
		Value:    `[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}:[0-9a-f]{32}`, Entropy: 3,
	},
}
