package rules

import (
	"github.com/git-envelope/git-envelope/internal/scan"
)

var postHog = []scan.Rule{{
	ID: "posthog-api-key", Title: "PostHog personal or secret API key", Severity: scan.High, Source: "https://posthog.com/docs/api#private-endpoint-authentication",
	Keywords: []string{"phx_", "phs_"}, Pattern: `ph[sx]_[0-9A-Za-z_]{40,64}`, Entropy: 3.5,
}}
