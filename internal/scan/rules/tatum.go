package rules

import (
	"github.com/git-envelope/git-envelope/internal/scan"
)

var tatum = []scan.Rule{{
	ID: "tatum-api-key", Title: "Tatum API key", Severity: scan.Medium, Source: "https://docs.tatum.io/docs/authentication",
	Keywords: []string{"tatum"}, Value: `t-[0-9a-f]{24}-[0-9a-f]{24}`,
}}
