package rules

import "github.com/git-envelope/git-envelope/internal/scan"

var browserbase = []scan.Rule{
	{
		ID: "browserbase-api-key", Title: "Browserbase API key", Severity: scan.High,
		Source:   "https://docs.browserbase.com/reference/api/overview",
		Keywords: []string{"bb_live_"}, Pattern: `bb_live_[0-9A-Za-z_-]{27,40}`,
	},
}
