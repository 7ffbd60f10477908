package rules

import "github.com/git-envelope/git-envelope/internal/scan"

var astra = []scan.Rule{
	{
		ID: "datastax-astra-token", Title: "DataStax Astra application token", Severity: scan.Critical,
		Source:   "https://docs.datastax.com/en/astra-db-serverless/administration/manage-application-tokens.html",
		Keywords: []string{"astracs:"}, Pattern: `AstraCS:[0-9A-Za-z]{24}:[0-9a-f]{64}`,
	},
}
