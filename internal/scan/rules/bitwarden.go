package rules

import "github.com/git-envelope/git-envelope/internal/scan"

var bitwarden = []scan.Rule{
	{
		ID: "bitwarden-access-token", Title: "Bitwarden Secrets Manager access token", Severity: scan.Critical,
		Source:   "https://bitwarden.com/help/access-tokens/",
		Keywords: []string{"bws_access_token", "bitwarden", "bws "},
		Value:    `0\.[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\.[0-9A-Za-z]{30}:[0-9A-Za-z+/]{22}==`, Entropy: 3,
	},
	{
		ID: "bitwarden-client-secret", Title: "Bitwarden API client secret", Severity: scan.Critical,
		Source:   "https://bitwarden.com/help/personal-api-key/",
		Keywords: []string{"bw_clientsecret", "bitwarden"}, Value: `[0-9A-Za-z]{30}`, Entropy: 3.5,
	},
}
