package rules

import (
	"github.com/git-envelope/git-envelope/internal/scan"
)

var serpAPI = []scan.Rule{{
	ID: "serpapi-key", Title: "SerpApi key", Severity: scan.Medium, Source: "https://serpapi.com/search-api",
	Keywords: []string{"serpapi", "serp_api"}, Value: `[0-9a-f]{64}`, Entropy: 2.9,
}}
