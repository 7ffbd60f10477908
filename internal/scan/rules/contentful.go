package rules

import "github.com/git-envelope/git-envelope/internal/scan"

var contentful = []scan.Rule{
	{
		ID: "contentful-pat", Title: "Contentful personal access token", Severity: scan.High,
		Source:   "https://www.contentful.com/developers/docs/references/authentication/",
		Keywords: []string{"cfpat-"}, Pattern: `CFPAT-[0-9A-Za-z_-]{43}`,
	},
	{
		ID: "contentful-delivery-token", Title: "Contentful delivery or preview token", Severity: scan.Low,
		Source:   "https://www.contentful.com/developers/docs/references/authentication/",
		Keywords: []string{"contentful"}, Value: `[0-9A-Za-z_-]{43}`, Entropy: 4,
	},
}
