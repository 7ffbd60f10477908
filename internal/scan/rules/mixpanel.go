package rules

import "github.com/git-envelope/git-envelope/internal/scan"

var mixpanel = []scan.Rule{
	{
		ID: "mixpanel-secret", Title: "Mixpanel API secret", Severity: scan.Medium,
		Source:   "https://developer.mixpanel.com/reference/project-secret",
		Keywords: []string{"mixpanel_secret", "mixpanel_api_secret", "mixpanelsecret"}, Value: `[0-9a-f]{32}`, Entropy: 3,
	},
}
