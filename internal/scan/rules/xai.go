package rules

import (
	"github.com/git-envelope/git-envelope/internal/scan"
)

var xAI = []scan.Rule{{
	ID: "xai-api-key", Title: "xAI API key", Severity: scan.High, Source: "https://docs.x.ai/docs/tutorial",
	Keywords: []string{"xai-"}, Pattern: `xai-[0-9A-Za-z]{80}`,
}}
