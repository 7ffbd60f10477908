package rules

import (
	"github.com/git-envelope/git-envelope/internal/scan"
)

var openRouter = []scan.Rule{{
	ID: "openrouter-api-key", Title: "OpenRouter API key", Severity: scan.High, Source: "https://openrouter.ai/docs/api-reference/authentication",
	Keywords: []string{"sk-or-v1-"}, Pattern: `sk-or-v1-[0-9a-f]{64}`,
}}
