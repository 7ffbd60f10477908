package rules

import "github.com/git-envelope/git-envelope/internal/scan"

var mistral = []scan.Rule{
	{
		ID: "mistral-api-key", Title: "Mistral API key", Severity: scan.High,
		Source:   "https://docs.mistral.ai/api/",
		Keywords: []string{"mistral"}, Value: `[0-9A-Za-z]{32}`, Entropy: 3.8,
	},
}
