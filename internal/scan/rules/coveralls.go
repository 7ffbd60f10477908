package rules

import "github.com/git-envelope/git-envelope/internal/scan"

var coveralls = []scan.Rule{
	{
		ID: "coveralls-repo-token", Title: "Coveralls repository token", Severity: scan.Medium,
		Source:   "https://docs.coveralls.io/api-introduction",
		Keywords: []string{"coveralls"}, Value: `[0-9A-Za-z]{32,37}`, Entropy: 3,
	},
}
