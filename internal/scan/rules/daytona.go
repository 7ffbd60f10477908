package rules

import "github.com/git-envelope/git-envelope/internal/scan"

var daytona = []scan.Rule{
	{
		ID: "daytona-api-key", Title: "Daytona API key", Severity: scan.High,
		Source:   "https://www.daytona.io/docs/en/api-keys/",
		Keywords: []string{"dtn_"}, Pattern: `dtn_[0-9a-f]{64}`,
	},
}
