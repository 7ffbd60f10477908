package rules

import (
	"github.com/git-envelope/git-envelope/internal/scan"
)

var tinybird = []scan.Rule{{
	ID: "tinybird-token", Title: "Tinybird token", Severity: scan.High, Source: "https://www.tinybird.co/docs/forward/administration/tokens",
	Keywords: []string{"p.eyj1ijoi"}, Pattern: `p\.eyJ1Ijoi[0-9A-Za-z_-]{40,300}\.[0-9A-Za-z_-]{43}`,
}}
