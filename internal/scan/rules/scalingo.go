package rules

import (
	"github.com/git-envelope/git-envelope/internal/scan"
)

var scalingo = []scan.Rule{{
	ID: "scalingo-api-token", Title: "Scalingo API token", Severity: scan.High, Source: "https://developers.scalingo.com/tokens",
	Keywords: []string{"tk-us-"}, Pattern: `tk-us-[0-9A-Za-z_-]{48}`,
}}
