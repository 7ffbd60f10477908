package rules

import (
	"github.com/git-envelope/git-envelope/internal/scan"
)

var nylas = []scan.Rule{{
	ID: "nylas-api-key", Title: "Nylas API key", Severity: scan.High, Source: "https://developer.nylas.com/docs/v3/auth/",
	Keywords: []string{"nyk_v0_"}, Pattern: `nyk_v0_[0-9A-Za-z]{64}`,
}}
