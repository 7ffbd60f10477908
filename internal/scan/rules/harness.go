package rules

import "github.com/git-envelope/git-envelope/internal/scan"

var harness = []scan.Rule{
	{
		ID: "harness-token", Title: "Harness personal or service account token", Severity: scan.Critical,
		Source:   "https://developer.harness.io/docs/platform/automation/api/add-and-manage-api-keys/",
		Keywords: []string{"harness"}, Value: `[ps]at\.[0-9A-Za-z_-]{22}\.[0-9a-f]{24}\.[0-9A-Za-z]{20}`, Entropy: 3,
	},
}
