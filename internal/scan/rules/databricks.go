package rules

import "github.com/git-envelope/git-envelope/internal/scan"

var databricks = []scan.Rule{
	{
		ID: "databricks-pat", Title: "Databricks personal access token", Severity: scan.Critical,
		Source:   "https://docs.databricks.com/en/dev-tools/auth/pat.html",
		Keywords: []string{"dapi"}, Pattern: `dapi[0-9a-f]{32}(?:-[0-9])?`,
	},
	{
		ID: "databricks-oauth-secret", Title: "Databricks OAuth secret", Severity: scan.Critical,
		Source:   "https://docs.databricks.com/en/dev-tools/auth/oauth-m2m.html",
		Keywords: []string{"dose"}, Pattern: `dose[0-9a-f]{32}`,
	},
}
