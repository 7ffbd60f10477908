package rules

import "github.com/git-envelope/git-envelope/internal/scan"

var maxMind = []scan.Rule{
	{
		ID: "maxmind-license-key", Title: "MaxMind license key", Severity: scan.Medium,
		Source:   "https://dev.maxmind.com/license-keys/",
		Keywords: []string{"_mmk"}, Pattern: `[0-9A-Za-z]{6}_[0-9A-Za-z]{29}_mmk`,
	},
}
