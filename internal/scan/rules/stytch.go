package rules

import (
	"github.com/git-envelope/git-envelope/internal/scan"
)

var stytch = []scan.Rule{{
	ID: "stytch-secret", Title: "Stytch project secret", Severity: scan.High, Source: "https://stytch.com/docs/api/authentication",
	Keywords: []string{"secret-live-", "secret-test-"}, Pattern: `secret-(?:live|test)-[0-9A-Za-z_-]{35}=`,
}}
