package rules

import "github.com/git-envelope/git-envelope/internal/scan"

var amazon = []scan.Rule{
	{
		ID: "amazon-mws-token", Title: "Amazon MWS authorization token", Severity: scan.High,
		Source:   "https://developer-docs.amazon.com/sp-api/docs/viewing-your-application-information-and-credentials",
		Keywords: []string{"amzn.mws."}, Pattern: `amzn\.mws\.[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}`,
	},
	{
		ID: "amazon-lwa-client-secret", Title: "Login with Amazon client secret", Severity: scan.High,
		Source:   "https://developer-docs.amazon.com/sp-api/docs/viewing-your-application-information-and-credentials",
		Keywords: []string{"amzn1.oa2-cs."}, Pattern: `amzn1\.oa2-cs\.v1\.[0-9a-f]{64}`,
	},
	{
		ID: "amazon-lwa-refresh-token", Title: "Login with Amazon refresh token", Severity: scan.High,
		Source:   "https://developer-docs.amazon.com/sp-api/docs/viewing-your-application-information-and-credentials",
		Keywords: []string{"atzr|"}, Pattern: `Atzr\|[0-9A-Za-z_-]{100,}`, Reach: 4096,
	},
}
