package rules

import (
	"github.com/git-envelope/git-envelope/internal/scan"
)

var typeform = []scan.Rule{{
	ID: "typeform-token", Title: "Typeform personal access token", Severity: scan.Medium, Source: "https://www.typeform.com/developers/get-started/personal-access-token/",
	Keywords: []string{"tfp_"}, Pattern: `tfp_[0-9A-Za-z]{40,44}_[0-9A-Za-z]{14,18}`,
}}
