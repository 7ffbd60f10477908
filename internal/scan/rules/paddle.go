package rules

import (
	"github.com/git-envelope/git-envelope/internal/scan"
)

var paddle = []scan.Rule{{
	ID: "paddle-api-key", Title: "Paddle API key", Severity: scan.Critical, Source: "https://developer.paddle.com/api-reference/about/api-keys",
	Keywords: []string{"pdl_live_apikey_", "pdl_sdbx_apikey_"}, Pattern: `pdl_(?:live|sdbx)_apikey_[0-9a-z]{26}_[0-9A-Za-z]{22}_[0-9A-Za-z]{3}`,
}, {
	ID: "paddle-webhook-secret", Title: "Paddle webhook secret", Severity: scan.High, Source: "https://developer.paddle.com/webhooks/signature-verification",
	Keywords: []string{"pdl_ntfset_"}, Pattern: `pdl_ntfset_[0-9a-z]{26}_[0-9A-Za-z+/]{32}`,
}}
