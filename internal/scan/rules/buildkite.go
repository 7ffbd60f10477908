package rules

import "github.com/git-envelope/git-envelope/internal/scan"

var buildkite = []scan.Rule{
	{
		ID: "buildkite-api-token", Title: "Buildkite API access token", Severity: scan.Critical,
		Source:   "https://buildkite.com/docs/platform/security/tokens",
		Keywords: []string{"bkua_"}, Pattern: `bkua_[0-9a-f]{40}`,
	},
	{
		ID: "buildkite-cluster-token", Title: "Buildkite cluster agent token", Severity: scan.Critical,
		Source:   "https://buildkite.com/docs/platform/security/tokens",
		Keywords: []string{"bkct_"}, Pattern: `bkct_[0-9A-Za-z_-]{30,200}`,
	},
	{
		ID: "buildkite-agent-token", Title: "Buildkite agent token", Severity: scan.Critical,
		Source:   "https://buildkite.com/docs/platform/security/tokens",
		Keywords: []string{"buildkite"}, Value: `[0-9a-f]{50}`, Entropy: 3,
	},
}
