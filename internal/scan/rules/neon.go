package rules

import (
	"github.com/git-envelope/git-envelope/internal/scan"
)

var neon = []scan.Rule{{
	ID: "neon-api-key", Title: "Neon API key", Severity: scan.Critical, Source: "https://neon.tech/docs/manage/api-keys",
	Keywords: []string{"napi_"}, Pattern: `napi_[0-9a-z]{64}`,
}}
