package rules

import (
	"github.com/git-envelope/git-envelope/internal/scan"
)

const plaidKeys = "https://plaid.com/docs/quickstart/glossary/"

var plaid = []scan.Rule{
	{
		ID: "plaid-access-token", Title: "Plaid access token", Severity: scan.Critical, Source: plaidKeys,
		Keywords: []string{"access-production-", "access-development-", "access-sandbox-"}, Pattern: `access-(?:production|development|sandbox)-` + uuid,
	},
	{
		ID: "plaid-secret", Title: "Plaid secret", Severity: scan.Critical, Source: plaidKeys,
		Keywords: append(names("plaid", "secret", "key", "api", "client_secret"), "plaid_production", "plaid_sandbox", "plaid_development"), Value: `[0-9a-f]{30}`, Entropy: 2.7,
	},
}
