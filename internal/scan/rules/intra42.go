package rules

import "github.com/git-envelope/git-envelope/internal/scan"

var intra42 = []scan.Rule{
	{
		ID: "intra42-client-secret", Title: "42 Intra client secret", Severity: scan.High,
		Source:   "https://api.intra.42.fr/apidoc/guides/getting_started",
		Keywords: []string{"s-s4t2"}, Pattern: `s-s4t2(?:ud|af)-[0-9a-f]{64}`,
	},
}
