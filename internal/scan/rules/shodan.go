package rules

import (
	"github.com/git-envelope/git-envelope/internal/scan"
)

var shodan = []scan.Rule{{
	ID: "shodan-api-key", Title: "Shodan API key", Severity: scan.Low, Source: "https://developer.shodan.io/api/requirements",
	Keywords: []string{"shodan"}, Value: `[0-9A-Za-z]{32}`, Entropy: 3.3,
}}
