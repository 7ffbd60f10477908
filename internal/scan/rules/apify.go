package rules

import "github.com/git-envelope/git-envelope/internal/scan"

var apify = []scan.Rule{
	{
		ID: "apify-token", Title: "Apify API token", Severity: scan.High,
		Source:   "https://docs.apify.com/platform/integrations/api#api-token",
		Keywords: []string{"apify_api_"}, Pattern: `apify_api_[0-9A-Za-z]{34,40}`,
	},
}
