package rules

import (
	"github.com/git-envelope/git-envelope/internal/scan"
)

var rootly = []scan.Rule{{
	ID: "rootly-api-key", Title: "Rootly API key", Severity: scan.High, Source: "https://docs.rootly.com/api-reference/overview",
	Keywords: []string{"rootly_"}, Pattern: `rootly_[0-9a-f]{64}`,
}}
