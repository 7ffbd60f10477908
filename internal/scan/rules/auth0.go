package rules

import "github.com/git-envelope/git-envelope/internal/scan"

var auth0 = []scan.Rule{
	{
		ID: "auth0-client-secret", Title: "Auth0 client secret", Severity: scan.Critical,
		Source:   "https://auth0.com/docs/get-started/applications/credentials",
		Keywords: []string{"auth0"}, Value: `[0-9A-Za-z_-]{64}`, Entropy: 4,
	},
}
