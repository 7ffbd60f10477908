package rules

import "github.com/git-envelope/git-envelope/internal/scan"

var mattermost = []scan.Rule{
	{
		ID: "mattermost-token", Title: "Mattermost access token", Severity: scan.High,
		Source:   "https://developers.mattermost.com/integrate/reference/personal-access-token/",
		Keywords: []string{"mattermost"}, Value: `[0-9a-z]{26}`, Entropy: 3,
	},
}
