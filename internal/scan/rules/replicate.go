package rules

import (
	"github.com/git-envelope/git-envelope/internal/scan"
)

var replicate = []scan.Rule{{
	ID: "replicate-api-token", Title: "Replicate API token", Severity: scan.High, Source: "https://replicate.com/docs/topics/security/api-tokens",
	Keywords: []string{"r8_"}, Pattern: `r8_[0-9A-Za-z]{37}`,
}}
