package rules

import (
	"github.com/git-envelope/git-envelope/internal/scan"
)

var paystack = []scan.Rule{{
	ID: "paystack-secret-key", Title: "Paystack secret key", Severity: scan.Critical, Source: "https://paystack.com/docs/api/authentication/",
	Keywords: []string{"sk_live_", "sk_test_"}, Pattern: `sk_(?:live|test)_[0-9a-f]{40}`,
}}
