package rules

import (
	"github.com/git-envelope/git-envelope/internal/scan"
)

var onfido = []scan.Rule{{
	ID: "onfido-api-token", Title: "Onfido API token", Severity: scan.High, Source: "https://documentation.onfido.com/api/latest/#api-tokens",
	Keywords: []string{"api_live", "api_sandbox"}, Pattern: `api_(?:live|sandbox)(?:_[a-z]{2})?\.[0-9A-Za-z_-]{11}\.[0-9A-Za-z_-]{32}`,
}}
