package rules

import "github.com/git-envelope/git-envelope/internal/scan"

var infisical = []scan.Rule{
	{
		ID: "infisical-service-token", Title: "Infisical service token", Severity: scan.Critical,
		Source:   "https://infisical.com/docs/documentation/platform/token",
		Keywords: []string{"infisical"}, Value: `st\.[0-9a-f]{24}\.[0-9a-f]{32}\.[0-9a-f]{32}`, Entropy: 3,
	},
}
