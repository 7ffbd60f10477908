package rules

import (
	"github.com/git-envelope/git-envelope/internal/scan"
)

var transifex = []scan.Rule{{
	ID: "transifex-api-token", Title: "Transifex API token", Severity: scan.Medium, Source: "https://developers.transifex.com/reference/api-authentication",
	Keywords: []string{"transifex", "tx_token"}, Value: `1/[0-9a-f]{40}`,
}}
