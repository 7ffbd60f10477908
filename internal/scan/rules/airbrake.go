package rules

import "github.com/git-envelope/git-envelope/internal/scan"

var airbrake = []scan.Rule{
	{
		ID: "airbrake-key", Title: "Airbrake project or user key", Severity: scan.Medium,
		Source:   "https://docs.airbrake.io/docs/devops-tools/api/",
		Keywords: []string{"airbrake"}, Value: `[0-9a-f]{32}|[0-9a-f]{40}`, Entropy: 3,
	},
}
