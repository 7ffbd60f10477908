package rules

import "github.com/git-envelope/git-envelope/internal/scan"

var calCom = []scan.Rule{
	{
		ID: "cal-com-api-key", Title: "Cal.com API key", Severity: scan.Medium,
		Source:   "https://cal.com/docs/api-reference/v2/introduction",
		Keywords: []string{"cal_live_"}, Pattern: `cal_live_[0-9a-f]{32}`,
	},
}
