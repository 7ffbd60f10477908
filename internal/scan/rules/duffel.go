package rules

import "github.com/git-envelope/git-envelope/internal/scan"

var duffel = []scan.Rule{
	{
		ID: "duffel-access-token", Title: "Duffel access token", Severity: scan.High,
		Source:   "https://duffel.com/docs/api/overview/authentication",
		Keywords: []string{"duffel_live_", "duffel_test_"}, Pattern: `duffel_(?:live|test)_[0-9A-Za-z_=-]{43}`,
	},
}
