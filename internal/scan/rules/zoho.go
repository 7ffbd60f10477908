package rules

import (
	"github.com/git-envelope/git-envelope/internal/scan"
)

var zoho = []scan.Rule{{
	ID: "zoho-oauth-token", Title: "Zoho OAuth token", Severity: scan.High, Source: "https://www.zoho.com/accounts/protocol/oauth/use-access-token.html",
	Keywords: []string{"1000."}, Pattern: `1000\.[0-9a-f]{32}\.[0-9a-f]{32}`,
}, {
	ID: "zoho-client-secret", Title: "Zoho client secret", Severity: scan.High, Source: "https://www.zoho.com/accounts/protocol/oauth/self-client/overview.html",
	Keywords: names("zoho", "client_secret", "secret"), Value: `[0-9a-f]{42}`, Entropy: 2.7,
}}
