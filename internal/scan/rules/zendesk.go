package rules

import (
	"github.com/git-envelope/git-envelope/internal/scan"
)

var zendesk = []scan.Rule{{
	ID: "zendesk-api-token", Title: "Zendesk API token", Severity: scan.High, Source: "https://developer.zendesk.com/api-reference/introduction/security-and-auth/",
	Keywords: names("zendesk"), Value: `[0-9A-Za-z]{40}|[0-9a-f]{64}`, Entropy: 3,
}}
