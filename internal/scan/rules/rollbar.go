package rules

import (
	"github.com/git-envelope/git-envelope/internal/scan"
)

var rollbar = []scan.Rule{{
	ID: "rollbar-access-token", Title: "Rollbar access token", Severity: scan.Medium, Source: "https://docs.rollbar.com/docs/access-tokens",
	Keywords: append(names("rollbar", "access_token", "token", "server", "api", "post"), "x-rollbar-access-token"), Value: `[0-9a-f]{32}`, Entropy: 2.7,
}}
