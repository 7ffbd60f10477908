package rules

import "github.com/git-envelope/git-envelope/internal/scan"

var braintree = []scan.Rule{
	{
		ID: "braintree-access-token", Title: "Braintree access token", Severity: scan.Critical,
		Source:   "https://developer.paypal.com/braintree/articles/control-panel/important-gateway-credentials",
		Keywords: []string{"access_token$"}, Pattern: `access_token\$(?:production|sandbox)\$[0-9a-z]{16}\$[0-9a-f]{32}`,
	},
	{
		ID: "braintree-private-key", Title: "Braintree private key", Severity: scan.Critical,
		Source:   "https://developer.paypal.com/braintree/articles/control-panel/important-gateway-credentials",
		Keywords: []string{"braintree"}, Value: `[0-9a-f]{32}`, Entropy: 3,
	},
}
