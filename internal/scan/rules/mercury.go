package rules

import "github.com/git-envelope/git-envelope/internal/scan"

var mercury = []scan.Rule{
	{
		ID: "mercury-api-token", Title: "Mercury API token", Severity: scan.Critical,
		Source:   "https://docs.mercury.com/reference/getting-started-with-your-api",
		Keywords: []string{"mercury_production_", "mercury_sandbox_"}, Pattern: `mercury_(?:production|sandbox)_[0-9a-z]{3,6}_[0-9A-Za-z_]{20,80}`,
	},
}
