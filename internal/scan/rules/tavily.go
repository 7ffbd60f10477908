package rules

import (
	"github.com/git-envelope/git-envelope/internal/scan"
)

var tavily = []scan.Rule{{
	ID: "tavily-api-key", Title: "Tavily API key", Severity: scan.Medium, Source: "https://docs.tavily.com/documentation/api-reference/introduction",
	Keywords: []string{"tvly-"}, Pattern: `tvly-(?:(?:dev|prod)-)?[0-9A-Za-z]{32}`,
}}
