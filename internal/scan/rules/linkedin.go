package rules

import "github.com/git-envelope/git-envelope/internal/scan"

var linkedIn = []scan.Rule{
	{
		ID: "linkedin-client-secret", Title: "LinkedIn client secret", Severity: scan.High,
		Source:   "https://learn.microsoft.com/en-us/linkedin/shared/authentication/authentication",
		Keywords: []string{"linkedin"}, Value: `[0-9A-Za-z]{16}`, Entropy: 3,
	},
	{
		ID: "linkedin-primary-secret", Title: "LinkedIn primary client secret", Severity: scan.High,
		Source:   "https://learn.microsoft.com/en-us/linkedin/shared/authentication/authentication",
		Keywords: []string{"wpl_ap1."}, Pattern: `WPL_AP1\.[0-9A-Za-z]{16}\.[0-9A-Za-z+/]{6}==`,
	},
}
