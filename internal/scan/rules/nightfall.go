package rules

import (
	"github.com/git-envelope/git-envelope/internal/scan"
)

var nightfall = []scan.Rule{{
	ID: "nightfall-api-key", Title: "Nightfall API key", Severity: scan.High, Source: "https://help.nightfall.ai/developer-api/introduction/getting-started",
	Keywords: names("nightfall"), Value: `NF-[0-9A-Za-z]{32}`,
}}
