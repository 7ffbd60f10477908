package rules

import (
	"github.com/git-envelope/git-envelope/internal/scan"
)

var perplexity = []scan.Rule{{
	ID: "perplexity-api-key", Title: "Perplexity API key", Severity: scan.High, Source: "https://docs.perplexity.ai/getting-started/quickstart",
	Keywords: []string{"pplx-"}, Pattern: `pplx-[0-9A-Za-z]{48}`,
}}
