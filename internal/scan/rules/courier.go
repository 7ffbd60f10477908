package rules

import "github.com/git-envelope/git-envelope/internal/scan"

var courier = []scan.Rule{
	{
		ID: "courier-auth-token", Title: "Courier auth token", Severity: scan.High,
		Source:   "https://www.courier.com/docs/platform/workspaces/environments-api-keys",
		Keywords: []string{"pk_prod_"}, Pattern: `pk_prod_[0-9A-Z]{28}`,
	},
}
