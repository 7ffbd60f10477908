package rules

import (
	"github.com/git-envelope/git-envelope/internal/scan"
)

var scrapfly = []scan.Rule{{
	ID: "scrapfly-api-key", Title: "Scrapfly API key", Severity: scan.Medium, Source: "https://scrapfly.io/docs/scrape-api/getting-started",
	Keywords: []string{"scp-live-", "scp-test-"}, Pattern: `scp-(?:live|test)-[0-9a-f]{32}`,
}}
