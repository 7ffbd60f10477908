package rules

import "github.com/git-envelope/git-envelope/internal/scan"

var depot = []scan.Rule{
	{
		ID: "depot-token", Title: "Depot API token", Severity: scan.High,
		Source:   "https://depot.dev/docs/cli/authentication",
		Keywords: []string{"depot_user_", "depot_org_", "depot_project_"}, Pattern: `depot_(?:user|org|project)_[0-9a-f]{64}`,
	},
}
