package rules

import (
	"github.com/git-envelope/git-envelope/internal/scan"
)

var shippo = []scan.Rule{{
	ID: "shippo-api-token", Title: "Shippo API token", Severity: scan.High, Source: "https://docs.goshippo.com/docs/guides_general/authentication/",
	Keywords: []string{"shippo_live_", "shippo_test_"}, Pattern: `shippo_(?:live|test)_[0-9a-f]{40}`,
}}
