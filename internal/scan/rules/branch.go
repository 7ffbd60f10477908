package rules

import "github.com/git-envelope/git-envelope/internal/scan"

var branchIO = []scan.Rule{
	{
		ID: "branch-secret", Title: "Branch secret", Severity: scan.Medium,
		Source:   "https://help.branch.io/developers-hub/docs/branch-key-and-secret",
		Keywords: []string{"secret_live_", "secret_test_"}, Pattern: `secret_(?:live|test)_[0-9A-Za-z]{32}`,
	},
}
