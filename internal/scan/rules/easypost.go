package rules

import "github.com/git-envelope/git-envelope/internal/scan"

var easypost = []scan.Rule{
	{
		ID: "easypost-production-key", Title: "EasyPost production API key", Severity: scan.High,
		Source:   "https://docs.easypost.com/docs/authentication",
		Keywords: []string{"ezak"}, Pattern: `EZAK[0-9A-Za-z]{54}`, Entropy: 3.5,
	},
	{
		ID: "easypost-test-key", Title: "EasyPost test API key", Severity: scan.Low,
		Source:   "https://docs.easypost.com/docs/authentication",
		Keywords: []string{"eztk"}, Pattern: `EZTK[0-9A-Za-z]{54}`, Entropy: 3.5,
	},
}
