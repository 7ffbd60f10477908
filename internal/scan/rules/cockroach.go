package rules

import "github.com/git-envelope/git-envelope/internal/scan"

var cockroach = []scan.Rule{
	{
		ID: "cockroachdb-cloud-key", Title: "CockroachDB Cloud API key", Severity: scan.Critical,
		Source:   "https://www.cockroachlabs.com/docs/cockroachcloud/managing-access",
		Keywords: []string{"ccdb1_"}, Pattern: `CCDB1_[0-9A-Za-z]{22}_[0-9A-Za-z]{40}`,
	},
}
