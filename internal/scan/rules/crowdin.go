package rules

import "github.com/git-envelope/git-envelope/internal/scan"

var crowdin = []scan.Rule{
	{
		ID: "crowdin-token", Title: "Crowdin personal access token", Severity: scan.High,
		Source:   "https://support.crowdin.com/developer/authorization/",
		Keywords: []string{"crowdin"}, Value: `[0-9a-f]{80}`, Entropy: 3,
	},
}
