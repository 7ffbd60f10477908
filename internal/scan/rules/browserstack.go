package rules

import "github.com/git-envelope/git-envelope/internal/scan"

var browserstack = []scan.Rule{
	{
		ID: "browserstack-access-key", Title: "BrowserStack access key", Severity: scan.Medium,
		Source:   "https://www.browserstack.com/docs/automate/api-reference/selenium/authentication",
		Keywords: []string{"browserstack"}, Value: `[0-9A-Za-z]{20}`, Entropy: 3,
	},
}
