package rules

import "github.com/git-envelope/git-envelope/internal/scan"

var loggly = []scan.Rule{
	{
		ID: "loggly-token", Title: "Loggly customer token", Severity: scan.Medium,
		Source:   "https://documentation.solarwinds.com/en/success_center/loggly/content/admin/customer-token-authentication-token.htm",
		Keywords: []string{"loggly"}, Value: `[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}`, Entropy: 3,
	},
}
