package rules

import (
	"github.com/git-envelope/git-envelope/internal/scan"
)

var ubidots = []scan.Rule{{
	ID: "ubidots-token", Title: "Ubidots token", Severity: scan.Medium, Source: "https://docs.ubidots.com/reference/authentication",
	Keywords: []string{"bbff-", "bbus-"}, Pattern: `BB(?:FF|US)-[0-9A-Za-z]{30,35}`,
}}
