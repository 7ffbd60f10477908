package rules

import "github.com/git-envelope/git-envelope/internal/scan"

var honeybadger = []scan.Rule{
	{
		ID: "honeybadger-key", Title: "Honeybadger API key", Severity: scan.Medium,
		Source:   "https://docs.honeybadger.io/api/getting-started/",
		Keywords: []string{"hbp_"}, Pattern: `hbp_[0-9A-Za-z]{36}`,
	},
}
