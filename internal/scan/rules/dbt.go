package rules

import "github.com/git-envelope/git-envelope/internal/scan"

var dbt = []scan.Rule{
	{
		ID: "dbt-cloud-token", Title: "dbt Cloud token", Severity: scan.High,
		Source:   "https://docs.getdbt.com/docs/dbt-cloud-apis/service-tokens",
		Keywords: []string{"dbtc_", "dbtu_"}, Pattern: `dbt[cu]_[0-9A-Za-z_-]{40,60}`,
	},
}
