package rules

import "github.com/git-envelope/git-envelope/internal/scan"

var codecov = []scan.Rule{
	{
		ID: "codecov-token", Title: "Codecov upload token", Severity: scan.Medium,
		Source:   "https://docs.codecov.com/docs/codecov-tokens",
		Keywords: []string{"codecov"}, Value: `[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}`, Entropy: 3,
	},
}
