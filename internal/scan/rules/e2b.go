package rules

import "github.com/git-envelope/git-envelope/internal/scan"

var e2b = []scan.Rule{
	{
		ID: "e2b-api-key", Title: "E2B API key", Severity: scan.High,
		Source:   "https://e2b.dev/docs/api-key",
		Keywords: []string{"e2b_"}, Pattern: `e2b_[0-9a-f]{40}`,
	},
}
