package rules

import "github.com/git-envelope/git-envelope/internal/scan"

var linear = []scan.Rule{
	{
		ID: "linear-api-key", Title: "Linear API key", Severity: scan.High,
		Source:   "https://linear.app/developers/graphql",
		Keywords: []string{"lin_api_"}, Pattern: `lin_api_[0-9A-Za-z]{40}`,
	},
	{
		ID: "linear-oauth-token", Title: "Linear OAuth token", Severity: scan.High,
		Source:   "https://linear.app/developers/graphql",
		Keywords: []string{"lin_oauth_"}, Pattern: `lin_oauth_[0-9a-f]{64}`,
	},
	{
		ID: "linear-webhook-secret", Title: "Linear webhook signing secret", Severity: scan.Medium,
		Source:   "https://linear.app/developers/graphql",
		Keywords: []string{"lin_wh_"}, Pattern: `lin_wh_[0-9A-Za-z]{40}`,
	},
}
