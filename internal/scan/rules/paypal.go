package rules

import (
	"github.com/git-envelope/git-envelope/internal/scan"
)

const payPalAuth = "https://developer.paypal.com/api/rest/authentication/"

var payPal = []scan.Rule{
	{
		ID: "paypal-client-secret", Title: "PayPal client secret", Severity: scan.Critical, Source: payPalAuth,
		Keywords: []string{"paypal"}, Value: `E[A-Z][0-9A-Za-z_-]{78}`,
	},
	{
		ID: "paypal-braintree-token", Title: "PayPal Braintree access token", Severity: scan.Critical, Source: "https://developer.paypal.com/braintree/docs/guides/extend/oauth/access-tokens",
		Keywords: []string{"access_token$production$", "access_token$sandbox$"}, Pattern: `access_token\$(?:production|sandbox)\$[0-9a-z]{16}\$[0-9a-f]{32}`,
	},
}
