package rules

import "github.com/git-envelope/git-envelope/internal/scan"

var groq = []scan.Rule{
	{
		ID: "groq-api-key", Title: "Groq API key", Severity: scan.High,
		Source:   "https://console.groq.com/docs/api-reference",
		Keywords: []string{"gsk_"}, Pattern: `gsk_[0-9A-Za-z]{52}`,
	},
}
