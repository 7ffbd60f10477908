package rules

import "github.com/git-envelope/git-envelope/internal/scan"

var helicone = []scan.Rule{
	{
		ID: "helicone-api-key", Title: "Helicone API key", Severity: scan.Medium,
		Source:   "https://docs.helicone.ai/helicone-headers/helicone-auth",
		Keywords: []string{"sk-helicone-"}, Pattern: `sk-helicone-[0-9a-z-]{24,60}`,
	},
}
