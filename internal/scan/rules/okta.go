package rules

import (
	"github.com/git-envelope/git-envelope/internal/scan"
)

const oktaTokens = "https://developer.okta.com/docs/guides/create-an-api-token/main/"

var okta = []scan.Rule{
	{
		ID: "okta-api-token", Title: "Okta API token", Severity: scan.Critical, Source: oktaTokens,
		Keywords: []string{"okta", "ssws "}, Pattern: `(00[0-9A-Za-z_-]{40})`, Entropy: 3.5,
		Match: []string{"OKTA_API_TOKEN={}\n", "Authorization: SSWS {}\n"},
		Miss:  []string{"KEY={}\n"},
	},
	{
		ID: "okta-client-secret", Title: "Okta client secret", Severity: scan.High, Source: "https://developer.okta.com/docs/guides/client-secret-rotation-key/main/",
		Keywords: names("okta", "client_secret", "oauth2_client_secret", "secret"), Value: `[0-9A-Za-z_-]{40}|[0-9A-Za-z_-]{64}`, Entropy: 3.5,
	},
}
