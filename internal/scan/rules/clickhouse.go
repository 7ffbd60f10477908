package rules

import "github.com/git-envelope/git-envelope/internal/scan"

var clickhouse = []scan.Rule{
	{
		ID: "clickhouse-cloud-secret", Title: "ClickHouse Cloud API secret", Severity: scan.Critical,
		Source:   "https://clickhouse.com/docs/cloud/manage/openapi",
		Keywords: []string{"4b1d"}, Pattern: `4b1d[0-9A-Za-z]{38}`, Entropy: 3.5,
	},
}
