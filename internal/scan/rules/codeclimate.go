package rules

import "github.com/git-envelope/git-envelope/internal/scan"

var codeclimate = []scan.Rule{
	{
		ID: "codeclimate-reporter-id", Title: "Code Climate test reporter id", Severity: scan.Low,
		Source:   "https://docs.codeclimate.com/docs/finding-your-test-coverage-token",
		Keywords: []string{"codeclimate", "cc_test_reporter_id"}, Value: `[0-9a-f]{64}`, Entropy: 3,
	},
}
