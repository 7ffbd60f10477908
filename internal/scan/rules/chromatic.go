package rules

import "github.com/git-envelope/git-envelope/internal/scan"

var chromatic = []scan.Rule{
	{
		ID: "chromatic-project-token", Title: "Chromatic project token", Severity: scan.Medium,
		Source:   "https://www.chromatic.com/docs/cli/",
		Keywords: []string{"chpt_"}, Pattern: `chpt_[0-9a-f]{12,32}`,
	},
}
