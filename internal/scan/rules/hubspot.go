package rules

import "github.com/git-envelope/git-envelope/internal/scan"

var hubspot = []scan.Rule{
	{
		ID: "hubspot-private-app-token", Title: "HubSpot private app token", Severity: scan.Critical,
		Source:   "https://developers.hubspot.com/docs/guides/apps/private-apps/overview",
		Keywords: []string{"pat-na1-", "pat-na2-", "pat-na3-", "pat-eu1-", "pat-ap1-"},
		Pattern:  `pat-(?:na[123]|eu1|ap1)-[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}`,
	},
	{
		ID: "hubspot-api-key", Title: "HubSpot API key", Severity: scan.High,
		Source:   "https://developers.hubspot.com/docs/guides/apps/private-apps/overview",
		Keywords: []string{"hubspot", "hapikey"}, Value: `[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}`, Entropy: 3,
	},
}
