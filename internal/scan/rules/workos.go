package rules

import (
	"github.com/git-envelope/git-envelope/internal/scan"
)

var workOS = []scan.Rule{{
	ID: "workos-api-key", Title: "WorkOS API key", Severity: scan.Critical, Source: "https://workos.com/docs/reference/api-authentication",
	// Behind the prefix is base64 of key_01.
	Keywords: []string{"sk_live_a2v5x", "sk_test_a2v5x"}, Pattern: `sk_(?:live|test)_a2V5X[0-9A-Za-z]{40,120}`,
}}
