package rules

import "github.com/git-envelope/git-envelope/internal/scan"

var betterstack = []scan.Rule{
	{
		ID: "betterstack-token", Title: "Better Stack API token", Severity: scan.Medium,
		Source:   "https://betterstack.com/docs/uptime/api/getting-started-with-uptime-api/",
		Keywords: []string{"betterstack", "better_stack", "betteruptime", "better_uptime", "logtail"}, Value: `[0-9A-Za-z]{24}`, Entropy: 3, Check: drawn,
	},
}
