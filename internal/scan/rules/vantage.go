package rules

import (
	"github.com/git-envelope/git-envelope/internal/scan"
)

var vantage = []scan.Rule{{
	ID: "vantage-api-token", Title: "Vantage API token", Severity: scan.High, Source: "https://docs.vantage.sh/api_authentication",
	Keywords: []string{"vntg_tkn_"}, Pattern: `vntg_tkn_[0-9a-f]{40}`,
}}
