package rules

import "github.com/git-envelope/git-envelope/internal/scan"

var adobe = []scan.Rule{
	{
		ID: "adobe-client-secret", Title: "Adobe client secret", Severity: scan.High,
		Source:   "https://developer.adobe.com/developer-console/docs/guides/authentication/ServerToServerAuthentication/",
		Keywords: []string{"p8e-"}, Pattern: `p8e-[0-9A-Za-z_-]{32}`,
	},
}
