package rules

import "github.com/git-envelope/git-envelope/internal/scan"

var jotform = []scan.Rule{
	{
		ID: "jotform-api-key", Title: "Jotform API key", Severity: scan.Medium,
		Source:   "https://api.jotform.com/docs/#authentication",
		Keywords: []string{"jotform"}, Value: `[0-9a-f]{32}`, Entropy: 3,
	},
}
