package rules

import "github.com/git-envelope/git-envelope/internal/scan"

var honeycomb = []scan.Rule{
	{
		ID: "honeycomb-ingest-key", Title: "Honeycomb ingest key", Severity: scan.Medium,
		Source:   "https://docs.honeycomb.io/configure/environments/manage-api-keys/",
		Keywords: []string{"hcaik_", "hcbik_", "hccik_", "hcxik_"}, Pattern: `hc[abcx]ik_[0-9a-z]{58}`,
	},
	{
		ID: "honeycomb-api-key", Title: "Honeycomb configuration key", Severity: scan.High,
		Source:   "https://docs.honeycomb.io/configure/environments/manage-api-keys/",
		Keywords: []string{"honeycomb"}, Value: `[0-9A-Za-z]{22}|[0-9a-f]{32}`, Entropy: 3,
	},
}
